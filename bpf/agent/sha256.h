// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* SHA-256 (FIPS 180-4), for content addresses. */
#ifndef BPFLAB_SHA256_H
#define BPFLAB_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_HEX_BYTES 65

struct sha256 {
	uint32_t state[8];
	uint64_t length;
	uint8_t block[64];
};

void sha256_init(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t count);
void sha256_end(struct sha256 *sha, uint8_t digest[SHA256_BYTES]);
/* Digest of `count` bytes as lower-case hex. */
void sha256_hex(const void *bytes, size_t count, char hex[SHA256_HEX_BYTES]);

#endif
