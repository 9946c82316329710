// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Contents that were put, by their SHA-256. */
#ifndef BPFLAB_BLOB_H
#define BPFLAB_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "sha256.h"

struct blob {
	struct blob *next;
	int references;
	char sha256[SHA256_HEX_BYTES];
	size_t size;
	uint8_t bytes[];
};

/* Newest use first. `size` is the sum of all. */
struct blobs {
	struct blob *first;
	size_t size;
};

/* NULL when it is not there; valid until the next put unless it is held. */
struct blob *blob_find(struct blobs *blobs, const char *sha256);
/* Makes a blob that is not in the store yet. */
struct blob *blob_new(size_t size);
/* Into the store; the ones not used for longest go when the store is full. */
void blob_add(struct blobs *blobs, struct blob *blob);
struct blob *blob_hold(struct blob *blob);
void blob_release(struct blob *blob);
void blobs_free(struct blobs *blobs);

#endif
