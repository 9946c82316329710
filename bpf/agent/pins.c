// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "pins.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include "fault.h"
#include "limits.h"

/* Folders of a bpffs may be nested so deep; more is somebody's mistake. */
#define MAX_DEPTH 16

/* A link's descriptor names its program too, so links come first. */
static const struct {
	const char *field, *kind;
} kinds[] = {
	{ "\nlink_id:", "link" },
	{ "\nprog_id:", "program" },
	{ "\nmap_id:", "map" },
};

static void add_pin(json_t *pins, const char *path)
{
	char info[64], text[1024];
	int object = bpf_obj_get(path), fd;
	ssize_t got;

	if (object < 0)
		return;
	snprintf(info, sizeof(info), "/proc/self/fdinfo/%d", object);
	fd = open(info, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = 0;
	if (fd >= 0)
		close(fd);
	close(object);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *line = strstr(text, kinds[i].field);

		if (!line)
			continue;
		json_array_append_new(
			pins, json_pack("{s:s, s:I, s:o}", "kind", kinds[i].kind, "id",
					(json_int_t)strtoul(line + strlen(kinds[i].field), NULL, 10),
					"path", text_json(path, strlen(path))));
		return;
	}
}

static void walk(json_t *pins, const char *folder, int depth)
{
	DIR *entries = depth < MAX_DEPTH ? opendir(folder) : NULL;
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		char path[MAX_PATH_BYTES];
		struct stat info;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >=
			    sizeof(path) ||
		    lstat(path, &info))
			continue;
		if (S_ISDIR(info.st_mode))
			walk(pins, path, depth + 1);
		else if (S_ISREG(info.st_mode))
			add_pin(pins, path);
	}
	if (entries)
		closedir(entries);
}

json_t *pins_json(void)
{
	FILE *mounts = fopen("/proc/self/mounts", "re");
	json_t *pins = json_array();
	char line[2 * MAX_PATH_BYTES];

	while (mounts && fgets(line, sizeof(line), mounts)) {
		char path[MAX_PATH_BYTES], type[32];

		if (sscanf(line, "%*s %1023s %31s", path, type) == 2 && !strcmp(type, "bpf"))
			walk(pins, path, 0);
	}
	if (mounts)
		fclose(mounts);
	return pins;
}

bool pin_is(const char *path)
{
	struct statfs system;
	struct stat info;

	return !lstat(path, &info) && S_ISREG(info.st_mode) && !statfs(path, &system) &&
	       system.f_type == BPF_FS_MAGIC;
}
