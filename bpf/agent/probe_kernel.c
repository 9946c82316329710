// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What the kernel says of itself in files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "capability.h"
#include "fault.h"
#include "limits.h"
#include "probe.h"

#define STEP_BYTES (256u * 1024)

/* Reads plain and gzip files alike. */
char *probe_read(const char *path, size_t *length)
{
	gzFile file = gzopen(path, "rbe");
	char *bytes = NULL;
	size_t filled = 0;
	int got = -1;

	*length = 0;
	while (file && filled < MAX_BLOB_BYTES) {
		char *larger = realloc(bytes, filled + STEP_BYTES + 1);

		if (!larger)
			break;
		bytes = larger;
		got = gzread(file, bytes + filled, STEP_BYTES);
		if (got <= 0)
			break;
		filled += (size_t)got;
	}
	if (file)
		gzclose(file);
	if (!file || (got < 0 && !filled)) {
		free(bytes);
		return NULL;
	}
	bytes[filled] = 0;
	*length = filled;
	return bytes;
}

/* Appends; takes `bytes`. */
static void append(struct probe_text *text, char *bytes, size_t length)
{
	char *all;

	if (!text->bytes) {
		text->bytes = bytes;
		text->length = length;
		return;
	}
	all = realloc(text->bytes, text->length + length + 1);
	if (all) {
		memcpy(all + text->length, bytes, length);
		text->bytes = all;
		text->length += length;
	}
	free(bytes);
}

/* {"CONFIG_X": "y", …} of a configuration's lines. */
static json_t *config_json(char *lines)
{
	json_t *config = json_object();
	char *rest = lines, *line;

	while ((line = strsep(&rest, "\n"))) {
		char *value = strchr(line, '=');

		if (strncmp(line, "CONFIG_", 7) || !value)
			continue;
		*value++ = 0;
		json_object_set_new(config, line, text_json(value, strlen(value)));
	}
	return config;
}

json_t *probe_config(const struct facts *facts, struct probe_text *text)
{
	char path[128];
	size_t length;
	char *lines = probe_read("/proc/config.gz", &length);
	json_t *config;

	if (!lines) {
		snprintf(path, sizeof(path), "/boot/config-%s", facts->kernel_release);
		lines = probe_read(path, &length);
	}
	if (!lines) {
		snprintf(path, sizeof(path), "/lib/modules/%s/config", facts->kernel_release);
		lines = probe_read(path, &length);
	}
	if (!lines)
		return json_null();
	if (text) {
		append(text, lines, length);
		return json_pack("{s:I}", "bytes", (json_int_t)length);
	}
	config = config_json(lines);
	free(lines);
	return config;
}

static json_t *counted_lines(const char *name, const char *path, struct probe_text *text)
{
	size_t length, count = 0;
	char *lines = probe_read(path, &length);

	if (!lines)
		return json_null();
	for (size_t i = 0; i < length; i++)
		count += lines[i] == '\n';
	if (text)
		append(text, lines, length);
	else
		free(lines);
	return json_pack("{s:I}", name, (json_int_t)count);
}

json_t *probe_kallsyms(const struct facts *facts, struct probe_text *text)
{
	(void)facts;
	return counted_lines("symbols", "/proc/kallsyms", text);
}

/* ["category:name", …] */
json_t *probe_tracepoints(const struct facts *facts, struct probe_text *text)
{
	char path[MAX_PATH_BYTES + 32];
	size_t length;
	char *lines, *rest, *line;
	json_t *list;

	snprintf(path, sizeof(path), "%s/available_events", facts->tracing);
	if (text)
		return counted_lines("tracepoints", path, text);
	lines = probe_read(path, &length);
	if (!lines)
		return json_null();
	list = json_array();
	rest = lines;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			json_array_append_new(list, text_json(line, strlen(line)));
	free(lines);
	return list;
}

json_t *probe_btf(const struct facts *facts, struct probe_text *text)
{
	json_t *modules = json_array();
	DIR *folder = opendir("/sys/kernel/btf");
	struct dirent *entry;
	size_t length = 0;
	char *bytes;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "vmlinux"))
			json_array_append_new(modules, json_string(entry->d_name));
	if (folder)
		closedir(folder);
	if (text) {
		bytes = probe_read("/sys/kernel/btf/vmlinux", &length);
		if (bytes)
			append(text, bytes, length);
	}
	return json_pack("{s:s, s:o}", "id", facts->btf_id, "modules", modules);
}

static json_t *first_line(const char *path)
{
	size_t length;
	char *text = probe_read(path, &length);
	json_t *line;

	if (!text)
		return json_null();
	length = strcspn(text, "\n");
	line = text_json(text, length);
	free(text);
	return line;
}

/* The kernel's own line: "none [integrity] confidentiality"; null without lockdown or securityfs.
 */
json_t *probe_lockdown(const struct facts *facts, struct probe_text *text)
{
	(void)facts;
	(void)text;
	return first_line("/sys/kernel/security/lockdown");
}

/* The active modules in their order, "capability,…,bpf". */
json_t *probe_lsm(const struct facts *facts, struct probe_text *text)
{
	(void)facts;
	(void)text;
	return first_line("/sys/kernel/security/lsm");
}

json_t *probe_caps(const struct facts *facts, struct probe_text *text)
{
	(void)facts;
	(void)text;
	return capabilities_json();
}
