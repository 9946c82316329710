// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "mounts.h"

#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <linux/magic.h>

static const struct {
	const char *type, *path;
	long magic;
} wanted[] = {
	{ "tracefs", "/sys/kernel/tracing", TRACEFS_MAGIC },
	{ "debugfs", "/sys/kernel/debug", DEBUGFS_MAGIC },
	{ "securityfs", "/sys/kernel/security", SECURITYFS_MAGIC },
	{ "bpf", "/sys/fs/bpf", BPF_FS_MAGIC },
};

static bool is_mounted(const char *path, long magic)
{
	struct statfs info;

	return statfs(path, &info) == 0 && info.f_type == magic;
}

void mounts_prepare(bool own_namespace)
{
	/* On somebody's machine nothing is mounted for all: without a namespace of our own we take
	 * what is there. */
	if (own_namespace &&
	    (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL)))
		return;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!is_mounted(wanted[i].path, wanted[i].magic))
			mount(wanted[i].type, wanted[i].path, wanted[i].type, 0, NULL);
}
