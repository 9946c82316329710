// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "errors.h"

static const struct verb verbs[] = {
	{ "put", verb_put },
	{ "place", verb_place },
	{ "load", verb_load },
	{ "attach", verb_attach },
	{ "detach", verb_detach },
	{ "stop", verb_stop },
	{ "subscribe", verb_subscribe },
	{ "unsubscribe", verb_unsubscribe },
	{ "map_read", verb_map_read },
	{ "map_lookup", verb_map_lookup },
	{ "map_update", verb_map_update },
	{ "map_delete", verb_map_delete },
	{ "map_pop", verb_map_pop },
	{ "user_ring_submit", verb_user_ring_submit },
	{ "test_run", verb_test_run },
	{ "exec", verb_exec },
	{ "signal", verb_signal },
	{ "resize", verb_resize },
	{ "stats", verb_stats },
	{ "inventory", verb_inventory },
	{ "inspect", verb_inspect },
	{ "program_code", verb_program_code },
	{ "btf_bytes", verb_btf_bytes },
	{ "link_detach", verb_link_detach },
	{ "unpin", verb_unpin },
	{ "probe", verb_probe },
	{ "read_file", verb_read_file },
	{ "bye", verb_bye },
};

bool request_bad(struct request *request)
{
	struct fault fault = { 0 };

	if (!fields_bad(&request->fields))
		return false;
	fault_set(&fault, E_REQUEST, EINVAL, NULL, "The request's field %s.",
		  request->fields.problem);
	reply_fault(request->session, request->id, &fault);
	return true;
}

void request_fail(struct request *request, const char *code, int errnum, const char *subject,
		  const char *format, ...)
{
	struct fault fault = { 0 };
	char message[sizeof(fault.message)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	fault_set(&fault, code, errnum, subject, "%s", message);
	reply_fault(request->session, request->id, &fault);
}

void request_serve_object(struct session *session, json_t *object)
{
	struct request request = { .session = session, .fields.object = object };
	json_t *id = json_object_get(object, "id");
	const char *verb;

	request.id = json_is_integer(id) ? json_integer_value(id) : -1;
	verb = field_string(&request.fields, "verb");
	if (!json_is_integer(id))
		fields_problem(&request.fields, "id", "must be an integer");
	if (request_bad(&request))
		return;
	if (session->bye_id >= 0) {
		request_fail(&request, E_REQUEST, ESHUTDOWN, NULL, "The session is ending.");
		return;
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(verbs[i].name, verb)) {
			verbs[i].serve(&request);
			return;
		}
	}
	request_fail(&request, E_REQUEST, ENOSYS, verb, "The agent has no verb \"%.40s\".", verb);
}

void request_serve(struct session *session, const uint8_t *payload, size_t length)
{
	json_error_t error;
	json_t *object = json_loadb((const char *)payload, length, JSON_REJECT_DUPLICATES, &error);

	if (json_is_object(object)) {
		request_serve_object(session, object);
	} else {
		struct fault fault = { 0 };

		fault_set(&fault, E_REQUEST, EINVAL, NULL,
			  "A request is not a JSON object: %.100s.",
			  object ? "another type" : error.text);
		reply_fault(session, -1, &fault);
	}
	json_decref(object);
}
