// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ENOTSUPP of include/linux/errno.h: some bpf() paths return it to user space. */
#define KERNEL_ENOTSUPP 524

int fault_set(struct fault *fault, const char *code, int errnum, const char *subject,
	      const char *format, ...)
{
	va_list arguments;

	errnum = abs(errnum);
	if (!fault->code) {
		fault->code = code;
		fault->errnum = errnum;
		snprintf(fault->subject, sizeof(fault->subject), "%s", subject ? subject : "");
		va_start(arguments, format);
		vsnprintf(fault->message, sizeof(fault->message), format, arguments);
		va_end(arguments);
	}
	return errnum ? -errnum : -EINVAL;
}

void fault_free(struct fault *fault)
{
	free(fault->libbpf_log);
	fault->libbpf_log = NULL;
}

const char *errno_name(int errnum)
{
	const char *name = strerrorname_np(errnum);

	if (name)
		return name;
	return errnum == KERNEL_ENOTSUPP ? "ENOTSUPP" : "EUNKNOWN";
}

/* Length of a valid UTF-8 sequence at `at`, 0 when it is none. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
	size_t length = at[0] < 0x80	   ? 1
			: at[0] >> 5 == 6  ? 2
			: at[0] >> 4 == 14 ? 3
			: at[0] >> 3 == 30 ? 4
					   : 0;

	if (length == 0 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if (at[i] >> 6 != 2)
			return 0;
	return length;
}

json_t *text_json(const char *text, size_t length)
{
	json_t *string = json_stringn(text, length);
	char *clean;

	if (string)
		return string;
	clean = malloc(length + 1);
	if (!clean)
		return NULL;
	for (size_t i = 0; i < length;) {
		size_t step = utf8_length((const unsigned char *)text + i, length - i);

		/* Overlong forms and surrogates pass utf8_length; jansson's own check decides. */
		string = step > 1 ? json_stringn(text + i, step) : NULL;
		if (step == 1 || string) {
			memcpy(clean + i, text + i, step);
			i += step;
		} else {
			clean[i++] = '?';
		}
		json_decref(string);
	}
	string = json_stringn(clean, length);
	free(clean);
	return string;
}

json_t *fault_json(const struct fault *fault)
{
	json_t *error = json_object();

	json_object_set_new(error, "code", json_string(fault->code));
	json_object_set_new(error, "message", text_json(fault->message, strlen(fault->message)));
	if (fault->errnum)
		json_object_set_new(error, "errno", json_string(errno_name(fault->errnum)));
	if (fault->subject[0])
		json_object_set_new(error, "subject",
				    text_json(fault->subject, strlen(fault->subject)));
	if (fault->libbpf_log && fault->libbpf_log[0])
		json_object_set_new(error, "libbpf_log",
				    text_json(fault->libbpf_log, strlen(fault->libbpf_log)));
	return error;
}
