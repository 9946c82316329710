// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What a failed request says. */
#ifndef BPFLAB_FAULT_H
#define BPFLAB_FAULT_H

#include <jansson.h>

/* `code` NULL: nothing failed. `errnum` is positive or 0. `libbpf_log` belongs to the fault. */
struct fault {
	const char *code;
	int errnum;
	char subject[128];
	char message[512];
	char *libbpf_log;
};

/* The first fault stays; `errnum` may be given negative. Always returns -errnum, or -EINVAL for 0.
 */
__attribute__((format(printf, 5, 6))) int fault_set(struct fault *fault, const char *code,
						    int errnum, const char *subject,
						    const char *format, ...);
void fault_free(struct fault *fault);
/* The `error` object of a reply. */
json_t *fault_json(const struct fault *fault);
/* "EPERM" of EPERM; also of the kernel's own 512 … 530. */
const char *errno_name(int errnum);
/* A JSON string; bytes that are not UTF-8 become "?". */
json_t *text_json(const char *text, size_t length);

#endif
