// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Opens an object and applies what the request says of it. Runs on the job thread. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "errors.h"
#include "load.h"
#include "policy.h"
#include "type_name.h"

#define MAX_GLOBAL_BYTES (4u * 1024 * 1024)

static int bad_request(struct load_job *load, const struct fields *fields)
{
	return fault_set(&load->fault, E_REQUEST, EINVAL, NULL, "The request's field %s.",
			 fields->problem);
}

/* libbpf takes the BTF for CO-RE from a path only. */
static int core_btf_path(struct load_job *load, char *path, size_t size)
{
	ssize_t length = (ssize_t)load->core_btf->size;

	if (load->core_btf_fd < 0)
		load->core_btf_fd = memfd_create("core_btf", MFD_CLOEXEC);
	if (load->core_btf_fd < 0 ||
	    pwrite(load->core_btf_fd, load->core_btf->bytes, (size_t)length, 0) != length)
		return -ENOMEM;
	snprintf(path, size, "/proc/self/fd/%d", load->core_btf_fd);
	return 0;
}

static int open_object(struct load_job *load)
{
	LIBBPF_OPTS(bpf_object_open_opts, options);
	struct fields fields = { .object = load->request };
	char btf[64], pins[MAX_PATH_BYTES + 8], line[256];
	int err;

	options.object_name = field_string(&fields, "object_name");
	if (fields_bad(&fields))
		return bad_request(load, &fields);
	if (load->core_btf) {
		err = core_btf_path(load, btf, sizeof(btf));
		if (err)
			return fault_set(&load->fault, E_LOAD_FAILED, err, NULL,
					 "Cannot keep the BTF for relocation: %s.", strerror(-err));
		options.btf_custom_path = btf;
	}
	snprintf(pins, sizeof(pins), "%s/bpf", load->job.session->workspace.folder);
	options.pin_root_path = pins;
	load->object =
		bpf_object__open_mem(load->object_blob->bytes, load->object_blob->size, &options);
	if (load->object)
		return 0;
	err = -errno;
	libbpf_log_last_line(&load->libbpf, line, sizeof(line));
	return fault_set(&load->fault, E_OBJECT_INVALID, err, options.object_name,
			 "Cannot open the object: %s (%s).", line[0] ? line : strerror(-err),
			 errno_name(-err));
}

/* A descriptor of the program that is open until the load is over; -errno. */
static int open_target(struct load_job *load, uint32_t id)
{
	size_t size = ((size_t)load->target_count + 1) * sizeof(*load->target_fds);
	int *fds = realloc(load->target_fds, size);
	int fd = fds ? bpf_prog_get_fd_by_id(id) : -ENOMEM;

	if (fds)
		load->target_fds = fds;
	if (fd >= 0)
		load->target_fds[load->target_count++] = fd;
	return fd;
}

static int set_attach_target(struct load_job *load, struct bpf_program *program, json_t *target)
{
	struct fields fields = { .object = target };
	int64_t id = field_integer_or(&fields, "prog_id", 0, UINT32_MAX, 0);
	const char *function = field_string(&fields, "func");
	int fd = 0, err;

	if (fields_bad(&fields))
		return bad_request(load, &fields);
	if (id) {
		fd = open_target(load, (uint32_t)id);
		if (fd < 0)
			return fault_set(
				&load->fault, E_LOAD_FAILED, fd, bpf_program__name(program),
				"There is no program with id %lld to attach to.", (long long)id);
	}
	err = bpf_program__set_attach_target(program, fd, function);
	if (err)
		return fault_set(&load->fault, E_LOAD_FAILED, err, bpf_program__name(program),
				 "Cannot make \"%s\" the target of \"%s\": %s.", function,
				 bpf_program__name(program), strerror(-err));
	return 0;
}

static int configure_program(struct load_job *load, const char *name, json_t *options)
{
	struct bpf_program *program = bpf_object__find_program_by_name(load->object, name);
	struct fields fields = { .object = options };
	json_t *target = field_object(&fields, "attach_target");
	int64_t level = field_integer_or(&fields, "log_level", 0, 7, 1);

	if (!program)
		return fault_set(&load->fault, E_REQUEST, ENOENT, name,
				 "The object has no program \"%.60s\".", name);
	if (field_has(&fields, "autoload"))
		bpf_program__set_autoload(program, field_boolean_or(&fields, "autoload", true));
	/* 1 is libbpf's own way: nothing at first, the log when the program is refused. */
	bpf_program__set_log_level(program, level == 1 ? 0 : (__u32)level);
	if (fields_bad(&fields))
		return bad_request(load, &fields);
	return target ? set_attach_target(load, program, target) : 0;
}

static int configure_programs(struct load_job *load)
{
	struct fields fields = { .object = load->request };
	json_t *programs = field_object(&fields, "programs"), *options;
	struct bpf_program *program;
	const char *name;

	if (fields_bad(&fields))
		return bad_request(load, &fields);
	json_object_foreach (programs, name, options) {
		int err = configure_program(load, name, options);

		if (err)
			return err;
	}
	bpf_object__for_each_program (program, load->object) {
		const char *type = program_type_name(bpf_program__type(program));

		if (!bpf_program__autoload(program))
			continue;
		if (bpf_program__type(program) == BPF_PROG_TYPE_UNSPEC)
			return fault_set(
				&load->fault, E_SECTION_UNKNOWN, EINVAL, bpf_program__name(program),
				"libbpf does not know the section \"%.100s\" of \"%s\".",
				bpf_program__section_name(program), bpf_program__name(program));
		if (!policy_allows_type(load->job.session->terms, type))
			return fault_set(&load->fault, E_POLICY_REFUSED, EACCES,
					 bpf_program__name(program),
					 "The policy of node \"%.100s\" allows no programs of type "
					 "\"%s\", as \"%s\" is.",
					 load->job.session->facts->node, type,
					 bpf_program__name(program));
	}
	return 0;
}

static int reuse_map(struct load_job *load, struct bpf_map *map, uint32_t id)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	const char *name = bpf_map__name(map);
	int fd = bpf_map_get_fd_by_id(id);
	int err = fd < 0 ? -errno : bpf_map_get_info_by_fd(fd, &info, &size);

	if (!err && (info.type != bpf_map__type(map) || info.key_size != bpf_map__key_size(map) ||
		     info.value_size != bpf_map__value_size(map)))
		err = fault_set(
			&load->fault, E_LOAD_MAP, EINVAL, name,
			"Map \"%s\" has another shape than the map with id %u that it is to re-use.",
			name, id);
	if (!err)
		err = bpf_map__reuse_fd(map, fd);
	if (fd >= 0)
		close(fd);
	if (err)
		fault_set(&load->fault, E_LOAD_MAP, err, name,
			  "Map \"%s\" cannot re-use the map with id %u: %s.", name, id,
			  strerror(-err));
	return err;
}

/* Pins live in the session's own bpffs, so that nothing is left of them at its end. */
static int pin_map(struct load_job *load, struct bpf_map *map, const char *pin)
{
	char path[MAX_PATH_BYTES + 80];
	int err = 0;

	if (!*pin || strchr(pin, '/') || pin[0] == '.' || strlen(pin) > 64)
		return fault_set(&load->fault, E_FILE_PATH, EINVAL, pin,
				 "The pin \"%.64s\" must be a plain name.", pin);
	snprintf(path, sizeof(path), "%s/bpf/%s", load->job.session->workspace.folder, pin);
	err = bpf_map__set_pin_path(map, path);
	return err ? fault_set(&load->fault, E_LOAD_MAP, err, bpf_map__name(map),
			       "Cannot pin map \"%s\": %s.", bpf_map__name(map), strerror(-err))
		   : 0;
}

static int configure_map(struct load_job *load, const char *name, json_t *options)
{
	struct bpf_map *map = bpf_object__find_map_by_name(load->object, name);
	struct fields fields = { .object = options };
	int64_t entries = field_integer_or(&fields, "max_entries", 1, UINT32_MAX, 0);
	int64_t reuse = field_integer_or(&fields, "reuse_id", 1, UINT32_MAX, 0);
	const char *pin = field_string_or(&fields, "pin", NULL);
	int err = 0;

	if (!map)
		return fault_set(&load->fault, E_MAP_UNKNOWN, ENOENT, name,
				 "The object has no map \"%.60s\".", name);
	if (field_boolean_or(&fields, "clear_sizes", false)) {
		err = bpf_map__set_key_size(map, 0);
		if (!err)
			err = bpf_map__set_value_size(map, 0);
	}
	if (fields_bad(&fields))
		return bad_request(load, &fields);
	if (!err && entries)
		err = bpf_map__set_max_entries(map, (__u32)entries);
	if (err)
		return fault_set(&load->fault, E_LOAD_MAP, err, name,
				 "Cannot change the sizes of map \"%s\": %s.", name,
				 strerror(-err));
	if (pin)
		err = pin_map(load, map, pin);
	return err || !reuse ? err : reuse_map(load, map, (uint32_t)reuse);
}

static int configure_maps(struct load_job *load)
{
	struct session *session = load->job.session;
	struct fields fields = { .object = load->request };
	json_t *maps = field_object(&fields, "maps"), *options;
	struct bpf_map *map;
	const char *name;
	int err = 0;

	if (fields_bad(&fields))
		return bad_request(load, &fields);
	json_object_foreach (maps, name, options) {
		err = configure_map(load, name, options);
		if (err)
			return err;
	}
	bpf_object__for_each_map (map, load->object)
		if (!err && bpf_map__pin_path(map))
			err = workspace_need_bpffs(&session->workspace, session->journal);
	return err ? fault_set(&load->fault, E_LOAD_MAP, err, NULL,
			       "The session has no bpffs to pin maps in: %s.", strerror(-err))
		   : 0;
}

static int write_global(struct load_job *load, json_t *global)
{
	struct fields fields = { .object = global };
	const char *name = field_string(&fields, "map");
	int64_t offset = field_integer(&fields, "offset", 0, MAX_GLOBAL_BYTES);
	struct bytes bytes = field_bytes(&fields, "bytes", MAX_GLOBAL_BYTES);
	struct bpf_map *map = bpf_object__find_map_by_name(load->object, name);
	size_t size = 0;
	uint8_t *value =
		map && bpf_map__is_internal(map) ? bpf_map__initial_value(map, &size) : NULL;
	int err = 0;

	if (fields_bad(&fields))
		err = bad_request(load, &fields);
	else if (!value)
		err = fault_set(&load->fault, E_GLOBAL_UNKNOWN, ENOENT, name,
				"The object has no globals in \"%.60s\".", name);
	else if ((size_t)offset > size || bytes.length > size - (size_t)offset)
		err = fault_set(&load->fault, E_GLOBAL_UNKNOWN, ERANGE, name,
				"%zu bytes at %lld are outside of \"%.60s\", which has %zu.",
				bytes.length, (long long)offset, name, size);
	else if (bytes.length)
		memcpy(value + offset, bytes.data, bytes.length);
	free(bytes.data);
	return err;
}

int load_configure(struct load_job *load)
{
	struct fields fields = { .object = load->request };
	json_t *globals, *global;
	size_t index;
	int err = open_object(load);

	if (!err)
		err = configure_programs(load);
	if (!err)
		err = configure_maps(load);
	if (err)
		return err;
	globals = field_array(&fields, "globals", MAX_MAP_ENTRIES_PER_REQUEST);
	if (fields_bad(&fields))
		return bad_request(load, &fields);
	json_array_foreach (globals, index, global) {
		err = write_global(load, global);
		if (err)
			return err;
	}
	return 0;
}
