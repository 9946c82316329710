// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "proto.h"

uint8_t *frame_decoder_room(struct frame_decoder *decoder, size_t want)
{
	size_t used = decoder->end - decoder->start;

	if (decoder->capacity - decoder->end >= want)
		return decoder->bytes + decoder->end;
	if (used && decoder->start)
		memmove(decoder->bytes, decoder->bytes + decoder->start, used);
	decoder->start = 0;
	decoder->end = used;
	if (decoder->capacity - used < want) {
		size_t capacity = used + want;
		uint8_t *bytes = realloc(decoder->bytes, capacity);

		if (!bytes)
			return NULL;
		decoder->bytes = bytes;
		decoder->capacity = capacity;
	}
	return decoder->bytes + decoder->end;
}

void frame_decoder_filled(struct frame_decoder *decoder, size_t count)
{
	decoder->end += count;
}

/* Control kinds live on stream 0, the others name a stream; fixed payloads have their size. */
static int check_shape(const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_HELLO:
	case FRAME_REQUEST:
	case FRAME_REPLY:
	case FRAME_EVENT:
		return frame->stream == 0 ? 0 : -EPROTO;
	case FRAME_PING:
	case FRAME_PONG:
		return frame->stream == 0 && frame->length == 8 ? 0 : -EPROTO;
	case FRAME_DATA:
		break;
	case FRAME_END:
		if (frame->length != 0)
			return -EPROTO;
		break;
	case FRAME_CREDIT:
		if (frame->length != 4)
			return -EPROTO;
		break;
	default:
		return -EPROTO;
	}
	return frame->stream > 0 && frame->stream <= MAX_STREAM_ID ? 0 : -EPROTO;
}

int frame_decoder_next(struct frame_decoder *decoder, struct frame *frame)
{
	size_t have = decoder->end - decoder->start;
	const uint8_t *at;
	uint32_t length;
	int err;

	if (have < FRAME_HEADER_BYTES)
		return 0;
	at = decoder->bytes + decoder->start;
	length = get_u32(at);
	if (length < FRAME_PREFIX_BYTES)
		return -EPROTO;
	if (length - FRAME_PREFIX_BYTES > MAX_PAYLOAD_BYTES)
		return -EMSGSIZE;
	frame->kind = at[4];
	frame->stream = get_u32(at + 5);
	frame->length = length - FRAME_PREFIX_BYTES;
	frame->payload = at + FRAME_HEADER_BYTES;
	err = check_shape(frame);
	if (err)
		return err;
	if (have - 4 < length)
		return 0;
	decoder->start += 4 + (size_t)length;
	return 1;
}

void frame_decoder_reset(struct frame_decoder *decoder)
{
	decoder->start = 0;
	decoder->end = 0;
}

void frame_decoder_free(struct frame_decoder *decoder)
{
	free(decoder->bytes);
	memset(decoder, 0, sizeof(*decoder));
}

void frame_header(uint8_t *at, uint8_t kind, uint32_t stream, uint32_t length)
{
	put_u32(at, length + FRAME_PREFIX_BYTES);
	at[4] = kind;
	put_u32(at + 5, stream);
}
