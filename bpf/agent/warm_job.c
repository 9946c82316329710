// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "warm_job.h"

#include <stdlib.h>

#include "warm.h"

static void work(struct job *job)
{
	(void)job;
	warm_first_cell();
}

static void done(struct job *job)
{
	struct session *session = job->session;

	free(job);
	session_check_bye(session);
}

void warm_start(struct session *session)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return;
	*job = (struct job){ .session = session, .work = work, .done = done };
	job_submit(&session->jobs, job);
}
