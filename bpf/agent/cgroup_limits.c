// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "cgroup_limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CPU_PERIOD_US 100000

static bool write_text(const char *folder, const char *name, const char *text)
{
	char path[MAX_PATH_BYTES + 64];
	bool written;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return written;
}

static void memory_text(json_int_t mib, char *text, size_t size)
{
	snprintf(text, size, "%lld", (long long)mib * 1024 * 1024);
}

static void cpu_text(json_int_t percent, char *text, size_t size)
{
	snprintf(text, size, "%lld %d", (long long)percent * CPU_PERIOD_US / 100, CPU_PERIOD_US);
}

static void count_text(json_int_t count, char *text, size_t size)
{
	snprintf(text, size, "%lld", (long long)count);
}

static const struct {
	const char *term, *controller, *file;
	void (*text)(json_int_t value, char *text, size_t size);
} limits[] = {
	{ "memory_mib", "+memory", "memory.max", memory_text },
	{ "cpu_percent", "+cpu", "cpu.max", cpu_text },
	{ "processes", "+pids", "pids.max", count_text },
};

/* Our own group below the session's: a group of cgroup v2 has processes or limits its children. */
static bool join(const struct workspace *workspace)
{
	char path[MAX_PATH_BYTES + 16];

	snprintf(path, sizeof(path), "%s/_worker", workspace->cgroup);
	return (!mkdir(path, 0755) || errno == EEXIST) && write_text(path, "cgroup.procs", "0");
}

json_t *cgroup_limits_set(const struct workspace *workspace, const char *mount,
			  const json_t *terms)
{
	json_t *missed = json_array();
	bool some = false;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		json_t *value = json_object_get(terms, limits[i].term);
		char parent[MAX_PATH_BYTES], text[64];

		if (!value)
			continue;
		limits[i].text(json_integer_value(value), text, sizeof(text));
		snprintf(parent, sizeof(parent), "%.900s/bpflab", mount);
		/* On for the children of the root already, mostly; the next write tells. */
		write_text(mount, "cgroup.subtree_control", limits[i].controller);
		write_text(parent, "cgroup.subtree_control", limits[i].controller);
		if (!workspace->cgroup[0] || !write_text(workspace->cgroup, limits[i].file, text))
			json_array_append_new(missed, json_string(limits[i].term));
		else
			some = true;
	}
	/* Without it what the session loads would be the supervisor's memory. */
	if (some && !join(workspace))
		json_array_append_new(missed, json_string("memory_mib"));
	return missed;
}
