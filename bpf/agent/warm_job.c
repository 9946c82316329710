// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "warm_job.h"

#include <stdlib.h>

#include "warm.h"

static void load_work(struct job *job)
{
	(void)job;
	warm_program();
}

static void process_work(struct job *job)
{
	(void)job;
	warm_process();
}

static void all_done(struct job *job)
{
	struct session *session = job->session;

	free(job);
	session_check_bye(session);
}

/* The second step is for an idle session only. */
static void load_done(struct job *job)
{
	struct session *session = job->session;

	if (session->jobs.count || session->bye_id >= 0) {
		all_done(job);
		return;
	}
	job->work = process_work;
	job->done = all_done;
	job_submit(&session->jobs, job);
}

void warm_start(struct session *session)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return;
	*job = (struct job){ .session = session, .work = load_work, .done = load_done };
	job_submit(&session->jobs, job);
}
