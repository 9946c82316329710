// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Bytes in memory, or of a file, as a plain stream with END after the last. */
#ifndef BPFLAB_TEXT_STREAM_H
#define BPFLAB_TEXT_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "session.h"

/*
 * Sends `length` bytes on stream `id`; takes `bytes` (malloc), which may be NULL. -EEXIST when the
 * number is in use. `reply_id` >= 0: that request is answered with {} after END.
 */
int text_stream_memory(struct session *session, uint32_t id, struct run *run, char *bytes,
		       size_t length, long long reply_id);
/* Sends at most `limit` bytes of the regular file `fd`, which it takes. */
int text_stream_file(struct session *session, uint32_t id, int fd, uint64_t limit,
		     long long reply_id);

#endif
