// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verbs that touch single entries: map_lookup, map_update, map_delete, map_pop,
 * user_ring_submit. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "errors.h"
#include "limits.h"
#include "map_info.h"
#include "map_patch.h"
#include "request.h"
#include "storage.h"

#define MAX_ENTRY_BYTES (1024u * 1024)

/* Opens the map of the request; false after an answer. */
static bool open_map(struct request *request, struct map_ref *map)
{
	uint32_t id = (uint32_t)field_integer(&request->fields, "map_id", 1, UINT32_MAX);
	struct fault fault = { 0 };

	if (request_bad(request))
		return false;
	if (map_open(map, id, request->session->facts->cpus_possible, &fault)) {
		reply_fault(request->session, request->id, &fault);
		return false;
	}
	return true;
}

static void fail(struct request *request, const struct map_ref *map, const char *what, int errnum)
{
	request_fail(request, E_MAP_OPERATION, errnum, map->info.name,
		     "Cannot %s map \"%s\": %s (%s).", what, map->info.name, strerror(errnum),
		     errno_name(errnum));
}

static bool has_size(struct request *request, const struct map_ref *map, const char *what,
		     size_t is, size_t wanted)
{
	if (is == wanted)
		return true;
	request_fail(request, E_MAP_SIZE, EINVAL, map->info.name,
		     "A %s of map \"%s\" has %zu bytes, not %zu.", what, map->info.name, wanted,
		     is);
	return false;
}

/* Values of a sockmap read as cookies and of a map in map as ids; never fewer than 8 bytes of room.
 */
static uint8_t *value_room(const struct map_ref *map)
{
	return calloc(1, map->value_bytes + 8);
}

static void reply_value(struct request *request, bool found, const uint8_t *value, size_t length)
{
	char *hex = malloc(2 * length + 1);

	if (!hex) {
		request_fail(request, E_LIMIT, ENOMEM, NULL, "There is no memory for the value.");
		return;
	}
	hex_encode(value, found ? length : 0, hex);
	reply_ok(request->session, request->id,
		 json_pack("{s:b, s:s}", "found", found, "value", hex));
	free(hex);
}

/* A key as bpf() wants it: of a storage, the owner's descriptor in `fd`. */
struct entry_key {
	const void *pointer;
	int fd;
};

/* -errno when a storage has no such owner. */
static int key_begin(struct entry_key *entry, const struct request *request,
		     const struct map_ref *map, const struct bytes *key)
{
	/* Queues, stacks and Bloom filters have no key. */
	*entry = (struct entry_key){ .pointer = map->key_bytes ? key->data : NULL, .fd = -1 };
	if (!storage_is(map->info.type))
		return 0;
	if (map->key_bytes != STORAGE_KEY_BYTES)
		return -EOPNOTSUPP;
	entry->fd = storage_owner(map, request->session->facts, key->data);
	entry->pointer = &entry->fd;
	return entry->fd < 0 ? entry->fd : 0;
}

static void key_end(struct entry_key *entry)
{
	if (entry->fd >= 0)
		close(entry->fd);
}

static void lookup(struct request *request, const struct map_ref *map, const struct bytes *key)
{
	bool is_bloom = map->info.type == BPF_MAP_TYPE_BLOOM_FILTER;
	uint8_t *value = value_room(map);
	struct entry_key entry;
	int err;

	if (!value || !has_size(request, map, is_bloom ? "value" : "key", key->length,
				is_bloom ? map->value_bytes : map->key_bytes))
		goto cleanup;
	err = -key_begin(&entry, request, map, key);
	if (is_bloom)
		memcpy(value, key->data, key->length);
	if (!err && bpf_map_lookup_elem(map->fd, is_bloom ? NULL : entry.pointer, value))
		err = errno;
	key_end(&entry);
	if (err && err != ENOENT)
		fail(request, map, "read", err);
	else
		reply_value(request, !err, value, is_bloom ? 0 : map->value_bytes);
cleanup:
	free(value);
}

static void lookup_path(struct request *request, const struct map_ref *map, const char *path)
{
	int fd = storage_owner_by_path(map, request->session->facts, path);
	uint8_t *value = value_room(map);
	int err = fd < 0 ? -fd : value ? 0 : ENOMEM;

	if (!err && bpf_map_lookup_elem(map->fd, &fd, value))
		err = errno;
	if (err && (err != ENOENT || fd < 0))
		fail(request, map, "read", err);
	else
		reply_value(request, !err, value, map->value_bytes);
	if (fd >= 0)
		close(fd);
	free(value);
}

void verb_map_lookup(struct request *request)
{
	const char *path = field_string_or(&request->fields, "path", NULL);
	struct bytes key = field_bytes(&request->fields, "key", MAX_ENTRY_BYTES);
	struct map_ref map;

	if (open_map(request, &map)) {
		if (path)
			lookup_path(request, &map, path);
		else
			lookup(request, &map, &key);
		close(map.fd);
	}
	free(key.data);
}

/* Writes a whole value; errno. */
static int write_value(const struct request *request, const struct map_ref *map,
		       const struct bytes *key, const struct bytes *value, uint64_t flags)
{
	struct entry_key entry;
	int err = -key_begin(&entry, request, map, key);

	if (!err && bpf_map_update_elem(map->fd, entry.pointer, value->data, flags))
		err = errno;
	key_end(&entry);
	return err;
}

/* One entry of `entries`; false after an answer. */
static bool update_one(struct request *request, const struct map_ref *map, json_t *entry,
		       uint64_t flags)
{
	struct fields fields = { .object = entry };
	struct bytes key = field_bytes(&fields, "key", MAX_ENTRY_BYTES);
	struct bytes value = field_bytes(&fields, "value", MAX_ENTRY_BYTES);
	bool is_patch = field_has(&fields, "offset"), right = false;
	size_t offset = (size_t)field_integer_or(&fields, "offset", 0, MAX_ENTRY_BYTES, 0);
	int err;

	if (fields_bad(&fields)) {
		request->fields = fields;
		request_bad(request);
		goto cleanup;
	}
	if (!has_size(request, map, "key", key.length, map->key_bytes))
		goto cleanup;
	if (is_patch && (!value.length || offset + value.length > map->info.value_size)) {
		request_fail(request, E_MAP_SIZE, ERANGE, map->info.name,
			     "%zu bytes at %zu are not within a value of map \"%s\", which has %u.",
			     value.length, offset, map->info.name, map->info.value_size);
		goto cleanup;
	}
	if (!is_patch && !has_size(request, map, "value", value.length, map->value_bytes))
		goto cleanup;
	err = is_patch ? -map_patch(map, key.data, offset, &value)
		       : write_value(request, map, &key, &value, flags);
	if (err)
		fail(request, map, "write", err);
	right = !err;
cleanup:
	free(key.data);
	free(value.data);
	return right;
}

void verb_map_update(struct request *request)
{
	json_t *entries = field_array(&request->fields, "entries", MAX_MAP_ENTRIES_PER_REQUEST),
	       *entry;
	uint64_t flags = (uint64_t)field_integer_or(&request->fields, "flags", 0, UINT32_MAX, 0);
	struct map_ref map;
	size_t index;

	if (!entries)
		fields_problem(&request->fields, "entries", "must be an array");
	if (!open_map(request, &map))
		return;
	json_array_foreach (entries, index, entry) {
		if (!update_one(request, &map, entry, flags)) {
			close(map.fd);
			return;
		}
	}
	close(map.fd);
	reply_ok(request->session, request->id, json_pack("{s:I}", "updated", (json_int_t)index));
}

void verb_map_delete(struct request *request)
{
	json_t *keys = field_array(&request->fields, "keys", MAX_MAP_ENTRIES_PER_REQUEST), *item;
	json_int_t deleted = 0;
	struct map_ref map;
	size_t index;

	if (!keys)
		fields_problem(&request->fields, "keys", "must be an array");
	if (!open_map(request, &map))
		return;
	json_array_foreach (keys, index, item) {
		struct bytes key = string_bytes(&request->fields, item, "keys", MAX_ENTRY_BYTES);
		bool right = !request_bad(request) &&
			     has_size(request, &map, "key", key.length, map.key_bytes);
		struct entry_key entry = { .fd = -1 };
		int err = right ? -key_begin(&entry, request, &map, &key) : 0;

		if (right && !err && bpf_map_delete_elem(map.fd, entry.pointer))
			err = errno;
		key_end(&entry);
		free(key.data);
		if (err && err != ENOENT)
			fail(request, &map, "delete from", err);
		if (!right || (err && err != ENOENT)) {
			close(map.fd);
			return;
		}
		deleted += !err;
	}
	close(map.fd);
	reply_ok(request->session, request->id, json_pack("{s:I}", "deleted", deleted));
}

void verb_map_pop(struct request *request)
{
	bool peek = field_boolean_or(&request->fields, "peek", false);
	struct map_ref map;
	uint8_t *value;
	int err;

	if (!open_map(request, &map))
		return;
	value = value_room(&map);
	if (map.info.type != BPF_MAP_TYPE_QUEUE && map.info.type != BPF_MAP_TYPE_STACK)
		err = EOPNOTSUPP;
	else if (!value)
		err = ENOMEM;
	else if (peek)
		err = bpf_map_lookup_elem(map.fd, NULL, value) ? errno : 0;
	else
		err = bpf_map_lookup_and_delete_elem(map.fd, NULL, value) ? errno : 0;
	if (err && err != ENOENT)
		fail(request, &map, "take a value from", err);
	else
		reply_value(request, !err, value, map.value_bytes);
	free(value);
	close(map.fd);
}

static int submit_one(struct user_ring_buffer *ring, const struct bytes *record)
{
	void *room = user_ring_buffer__reserve(ring, (__u32)record->length);

	if (!room)
		return -errno;
	memcpy(room, record->data, record->length);
	user_ring_buffer__submit(ring, room);
	return 0;
}

void verb_user_ring_submit(struct request *request)
{
	json_t *records = field_array(&request->fields, "records", MAX_USER_RECORDS), *item;
	struct user_ring_buffer *ring;
	struct map_ref map;
	size_t index;
	int err = 0;

	if (!records)
		fields_problem(&request->fields, "records", "must be an array");
	if (!open_map(request, &map))
		return;
	ring = user_ring_buffer__new(map.fd, NULL);
	if (!ring)
		err = -errno;
	json_array_foreach (records, index, item) {
		struct bytes record =
			string_bytes(&request->fields, item, "records", MAX_ENTRY_BYTES);

		if (!err && !fields_bad(&request->fields))
			err = submit_one(ring, &record);
		free(record.data);
	}
	if (err)
		fail(request, &map, "submit a record to", -err);
	else if (!request_bad(request))
		reply_ok(request->session, request->id, NULL);
	user_ring_buffer__free(ring);
	close(map.fd);
}
