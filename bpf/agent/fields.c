// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "proto.h"

#define MAX_RUN_NAME 40

bool fields_bad(const struct fields *fields)
{
	return fields->problem[0] != 0;
}

void fields_problem(struct fields *fields, const char *name, const char *what)
{
	if (!fields_bad(fields))
		snprintf(fields->problem, sizeof(fields->problem), "\"%.60s\" %s", name, what);
}

/* JSON null counts as absent. */
static json_t *get(const struct fields *fields, const char *name)
{
	json_t *value = json_object_get(fields->object, name);

	return json_is_null(value) ? NULL : value;
}

bool field_has(const struct fields *fields, const char *name)
{
	return get(fields, name) != NULL;
}

const char *field_string(struct fields *fields, const char *name)
{
	json_t *value = get(fields, name);

	if (json_is_string(value))
		return json_string_value(value);
	fields_problem(fields, name, "must be a string");
	return "";
}

const char *field_string_or(struct fields *fields, const char *name, const char *fallback)
{
	return field_has(fields, name) ? field_string(fields, name) : fallback;
}

int64_t field_integer(struct fields *fields, const char *name, int64_t least, int64_t most)
{
	json_t *value = get(fields, name);
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value)) {
		fields_problem(fields, name, "must be an integer");
		return least;
	}
	if (number < least || number > most) {
		fields_problem(fields, name, "is out of range");
		return least;
	}
	return number;
}

int64_t field_integer_or(struct fields *fields, const char *name, int64_t least, int64_t most,
			 int64_t fallback)
{
	return field_has(fields, name) ? field_integer(fields, name, least, most) : fallback;
}

uint64_t field_u64_or(struct fields *fields, const char *name, uint64_t fallback)
{
	const char *text;
	uint64_t number = 0;

	if (!field_has(fields, name))
		return fallback;
	text = field_string(fields, name);
	if (!*text)
		fields_problem(fields, name, "must be a decimal number");
	for (; *text; text++) {
		unsigned int digit = (unsigned int)*text - '0';

		if (digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, digit, &number)) {
			fields_problem(fields, name, "must be a decimal number of 64 bits");
			return fallback;
		}
	}
	return number;
}

bool field_boolean_or(struct fields *fields, const char *name, bool fallback)
{
	json_t *value = get(fields, name);

	if (!value)
		return fallback;
	if (!json_is_boolean(value))
		fields_problem(fields, name, "must be true or false");
	return json_is_true(value);
}

struct bytes string_bytes(struct fields *fields, const json_t *string, const char *name,
			  size_t most)
{
	struct bytes bytes = { 0 };
	size_t digits = json_string_length(string);

	if (!json_is_string(string) || digits % 2) {
		fields_problem(fields, name, "must be bytes in hex");
		return bytes;
	}
	if (digits / 2 > most) {
		fields_problem(fields, name, "is too long");
		return bytes;
	}
	/* One more, so that no bytes at all are memory too. */
	bytes.data = malloc(digits / 2 + 1);
	if (!bytes.data) {
		fields_problem(fields, name, "does not fit into memory");
		return bytes;
	}
	bytes.length = digits / 2;
	if (hex_decode(json_string_value(string), bytes.data, bytes.length)) {
		fields_problem(fields, name, "must be bytes in lower-case hex");
		free(bytes.data);
		return (struct bytes){ 0 };
	}
	return bytes;
}

struct bytes field_bytes(struct fields *fields, const char *name, size_t most)
{
	json_t *value = get(fields, name);

	return value ? string_bytes(fields, value, name, most) : (struct bytes){ 0 };
}

json_t *field_object(struct fields *fields, const char *name)
{
	json_t *value = get(fields, name);

	if (value && !json_is_object(value)) {
		fields_problem(fields, name, "must be an object");
		return NULL;
	}
	return value;
}

json_t *field_array(struct fields *fields, const char *name, size_t most)
{
	json_t *value = get(fields, name);

	if (value && !json_is_array(value)) {
		fields_problem(fields, name, "must be an array");
		return NULL;
	}
	if (json_array_size(value) > most) {
		fields_problem(fields, name, "has too many elements");
		return NULL;
	}
	return value;
}

uint32_t field_stream(struct fields *fields, const char *name)
{
	return (uint32_t)field_integer(fields, name, 1, MAX_STREAM_ID);
}

uint32_t field_stream_or(struct fields *fields, const char *name)
{
	return field_has(fields, name) ? field_stream(fields, name) : 0;
}

const char *field_run(struct fields *fields)
{
	const char *run = field_string(fields, "run");
	size_t length = strspn(run, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (length == 0 || length > MAX_RUN_NAME || run[length])
		fields_problem(fields, "run", "must be 1 to 40 of a-z, 0-9 and -");
	return run;
}
