// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * The verbs `program_code` (instructions as the kernel runs them, with the lines that they come
 * from) and `btf_bytes` (a BTF object as it was loaded). Raw bytes: the gateway reads them.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "errors.h"
#include "request.h"
#include "text_stream.h"

/* The parts of the stream, in this order; a part that the kernel does not give is empty. */
enum part {
	PART_XLATED,
	PART_JITED,
	PART_LINES,
	PART_JITED_LINES,
	PART_FUNCTIONS,
	PART_JITED_SYMBOLS,
	PART_JITED_LENGTHS,
	PARTS,
};

static const char *const names[PARTS] = {
	"xlated", "jited", "lines", "jited_lines", "functions", "jited_symbols", "jited_lengths",
};

struct code_sizes {
	uint32_t bytes[PARTS];
};

static void layout(const struct bpf_prog_info *info, struct code_sizes *sizes)
{
	*sizes = (struct code_sizes){ {
		[PART_XLATED] = info->xlated_prog_len,
		[PART_JITED] = info->jited_prog_len,
		[PART_LINES] = info->nr_line_info * sizeof(struct bpf_line_info),
		[PART_JITED_LINES] = info->nr_jited_line_info * sizeof(uint64_t),
		[PART_FUNCTIONS] = info->nr_func_info * sizeof(struct bpf_func_info),
		[PART_JITED_SYMBOLS] = info->nr_jited_ksyms * sizeof(uint64_t),
		[PART_JITED_LENGTHS] = info->nr_jited_func_lens * sizeof(uint32_t),
	} };
}

static size_t total(const struct code_sizes *sizes)
{
	size_t bytes = 0;

	for (int part = 0; part < PARTS; part++)
		bytes += sizes->bytes[part];
	return bytes;
}

/* The second question: the same counts, with room for what they count. */
static int fetch(int fd, const struct bpf_prog_info *counts, const struct code_sizes *sizes,
		 char *bytes)
{
	struct bpf_prog_info info = {
		.xlated_prog_len = counts->xlated_prog_len,
		.jited_prog_len = counts->jited_prog_len,
		.nr_line_info = counts->nr_line_info,
		.line_info_rec_size = sizeof(struct bpf_line_info),
		.nr_jited_line_info = counts->nr_jited_line_info,
		.jited_line_info_rec_size = sizeof(uint64_t),
		.nr_func_info = counts->nr_func_info,
		.func_info_rec_size = sizeof(struct bpf_func_info),
		.nr_jited_ksyms = counts->nr_jited_ksyms,
		.nr_jited_func_lens = counts->nr_jited_func_lens,
	};
	__u32 size = sizeof(info);
	uintptr_t at[PARTS], next = (uintptr_t)bytes;

	for (int part = 0; part < PARTS; part++) {
		at[part] = next;
		next += sizes->bytes[part];
	}
	info.xlated_prog_insns = at[PART_XLATED];
	info.jited_prog_insns = at[PART_JITED];
	info.line_info = at[PART_LINES];
	info.jited_line_info = at[PART_JITED_LINES];
	info.func_info = at[PART_FUNCTIONS];
	info.jited_ksyms = at[PART_JITED_SYMBOLS];
	info.jited_func_lens = at[PART_JITED_LENGTHS];
	return bpf_prog_get_info_by_fd(fd, &info, &size);
}

void verb_program_code(struct request *request)
{
	uint32_t id = (uint32_t)field_integer(&request->fields, "prog_id", 1, UINT32_MAX);
	uint32_t stream = field_stream(&request->fields, "stream");
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	struct code_sizes sizes;
	json_t *result;
	char *bytes = NULL;
	int fd, err;

	if (request_bad(request))
		return;
	fd = bpf_prog_get_fd_by_id(id);
	err = fd < 0 ? -errno : bpf_prog_get_info_by_fd(fd, &info, &size);
	if (!err) {
		layout(&info, &sizes);
		bytes = calloc(1, total(&sizes) + 1);
		err = bytes ? fetch(fd, &info, &sizes, bytes) : -ENOMEM;
	}
	if (fd >= 0)
		close(fd);
	if (err) {
		free(bytes);
		request_fail(request, E_REQUEST, err, NULL,
			     "Cannot read the code of program %u: %s (%s).", id, strerror(-err),
			     errno_name(-err));
		return;
	}
	err = text_stream_memory(request->session, stream, NULL, bytes, total(&sizes), -1);
	if (err) {
		request_fail(request, E_REQUEST, err, NULL, "Stream %u is in use.", stream);
		return;
	}
	result = json_pack("{s:s, s:I}", "name", info.name, "btf_id", (json_int_t)info.btf_id);
	for (int part = 0; part < PARTS; part++)
		json_object_set_new(result, names[part], json_integer(sizes.bytes[part]));
	reply_ok(request->session, request->id, result);
}

void verb_btf_bytes(struct request *request)
{
	uint32_t id = (uint32_t)field_integer(&request->fields, "btf_id", 1, UINT32_MAX);
	uint32_t stream = field_stream(&request->fields, "stream");
	struct bpf_btf_info info = { 0 };
	__u32 size = sizeof(info), bytes_size = 0;
	char *bytes = NULL;
	int fd, err;

	if (request_bad(request))
		return;
	fd = bpf_btf_get_fd_by_id(id);
	err = fd < 0 ? -errno : bpf_btf_get_info_by_fd(fd, &info, &size);
	if (!err) {
		bytes_size = info.btf_size;
		bytes = calloc(1, bytes_size + 1);
		info = (struct bpf_btf_info){ .btf = (uintptr_t)bytes, .btf_size = bytes_size };
		size = sizeof(info);
		err = bytes ? bpf_btf_get_info_by_fd(fd, &info, &size) : -ENOMEM;
	}
	if (fd >= 0)
		close(fd);
	if (err) {
		free(bytes);
		request_fail(request, E_REQUEST, err, NULL, "Cannot read BTF %u: %s (%s).", id,
			     strerror(-err), errno_name(-err));
		return;
	}
	err = text_stream_memory(request->session, stream, NULL, bytes, bytes_size, -1);
	if (err) {
		request_fail(request, E_REQUEST, err, NULL, "Stream %u is in use.", stream);
		return;
	}
	reply_ok(request->session, request->id, json_pack("{s:I}", "bytes", (json_int_t)bytes_size));
}
