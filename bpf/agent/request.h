// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* One request of the gateway, and the verbs. */
#ifndef BPFLAB_REQUEST_H
#define BPFLAB_REQUEST_H

#include "fields.h"
#include "session.h"

/* `fields.object` is the request's JSON, borrowed: a verb that answers later takes a reference. */
struct request {
	struct session *session;
	long long id;
	struct fields fields;
};

struct verb {
	const char *name;
	void (*serve)(struct request *request);
};

/* Parses and serves one REQUEST payload. */
void request_serve(struct session *session, const uint8_t *payload, size_t length);
/* Serves an object that was parsed before. Borrowed. */
void request_serve_object(struct session *session, json_t *object);
/* Answers with BPFLAB_AGENT_REQUEST when a field was wrong; true then. */
bool request_bad(struct request *request);
__attribute__((format(printf, 5, 6))) void request_fail(struct request *request, const char *code,
							int errnum, const char *subject,
							const char *format, ...);

void verb_put(struct request *request);
void verb_place(struct request *request);
void verb_load(struct request *request);
void verb_attach(struct request *request);
void verb_detach(struct request *request);
void verb_stop(struct request *request);
void verb_subscribe(struct request *request);
void verb_unsubscribe(struct request *request);
void verb_map_read(struct request *request);
void verb_map_lookup(struct request *request);
void verb_map_update(struct request *request);
void verb_map_delete(struct request *request);
void verb_map_pop(struct request *request);
void verb_user_ring_submit(struct request *request);
void verb_test_run(struct request *request);
void verb_exec(struct request *request);
void verb_signal(struct request *request);
void verb_resize(struct request *request);
void verb_stats(struct request *request);
void verb_inventory(struct request *request);
void verb_inspect(struct request *request);
void verb_program_code(struct request *request);
void verb_btf_bytes(struct request *request);
void verb_link_detach(struct request *request);
void verb_unpin(struct request *request);
void verb_probe(struct request *request);
void verb_read_file(struct request *request);
void verb_bye(struct request *request);

#endif
