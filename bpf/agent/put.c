// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verbs `put`, `place`, `read_file`. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "errors.h"
#include "place.h"
#include "request.h"
#include "text_stream.h"

/* A blob that is still coming. */
struct incoming {
	struct blob *blob;
	size_t filled;
	char sha256[SHA256_HEX_BYTES];
};

static void data(struct stream *stream, const uint8_t *bytes, size_t length)
{
	struct incoming *incoming = stream->context;
	size_t left = incoming->blob->size - incoming->filled;

	stream_consumed(stream, length);
	/* More than was announced makes the hash wrong, which is told at the end. */
	if (length > left)
		length = left;
	memcpy(incoming->blob->bytes + incoming->filled, bytes, length);
	incoming->filled += length;
}

static void free_incoming(struct stream *stream)
{
	struct incoming *incoming = stream->context;

	stream->session->incoming_bytes -= incoming->blob->size;
	blob_release(incoming->blob);
	free(incoming);
}

static void end(struct stream *stream)
{
	struct incoming *incoming = stream->context;
	struct session *session = stream->session;
	struct blob *blob = incoming->blob;

	sha256_hex(blob->bytes, incoming->filled, blob->sha256);
	if (incoming->filled != blob->size || strcmp(blob->sha256, incoming->sha256)) {
		session_log(session, "warn", NULL,
			    "Content %.12s came with another hash or size and is not kept.",
			    incoming->sha256);
	} else if (!blob_find(&session->blobs, blob->sha256)) {
		blob_add(&session->blobs, blob_hold(blob));
	}
	free_incoming(stream);
	stream_finish(stream);
}

static const struct stream_user user = { .data = data, .end = end, .close = free_incoming };

static bool is_sha256(const char *text)
{
	uint8_t digest[SHA256_BYTES];

	return strlen(text) == SHA256_HEX_BYTES - 1 && !hex_decode(text, digest, SHA256_BYTES);
}

void verb_put(struct request *request)
{
	struct session *session = request->session;
	const char *sha256 = field_string(&request->fields, "sha256");
	size_t size = (size_t)field_integer(&request->fields, "size", 0, INT64_MAX);
	uint32_t id = field_stream(&request->fields, "stream");
	struct incoming *incoming;

	if (!is_sha256(sha256))
		fields_problem(&request->fields, "sha256", "must be 64 digits of lower-case hex");
	if (request_bad(request))
		return;
	if (blob_find(&session->blobs, sha256)) {
		reply_ok(session, request->id, json_pack("{s:b}", "have", 1));
		return;
	}
	if (size > MAX_BLOB_BYTES || session->incoming_bytes + size > MAX_BLOBS_BYTES) {
		request_fail(request, E_LIMIT, EFBIG, NULL,
			     "Content of %zu bytes is more than is taken: %u, %u at once.", size,
			     MAX_BLOB_BYTES, MAX_BLOBS_BYTES);
		return;
	}
	incoming = calloc(1, sizeof(*incoming));
	if (incoming)
		incoming->blob = blob_new(size);
	if (!incoming || !incoming->blob || !stream_open(session, id, &user, incoming, NULL)) {
		if (incoming)
			blob_release(incoming->blob);
		free(incoming);
		request_fail(request, E_REQUEST, EEXIST, NULL,
			     "Stream %u is in use, or memory is short.", id);
		return;
	}
	snprintf(incoming->sha256, sizeof(incoming->sha256), "%s", sha256);
	session->incoming_bytes += size;
	reply_ok(session, request->id, json_pack("{s:b}", "have", 0));
}

void verb_place(struct request *request)
{
	struct session *session = request->session;
	const char *sha256 = field_string(&request->fields, "sha256");
	const char *path = field_string(&request->fields, "path");
	mode_t mode = (mode_t)field_integer_or(&request->fields, "mode", 0, 0777, 0644);
	char full[2 * MAX_PATH_BYTES];
	struct blob *blob;
	int err;

	if (request_bad(request))
		return;
	blob = blob_find(&session->blobs, sha256);
	if (!blob) {
		request_fail(request, E_REQUEST, ENOENT, path,
			     "The content of \"%.200s\" was not put.", path);
		return;
	}
	err = place_file(session->workspace.folder_fd, path, blob->bytes, blob->size, mode);
	if (err) {
		request_fail(request, err == -ENOSPC ? E_DISK_FULL : E_FILE_PATH, err, path,
			     "Cannot write \"%.200s\" below the session's folder: %s (%s).", path,
			     strerror(-err), errno_name(-err));
		return;
	}
	snprintf(full, sizeof(full), "%s/%.1000s", session->workspace.folder, path);
	reply_ok(session, request->id, json_pack("{s:o}", "path", text_json(full, strlen(full))));
}

void verb_read_file(struct request *request)
{
	const char *path = field_string(&request->fields, "path");
	uint32_t id = field_stream(&request->fields, "stream");
	int64_t limit =
		field_integer_or(&request->fields, "max_bytes", 1, INT64_MAX, MAX_BLOB_BYTES);
	uint64_t offset = field_u64_or(&request->fields, "offset", 0);
	struct stat info;
	int fd, err;

	if (request_bad(request))
		return;
	/* A pipe or device must not hold the session up. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	err = fd < 0 || fstat(fd, &info) ? -errno : S_ISREG(info.st_mode) ? 0 : -EINVAL;
	if (!err && offset && lseek(fd, (off_t)offset, SEEK_SET) < 0)
		err = -errno;
	if (err) {
		if (fd >= 0)
			close(fd);
		request_fail(request, E_FILE_PATH, err, path, "Cannot read \"%.200s\": %s (%s).",
			     path, err == -EINVAL ? "it is no regular file" : strerror(-err),
			     errno_name(-err));
		return;
	}
	err = text_stream_file(request->session, id, fd, (uint64_t)limit, request->id);
	if (err)
		request_fail(request, E_REQUEST, err, NULL, "Stream %u is in use.", id);
}
