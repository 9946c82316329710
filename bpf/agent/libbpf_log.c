// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "libbpf_log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"

static __thread struct libbpf_log *current;

/* "libbpf: WHAT 'NAME': …WHY…" gives NAME. */
static void note_failed(const char *line, const char *what, const char *why, char *name,
			size_t size)
{
	const char *start = strstr(line, what);
	const char *end;

	if (name[0] || !start || !strstr(line, why))
		return;
	start += strlen(what);
	end = strchr(start, '\'');
	if (end && (size_t)(end - start) < size)
		memcpy(name, start, (size_t)(end - start));
}

static void append(struct libbpf_log *log, const char *line, size_t length)
{
	if (!log->text)
		log->text = malloc(LIBBPF_LOG_BYTES);
	if (!log->text)
		return;
	if (length >= LIBBPF_LOG_BYTES) {
		line += length - (LIBBPF_LOG_BYTES - 1);
		length = LIBBPF_LOG_BYTES - 1;
	}
	if (log->length + length >= LIBBPF_LOG_BYTES) {
		size_t drop = log->length + length - (LIBBPF_LOG_BYTES - 1);

		memmove(log->text, log->text + drop, log->length - drop);
		log->length -= drop;
	}
	memcpy(log->text + log->length, line, length);
	log->length += length;
	log->text[log->length] = 0;
}

static int print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *line = NULL;
	int length;

	if (!current || level == LIBBPF_DEBUG)
		return 0;
	length = vasprintf(&line, format, arguments);
	if (length < 0)
		return 0;
	note_failed(line, "prog '", "BPF program load failed", current->failed_program,
		    sizeof(current->failed_program));
	note_failed(line, "map '", "failed to create", current->failed_map,
		    sizeof(current->failed_map));
	/* The type of a ring's records is a hint for us; that the kernel does not take it is no news. */
	if (!strstr(line, "Retrying without BTF"))
		append(current, line, (size_t)length);
	free(line);
	return 0;
}

void libbpf_log_install(void)
{
	libbpf_set_print(print);
}

void libbpf_log_begin(struct libbpf_log *log)
{
	memset(log, 0, sizeof(*log));
	current = log;
}

void libbpf_log_end(void)
{
	current = NULL;
}

void libbpf_log_free(struct libbpf_log *log)
{
	free(log->text);
	log->text = NULL;
	log->length = 0;
}

void libbpf_log_last_line(const struct libbpf_log *log, char *line, size_t size)
{
	size_t end = log->length, start;

	while (end && log->text[end - 1] == '\n')
		end--;
	for (start = end; start && log->text[start - 1] != '\n';)
		start--;
	if (end - start > 8 && !memcmp(log->text + start, "libbpf: ", 8))
		start += 8;
	snprintf(line, size, "%.*s", (int)(end - start), log->text ? log->text + start : "");
}
