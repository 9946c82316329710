// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Frames in a byte stream: finds them, checks their shape, knows nothing of their meaning. */
#ifndef BPFLAB_FRAME_H
#define BPFLAB_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* `payload` points into the decoder and is valid until the next call on it. */
struct frame {
	uint8_t kind;
	uint32_t stream;
	const uint8_t *payload;
	uint32_t length;
};

/* Bytes [start, end) of `bytes` are not decoded yet. Zeroed memory is an empty decoder. */
struct frame_decoder {
	uint8_t *bytes;
	size_t capacity, start, end;
};

/* Room for at least `want` bytes to read into; NULL without memory. */
uint8_t *frame_decoder_room(struct frame_decoder *decoder, size_t want);
/* `count` bytes were put into the room. */
void frame_decoder_filled(struct frame_decoder *decoder, size_t count);
/* 1: `frame` is the next one; 0: more bytes are needed; -EPROTO, -EMSGSIZE: the stream is not ours.
 */
int frame_decoder_next(struct frame_decoder *decoder, struct frame *frame);
void frame_decoder_reset(struct frame_decoder *decoder);
void frame_decoder_free(struct frame_decoder *decoder);

/* Writes the FRAME_HEADER_BYTES in front of a payload of `length` bytes. */
void frame_header(uint8_t *at, uint8_t kind, uint32_t stream, uint32_t length);

#endif
