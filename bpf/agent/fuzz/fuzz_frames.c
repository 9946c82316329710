// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The frame decoder with any bytes, in any pieces: the first byte chooses the size of the pieces. */
#include <assert.h>
#include <string.h>

#include "frame.h"
#include "proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int drain(struct frame_decoder *decoder)
{
	struct frame frame;
	int found;

	while ((found = frame_decoder_next(decoder, &frame)) > 0) {
		volatile uint8_t sum = 0;

		assert(frame.length <= MAX_PAYLOAD_BYTES);
		for (uint32_t i = 0; i < frame.length; i++)
			sum += frame.payload[i];
	}
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_decoder decoder = { 0 };
	size_t step = size ? data[0] + 1u : 1;

	for (size_t at = 1; at < size; at += step) {
		size_t count = size - at < step ? size - at : step;

		memcpy(frame_decoder_room(&decoder, count), data + at, count);
		frame_decoder_filled(&decoder, count);
		if (drain(&decoder) < 0)
			break;
	}
	frame_decoder_free(&decoder);
	return 0;
}
