// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "frame.h"
#include "limits.h"
#include "loop.h"
#include "proto.h"
#include "session.h"

#define BATCH_START (FRAME_HEADER_BYTES + DATA_HEADER_BYTES)

static size_t payload_length(const struct batch *batch)
{
	return batch->chunk ? batch->chunk->length - FRAME_HEADER_BYTES : DATA_HEADER_BYTES;
}

static int start(struct batch *batch, size_t record)
{
	size_t capacity = BATCH_START + (record > BATCH_BYTES ? record : BATCH_BYTES);

	batch->chunk = chunk_new(capacity);
	if (!batch->chunk)
		return -1;
	batch->chunk->length = BATCH_START;
	batch->records = 0;
	return 0;
}

uint8_t *batch_record(struct batch *batch, uint32_t cpu, size_t length)
{
	size_t size = RECORD_HEADER_BYTES + round_up_8(length);
	uint8_t *at;

	if (batch->chunk && batch->chunk->length + size > batch->chunk->capacity)
		batch_flush(batch);
	if (payload_length(batch) + size > batch->stream->credit ||
	    DATA_HEADER_BYTES + size > MAX_PAYLOAD_BYTES)
		return NULL;
	if (!batch->chunk && start(batch, size))
		return NULL;
	at = batch->chunk->bytes + batch->chunk->length;
	put_u32(at, (uint32_t)length);
	put_u32(at + 4, cpu);
	if (length % 8)
		memset(at + size - 8, 0, 8);
	batch->chunk->length += size;
	batch->records++;
	return at + RECORD_HEADER_BYTES;
}

void batch_lost(struct batch *batch, uint64_t count)
{
	batch->stream->lost += count;
}

static void send_chunk(struct batch *batch)
{
	struct stream *stream = batch->stream;
	uint8_t *header = batch->chunk->bytes + FRAME_HEADER_BYTES;
	uint32_t length = (uint32_t)payload_length(batch);

	frame_header(batch->chunk->bytes, FRAME_DATA, stream->id, length);
	put_u64(header, stream->seq);
	put_u64(header + 8, stream->lost);
	put_u64(header + 16, monotonic_ns());
	stream->seq += batch->records;
	stream->credit -= length;
	session_chunk(stream->session, batch->chunk);
	batch->chunk = NULL;
	batch->records = 0;
}

void batch_flush(struct batch *batch)
{
	if (batch->chunk)
		send_chunk(batch);
}

void batch_tell_lost(struct batch *batch)
{
	batch_flush(batch);
	if (batch->stream->credit >= DATA_HEADER_BYTES && !start(batch, 0))
		send_chunk(batch);
}
