// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "facts.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define BTF_PATH "/sys/kernel/btf/vmlinux"

/* First line of a file, without its end; "" when it cannot be read. */
static void read_line(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, line, size - 1);

	if (fd >= 0)
		close(fd);
	line[got > 0 ? got : 0] = 0;
	line[strcspn(line, "\n")] = 0;
}

static void hash_file(const char *path, char hex[SHA256_HEX_BYTES])
{
	static char block[1 << 16];
	uint8_t digest[SHA256_BYTES];
	struct sha256 sha;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	hex[0] = 0;
	if (fd < 0)
		return;
	sha256_init(&sha);
	while ((got = read(fd, block, sizeof(block))) > 0)
		sha256_add(&sha, block, (size_t)got);
	sha256_end(&sha, digest);
	for (int i = 0; i < SHA256_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	close(fd);
}

static void find_btf_id(struct facts *facts, const char *cache)
{
	char path[MAX_PATH_BYTES + 64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/btf-%s", cache ? cache : "", facts->boot_id);
	if (cache)
		read_line(path, facts->btf_id, sizeof(facts->btf_id));
	if (strlen(facts->btf_id) == SHA256_HEX_BYTES - 1)
		return;
	hash_file(BTF_PATH, facts->btf_id);
	file = cache && facts->btf_id[0] ? fopen(path, "we") : NULL;
	if (file) {
		fprintf(file, "%s\n", facts->btf_id);
		fclose(file);
	}
}

/* The first cgroup2 mount: /sys/fs/cgroup, or /sys/fs/cgroup/unified beside v1. */
static void find_cgroup_mount(struct facts *facts)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t capacity = 0;

	while (file && !facts->cgroup_mount[0] && getline(&line, &capacity, file) > 0) {
		char path[MAX_PATH_BYTES];

		if (strstr(line, " - cgroup2 ") &&
		    sscanf(line, "%*s %*s %*s %*s %1023s", path) == 1)
			snprintf(facts->cgroup_mount, sizeof(facts->cgroup_mount), "%s", path);
	}
	free(line);
	if (file)
		fclose(file);
}

static void find_tracing(struct facts *facts)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/instances", places[i]);
		if (access(path, W_OK) == 0) {
			snprintf(facts->tracing, sizeof(facts->tracing), "%s", places[i]);
			return;
		}
	}
}

void facts_find(struct facts *facts, const char *cache)
{
	struct utsname names;

	memset(facts, 0, sizeof(*facts));
	uname(&names);
	snprintf(facts->node, sizeof(facts->node), "%s",
		 getenv("BPFLAB_NODE") ? getenv("BPFLAB_NODE") : names.nodename);
	snprintf(facts->kernel_release, sizeof(facts->kernel_release), "%s", names.release);
	snprintf(facts->arch, sizeof(facts->arch), "%s", names.machine);
	read_line("/proc/sys/kernel/random/boot_id", facts->boot_id, sizeof(facts->boot_id));
	facts->page_size = (int)sysconf(_SC_PAGESIZE);
	facts->cpus_online = (int)sysconf(_SC_NPROCESSORS_ONLN);
	facts->cpus_possible = libbpf_num_possible_cpus();
	if (facts->cpus_possible < 1)
		facts->cpus_possible = facts->cpus_online;
	find_btf_id(facts, cache);
	find_cgroup_mount(facts);
	find_tracing(facts);
}
