// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Records of a record stream, collected into DATA frames. */
#ifndef BPFLAB_BATCH_H
#define BPFLAB_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "outbox.h"
#include "stream.h"

/* Zeroed memory with `stream` set is an empty batch; between rounds it is always flushed. */
struct batch {
	struct stream *stream;
	struct chunk *chunk;
	uint32_t records;
};

/*
 * Room for one record of `length` bytes, which the caller fills at once; the padding is zeroed.
 * NULL: no credit (or no memory), nothing was counted.
 */
uint8_t *batch_record(struct batch *batch, uint32_t cpu, size_t length);
/* Counts records that could not be sent; the next DATA carries the sum. */
void batch_lost(struct batch *batch, uint64_t count);
/* Hands what was collected to the channel. */
void batch_flush(struct batch *batch);
/* Sends a DATA without records, to tell `lost` at once; 24 bytes of credit or nothing. */
void batch_tell_lost(struct batch *batch);

#endif
