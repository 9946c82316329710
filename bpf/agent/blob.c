// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "blob.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"

struct blob *blob_find(struct blobs *blobs, const char *sha256)
{
	for (struct blob **at = &blobs->first; *at; at = &(*at)->next) {
		struct blob *blob = *at;

		if (strcmp(blob->sha256, sha256))
			continue;
		*at = blob->next;
		blob->next = blobs->first;
		blobs->first = blob;
		return blob;
	}
	return NULL;
}

struct blob *blob_new(size_t size)
{
	struct blob *blob = malloc(sizeof(*blob) + size);

	if (blob) {
		memset(blob, 0, sizeof(*blob));
		blob->references = 1;
		blob->size = size;
	}
	return blob;
}

static void drop_last(struct blobs *blobs)
{
	struct blob **at = &blobs->first;

	while ((*at)->next)
		at = &(*at)->next;
	blobs->size -= (*at)->size;
	blob_release(*at);
	*at = NULL;
}

void blob_add(struct blobs *blobs, struct blob *blob)
{
	while (blobs->first && blobs->size + blob->size > MAX_BLOBS_BYTES)
		drop_last(blobs);
	blob->next = blobs->first;
	blobs->first = blob;
	blobs->size += blob->size;
}

struct blob *blob_hold(struct blob *blob)
{
	__atomic_add_fetch(&blob->references, 1, __ATOMIC_RELAXED);
	return blob;
}

void blob_release(struct blob *blob)
{
	if (blob && !__atomic_sub_fetch(&blob->references, 1, __ATOMIC_ACQ_REL))
		free(blob);
}

void blobs_free(struct blobs *blobs)
{
	while (blobs->first)
		drop_last(blobs);
}
