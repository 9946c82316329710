// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Checked reading of a JSON object: the first wrong field is remembered, later reads give harmless
 * values. */
#ifndef BPFLAB_FIELDS_H
#define BPFLAB_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `problem` is empty while all is well. `object` is borrowed. */
struct fields {
	json_t *object;
	char problem[160];
};

/* Memory of whoever asked for it. */
struct bytes {
	uint8_t *data;
	size_t length;
};

bool fields_bad(const struct fields *fields);
void fields_problem(struct fields *fields, const char *name, const char *what);
bool field_has(const struct fields *fields, const char *name);
/* Never NULL; "" after a problem. */
const char *field_string(struct fields *fields, const char *name);
/* `fallback` (may be NULL) when the field is absent. */
const char *field_string_or(struct fields *fields, const char *name, const char *fallback);
int64_t field_integer(struct fields *fields, const char *name, int64_t least, int64_t most);
int64_t field_integer_or(struct fields *fields, const char *name, int64_t least, int64_t most,
			 int64_t fallback);
/* A 64-bit number as decimal text. */
uint64_t field_u64_or(struct fields *fields, const char *name, uint64_t fallback);
bool field_boolean_or(struct fields *fields, const char *name, bool fallback);
/* Hex of at most `most` bytes; absent: NULL and 0. The caller frees `data`. */
struct bytes field_bytes(struct fields *fields, const char *name, size_t most);
/* Hex of one JSON string that is not a field, as `name` in problems. */
struct bytes string_bytes(struct fields *fields, const json_t *string, const char *name,
			  size_t most);
/* Borrowed; NULL when absent. */
json_t *field_object(struct fields *fields, const char *name);
json_t *field_array(struct fields *fields, const char *name, size_t most);
uint32_t field_stream(struct fields *fields, const char *name);
/* 0 when absent. */
uint32_t field_stream_or(struct fields *fields, const char *name);
/* [a-z0-9-]{1,40} */
const char *field_run(struct fields *fields);

#endif
