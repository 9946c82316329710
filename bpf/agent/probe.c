// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * The verb `probe`: what the target's kernel can do. With `stream`, the text of the one long item
 * that was asked for (config, kallsyms, tracepoints, btf) goes there whole; without it, a shorter
 * form is in the result.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "probe.h"
#include "request.h"
#include "text_stream.h"

struct probe_job {
	struct job job;
	long long request_id;
	uint32_t stream;
	json_t *request, *result;
	struct probe_text text;
};

static const struct probe_item items[] = {
	{ "config", probe_config },
	{ "kallsyms", probe_kallsyms },
	{ "tracepoints", probe_tracepoints },
	{ "btf", probe_btf },
	{ "lockdown", probe_lockdown },
	{ "caps", probe_caps },
	{ "program_types", probe_program_types },
	{ "map_types", probe_map_types },
	{ "helpers", probe_helpers },
	{ "lsm", probe_lsm },
};

static const struct probe_item *find_item(const char *name)
{
	for (size_t i = 0; name && i < sizeof(items) / sizeof(items[0]); i++)
		if (!strcmp(items[i].name, name))
			return &items[i];
	return NULL;
}

static void work(struct job *job)
{
	struct probe_job *probe = (struct probe_job *)job;
	json_t *what = json_object_get(probe->request, "what"), *name;
	size_t index;

	json_array_foreach (what, index, name) {
		const struct probe_item *item = find_item(json_string_value(name));
		struct probe_text *text = probe->stream ? &probe->text : NULL;

		json_object_set_new(probe->result, item->name,
				    item->probe(job->session->facts, text));
	}
}

static void done(struct job *job)
{
	struct probe_job *probe = (struct probe_job *)job;
	struct session *session = job->session;

	if (probe->stream && text_stream_memory(session, probe->stream, NULL, probe->text.bytes,
						probe->text.length, -1))
		session_log(session, "warn", NULL, "Stream %u is in use; the probe's text is lost.",
			    probe->stream);
	reply_ok(session, probe->request_id, probe->result);
	json_decref(probe->request);
	free(probe);
	session_check_bye(session);
}

void verb_probe(struct request *request)
{
	json_t *what = field_array(&request->fields, "what", 2 * sizeof(items) / sizeof(items[0])),
	       *name;
	uint32_t stream = field_stream_or(&request->fields, "stream");
	struct probe_job *probe;
	size_t index;

	if (!what)
		fields_problem(&request->fields, "what", "must be an array");
	json_array_foreach (what, index, name)
		if (!find_item(json_string_value(name)))
			fields_problem(&request->fields, "what",
				       "names something that cannot be probed");
	if (request_bad(request))
		return;
	probe = calloc(1, sizeof(*probe));
	if (!probe) {
		request_fail(request, E_LIMIT, ENOMEM, NULL, "There is no memory for the probe.");
		return;
	}
	probe->job = (struct job){ .session = request->session, .work = work, .done = done };
	probe->request_id = request->id;
	probe->stream = stream;
	probe->request = json_incref(request->fields.object);
	probe->result = json_object();
	job_submit(&request->session->jobs, &probe->job);
}
