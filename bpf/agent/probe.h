// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The items of the verb `probe`. */
#ifndef BPFLAB_PROBE_H
#define BPFLAB_PROBE_H

#include <jansson.h>
#include <stddef.h>

#include "facts.h"

/* malloc. */
struct probe_text {
	char *bytes;
	size_t length;
};

/* Gives the item's part of the result; appends its long form to `text` when that is not NULL. */
struct probe_item {
	const char *name;
	json_t *(*probe)(const struct facts *facts, struct probe_text *text);
};

/* The whole of a file, also of /proc, at most MAX_BLOB_BYTES; NULL when it cannot be read. Ends
 * with a 0. */
char *probe_read(const char *path, size_t *length);

json_t *probe_config(const struct facts *facts, struct probe_text *text);
json_t *probe_kallsyms(const struct facts *facts, struct probe_text *text);
json_t *probe_tracepoints(const struct facts *facts, struct probe_text *text);
json_t *probe_btf(const struct facts *facts, struct probe_text *text);
json_t *probe_lockdown(const struct facts *facts, struct probe_text *text);
json_t *probe_caps(const struct facts *facts, struct probe_text *text);
json_t *probe_lsm(const struct facts *facts, struct probe_text *text);
json_t *probe_program_types(const struct facts *facts, struct probe_text *text);
json_t *probe_map_types(const struct facts *facts, struct probe_text *text);
json_t *probe_helpers(const struct facts *facts, struct probe_text *text);

#endif
