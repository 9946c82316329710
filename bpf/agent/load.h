// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Loading of one object: the job, its parts, what it reports. */
#ifndef BPFLAB_LOAD_H
#define BPFLAB_LOAD_H

#include <bpf/libbpf.h>

#include "fields.h"
#include "libbpf_log.h"
#include "run.h"

/* A buffer that the kernel writes a verifier's log into; memory is touched only where there is
 * text. */
struct log_buffer {
	char *text;
	size_t size;
};

struct load_job {
	struct job job;
	struct run *run;
	long long request_id;
	uint32_t log_stream;
	/* Held. */
	json_t *request;
	struct blob *object_blob, *core_btf;
	int core_btf_fd;
	/* Programs that programs of the object are for. libbpf takes the descriptors and closes
	 * none. */
	int *target_fds;
	int target_count;
	struct bpf_object *object;
	/* One for programs whose log matters only when they are refused, one for each that asked
	 * for its log. */
	struct log_buffer shared;
	struct log_buffer *own;
	int own_count;
	size_t log_size;
	struct libbpf_log libbpf;
	struct fault fault;
	/* malloc: what goes to log_stream. */
	char *log;
	size_t log_length;
	json_t *result;
};

/* Opens the object and does what the request says of programs, globals and maps; -errno and a
 * fault. */
int load_configure(struct load_job *load);
/* The `result` of a loaded object. `start_ns` is CLOCK_BOOTTIME before the programs were loaded. */
json_t *load_report(const struct load_job *load, uint64_t start_ns, uint64_t total_us);
/* Gives the object its log buffers; -ENOMEM. */
int load_logs_prepare(struct load_job *load);
/* Puts `log` together from the buffers: of the refused program, or of those that asked for theirs.
 */
void load_logs_collect(struct load_job *load, bool refused);
void load_logs_free(struct load_job *load);
uint64_t boottime_ns(void);

#endif
