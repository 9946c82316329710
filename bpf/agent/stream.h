// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Streams of DATA frames: who is behind them, credit, counts. */
#ifndef BPFLAB_STREAM_H
#define BPFLAB_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;
struct run;
struct stream;

/* What the part behind a stream does; each may be NULL. */
struct stream_user {
	/* Credit came or the channel has room again: go on sending. */
	void (*more)(struct stream *stream);
	void (*data)(struct stream *stream, const uint8_t *bytes, size_t length);
	/* The client will send no more. */
	void (*end)(struct stream *stream);
	/* There is more that only waits for the client; NULL: never. */
	bool (*pending)(const struct stream *stream);
	/* The stream goes away (unsubscribe, stop, end of the session); frees what is behind it,
	 * not the stream. */
	void (*close)(struct stream *stream);
};

/* `credit` is what may be sent; `taken` is what came in and was not given back as credit yet. */
struct stream {
	struct stream *next;
	struct session *session;
	struct run *run;
	const struct stream_user *user;
	void *context;
	uint32_t id;
	uint32_t taken;
	uint64_t credit, seq, lost;
	/* Called with `more` when the outbox is low again. */
	bool waiting;
	uint32_t round;
};

/* NULL: the number was in use or there are too many. `run` may be NULL. */
struct stream *stream_open(struct session *session, uint32_t id, const struct stream_user *user,
			   void *context, struct run *run);
struct stream *stream_find(struct session *session, uint32_t id);
/* Sends END (unless only the client sends), then forgets the stream; `close` is not called. */
void stream_finish(struct stream *stream);
/* Calls `close`, sends END and forgets the stream. */
void stream_abort(struct stream *stream);
/* Some stream of `run` is `pending`. */
bool stream_run_pending(const struct session *session, const struct run *run);
void stream_abort_run(struct session *session, struct run *run);
/* Frees all streams without sending anything more. */
void stream_free_all(struct session *session);
/* How many payload bytes may be sent now; 0 also while the channel is full (then `more` follows).
 */
size_t stream_room(struct stream *stream);
/* Sends plain bytes, at most `stream_room`. Returns 0 or -ENOMEM. */
int stream_send(struct stream *stream, const void *bytes, size_t length);
/* The user has consumed `length` bytes of what came in: gives credit back in large steps. */
void stream_consumed(struct stream *stream, size_t length);
/* Runs `more` of every waiting stream, once; true when some wait still. */
bool stream_resume_all(struct session *session);

#endif
