// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verb `detach`. */
#include <errno.h>
#include <stdlib.h>

#include "attachment.h"
#include "errors.h"
#include "request.h"
#include "run.h"

struct detach_job {
	struct job job;
	struct run *run;
	struct attachment *attachment;
	long long request_id;
};

static void work(struct job *job)
{
	attachment_destroy(((struct detach_job *)job)->attachment, job->session->journal);
}

static void done(struct job *job)
{
	struct detach_job *detach = (struct detach_job *)job;
	struct run *run = detach->run;

	reply_ok(job->session, detach->request_id, NULL);
	free(detach);
	run_release(run);
}

static struct attachment *take(struct run *run, int number)
{
	for (struct attachment **at = &run->attachments; *at; at = &(*at)->next) {
		struct attachment *attachment = *at;

		if (attachment->number != number)
			continue;
		*at = attachment->next;
		run->attachment_count--;
		return attachment;
	}
	return NULL;
}

void verb_detach(struct request *request)
{
	int number = (int)field_integer(&request->fields, "link", 0, INT32_MAX);
	struct run *run = run_of_request(request);
	struct detach_job *detach;

	if (!run)
		return;
	detach = calloc(1, sizeof(*detach));
	if (detach)
		detach->attachment = take(run, number);
	if (!detach || !detach->attachment) {
		request_fail(request, E_REQUEST, ENOENT, run->name, "Run \"%s\" has no link %d.",
			     run->name, number);
		free(detach);
		return;
	}
	detach->job = (struct job){ .session = run->session, .work = work, .done = done };
	detach->run = run;
	detach->request_id = request->id;
	run_hold(run);
	job_submit(&run->session->jobs, &detach->job);
}
