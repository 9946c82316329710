// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The parts of the agent that need no kernel: frames, fields, hashes, kept frames, placed files, journals. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backlog.h"
#include "bytes.h"
#include "fault.h"
#include "fields.h"
#include "frame.h"
#include "journal.h"
#include "place.h"
#include "proto.h"
#include "sha256.h"

static int passed, failed;

#define CHECK(condition)                                                                        \
	do {                                                                                    \
		if (condition) {                                                                \
			passed++;                                                               \
		} else {                                                                        \
			failed++;                                                               \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
		}                                                                               \
	} while (0)

static void feed(struct frame_decoder *decoder, const void *bytes, size_t length)
{
	memcpy(frame_decoder_room(decoder, length), bytes, length);
	frame_decoder_filled(decoder, length);
}

static int decode_header(uint8_t kind, uint32_t stream, uint32_t payload)
{
	struct frame_decoder decoder = { 0 };
	uint8_t header[FRAME_HEADER_BYTES];
	struct frame frame;
	int found;

	frame_header(header, kind, stream, payload);
	feed(&decoder, header, sizeof(header));
	found = frame_decoder_next(&decoder, &frame);
	frame_decoder_free(&decoder);
	return found;
}

static void test_frames(void)
{
	struct frame_decoder decoder = { 0 };
	uint8_t bytes[FRAME_HEADER_BYTES + 5];
	struct frame frame;

	frame_header(bytes, FRAME_DATA, 7, 5);
	memcpy(bytes + FRAME_HEADER_BYTES, "hello", 5);
	for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
		feed(&decoder, bytes + i, 1);
		CHECK(frame_decoder_next(&decoder, &frame) == 0);
	}
	feed(&decoder, bytes + sizeof(bytes) - 1, 1);
	feed(&decoder, bytes, sizeof(bytes));
	for (int i = 0; i < 2; i++) {
		CHECK(frame_decoder_next(&decoder, &frame) == 1);
		CHECK(frame.kind == FRAME_DATA && frame.stream == 7 && frame.length == 5);
		CHECK(!memcmp(frame.payload, "hello", 5));
	}
	CHECK(frame_decoder_next(&decoder, &frame) == 0);
	frame_decoder_free(&decoder);
	CHECK(decode_header(FRAME_END, 1, 0) == 1);
	CHECK(decode_header(FRAME_END, 1, 1) == -EPROTO);
	CHECK(decode_header(FRAME_END, 0, 0) == -EPROTO);
	CHECK(decode_header(FRAME_CREDIT, 1, 8) == -EPROTO);
	CHECK(decode_header(FRAME_PING, 0, 4) == -EPROTO);
	CHECK(decode_header(FRAME_REQUEST, 3, 10) == -EPROTO);
	CHECK(decode_header(FRAME_DATA, 0x80000000u, 10) == -EPROTO);
	CHECK(decode_header(0, 0, 0) == -EPROTO);
	CHECK(decode_header(10, 0, 0) == -EPROTO);
	CHECK(decode_header(FRAME_DATA, 1, MAX_PAYLOAD_BYTES + 1) == -EMSGSIZE);
	CHECK(decode_header(FRAME_DATA, 1, MAX_PAYLOAD_BYTES) == 0);
}

static void test_sha256(void)
{
	static const char million[1000000];
	char hex[SHA256_HEX_BYTES];
	struct sha256 sha;
	uint8_t digest[SHA256_BYTES];

	sha256_hex("", 0, hex);
	CHECK(!strcmp(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	sha256_hex("abc", 3, hex);
	CHECK(!strcmp(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
	CHECK(!strcmp(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
	sha256_init(&sha);
	for (size_t done = 0, step = 1; done < sizeof(million);
	     done += step, step = step % 200 + 1) {
		if (step > sizeof(million) - done)
			step = sizeof(million) - done;
		sha256_add(&sha, million + done, step);
	}
	sha256_end(&sha, digest);
	hex_encode(digest, sizeof(digest), hex);
	CHECK(!strcmp(hex, "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025"));
}

static void test_fields(void)
{
	json_t *object = json_loads(
		"{\"n\": 5, \"s\": \"x\", \"u\": \"18446744073709551615\", \"o\": \"18446744073709551616\","
		" \"h\": \"00ff\", \"odd\": \"0\", \"up\": \"FF\", \"null\": null, \"run\": \"a-1\"}",
		0, NULL);
	struct fields fields = { .object = object };
	struct bytes bytes;

	CHECK(field_integer(&fields, "n", 0, 5) == 5);
	CHECK(!strcmp(field_string(&fields, "s"), "x"));
	CHECK(field_u64_or(&fields, "u", 0) == UINT64_MAX);
	CHECK(field_integer_or(&fields, "null", 0, 9, 3) == 3);
	CHECK(!strcmp(field_run(&fields), "a-1"));
	bytes = field_bytes(&fields, "h", 2);
	CHECK(bytes.length == 2 && bytes.data[0] == 0 && bytes.data[1] == 0xff);
	free(bytes.data);
	CHECK(!fields_bad(&fields));
	bytes = field_bytes(&fields, "odd", 9);
	CHECK(fields_bad(&fields) && !bytes.data && strstr(fields.problem, "odd"));
	/* The first problem stays. */
	field_integer(&fields, "n", 0, 4);
	CHECK(strstr(fields.problem, "odd"));
	for (const char *const *name = (const char *const[]){ "up", "o", "n", "none", NULL }; *name;
	     name++) {
		struct fields again = { .object = object };

		field_u64_or(&again, "o", 0);
		bytes = field_bytes(&again, *name, 1);
		free(bytes.data);
		CHECK(fields_bad(&again));
	}
	json_decref(object);
}

static void test_text(void)
{
	json_t *text = text_json("a\xff\xc3\xa4\xc3", 5);

	CHECK(!strcmp(json_string_value(text), "a?ä?"));
	json_decref(text);
	CHECK(!strcmp(errno_name(EPERM), "EPERM"));
	CHECK(!strcmp(errno_name(524), "ENOTSUPP"));
}

static void test_backlog(void)
{
	struct outbox outbox = { 0 };
	struct backlog backlog;

	backlog_init(&backlog);
	for (int i = 1; i <= 4; i++)
		backlog_add(&backlog, "frame", 5, true);
	CHECK(backlog_replay(&backlog, 2, &outbox) && outbox.queued == 10);
	outbox_clear(&outbox);
	CHECK(backlog_replay(&backlog, 4, &outbox) && outbox.queued == 0);
	CHECK(!backlog_replay(&backlog, 5, &outbox));
	for (int i = 0; i < 3; i++) {
		void *large = calloc(1, MAX_PAYLOAD_BYTES);

		backlog_add(&backlog, large, MAX_PAYLOAD_BYTES, true);
		free(large);
	}
	CHECK(backlog.size <= BACKLOG_BYTES);
	CHECK(!backlog_replay(&backlog, 2, &outbox));
	backlog_free(&backlog);
}

static void test_place(const char *folder)
{
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[512];
	struct stat info;

	CHECK(place_file(fd, "a/b/c", "text", 4, 0755) == 0);
	snprintf(path, sizeof(path), "%s/a/b/c", folder);
	CHECK(stat(path, &info) == 0 && info.st_size == 4 && (info.st_mode & 0777) == 0755);
	snprintf(path, sizeof(path), "%s/link", folder);
	CHECK(symlink("/tmp", path) == 0);
	CHECK(place_file(fd, "link/x", "text", 4, 0644) < 0);
	for (const char *const *bad = (const char *const[]){ "", "/x", "../x", "a/../x", "a//x",
							     "a/.", "a/b", NULL };
	     *bad; bad++)
		CHECK(place_file(fd, *bad, "text", 4, 0644) < 0);
	close(fd);
}

static void test_journal(const char *folder)
{
	struct journal journal;
	char path[512];
	uint32_t first;
	json_t *left;

	snprintf(path, sizeof(path), "%s/test.journal", folder);
	CHECK(journal_create(&journal, path) == 0);
	first = journal_add(&journal, "folder", json_pack("{s:s}", "path", "/none/1"));
	CHECK(journal_add(&journal, "folder", json_pack("{s:s}", "path", "/none/2")) == first + 1);
	journal_done(&journal, first);
	CHECK(write(journal.fd, "{\"id\": 9, \"kin", 13) == 13);
	journal_close(&journal);
	left = journal_read(path);
	CHECK(json_array_size(left) == 1);
	CHECK(!strcmp(json_string_value(json_object_get(json_array_get(left, 0), "path")),
		      "/none/2"));
	json_decref(left);
	CHECK(journal_create(&journal, path) == -EEXIST);
	left = journal_read("/none/such");
	CHECK(json_array_size(left) == 0);
	json_decref(left);
}

int main(void)
{
	char folder[] = "/tmp/bpflab-unit-XXXXXX", command[64];

	if (!mkdtemp(folder))
		return 1;
	test_frames();
	test_sha256();
	test_fields();
	test_text();
	test_backlog();
	test_place(folder);
	test_journal(folder);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command))
		failed++;
	printf("agent unit: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
