// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* libbpf's own lines, kept per thread while an operation runs. */
#ifndef BPFLAB_LIBBPF_LOG_H
#define BPFLAB_LIBBPF_LOG_H

#include <stddef.h>

/* The newest LIBBPF_LOG_BYTES of lines; `failed_program` and `failed_map` are the first that libbpf
 * named as refused. */
struct libbpf_log {
	char *text;
	size_t length;
	char failed_program[128];
	char failed_map[128];
};

/* Once per process: nothing goes to stderr any more. */
void libbpf_log_install(void);
/* Lines of this thread go to `log` until `libbpf_log_end`. */
void libbpf_log_begin(struct libbpf_log *log);
void libbpf_log_end(void);
void libbpf_log_free(struct libbpf_log *log);
/* The last line without libbpf's prefix, cut to `size`; "" when there is none. */
void libbpf_log_last_line(const struct libbpf_log *log, char *line, size_t size);

#endif
