// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cgroup.h"

/* Trace memory per CPU and session: 4,000 lines or so; the kernel's default of 1.4 MB is for whole
 * machines. */
#define TRACE_BUFFER_KB "512"

static int make_journaled(struct journal *journal, const char *kind, const char *path)
{
	uint32_t id = journal_add(journal, kind, json_pack("{s:s}", "path", path));

	if (!id)
		return -EIO;
	if (mkdir(path, 0755) && errno != EEXIST) {
		int err = -errno;

		journal_done(journal, id);
		return err;
	}
	return 0;
}

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[MAX_PATH_BYTES + 64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* Each of these settings is a comfort; without it the session works all the same. */
	if (write(fd, text, strlen(text)) < 0)
		errno = 0;
	close(fd);
}

/* /run is often mounted noexec, and users' programs are to be run from the folder. */
static int make_folder(struct workspace *workspace, struct journal *journal, const char *state,
		       const char *name)
{
	const char *const places[] = { state, "/tmp", "/var/tmp" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct statvfs info;

		if (statvfs(places[i], &info) || info.f_flag & (ST_NOEXEC | ST_RDONLY))
			continue;
		snprintf(workspace->folder, sizeof(workspace->folder), "%.800s/%s", places[i],
			 name);
		if (make_journaled(journal, "folder", workspace->folder))
			continue;
		workspace->folder_fd = open(workspace->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (workspace->folder_fd >= 0)
			return 0;
	}
	workspace->folder[0] = 0;
	return -ENOSPC;
}

static void make_cgroup(struct workspace *workspace, const struct facts *facts,
			struct journal *journal, const char *name)
{
	char parent[MAX_PATH_BYTES];

	if (!facts->cgroup_mount[0])
		return;
	snprintf(parent, sizeof(parent), "%.900s/bpflab", facts->cgroup_mount);
	mkdir(parent, 0755);
	snprintf(workspace->cgroup, sizeof(workspace->cgroup), "%.900s/%s", parent, name);
	if (make_journaled(journal, "cgroup", workspace->cgroup))
		workspace->cgroup[0] = 0;
}

static void make_instance(struct workspace *workspace, const struct facts *facts,
			  struct journal *journal, const char *name)
{
	if (!facts->tracing[0])
		return;
	snprintf(workspace->instance, sizeof(workspace->instance), "%.900s/instances/bpflab-%s",
		 facts->tracing, name);
	if (make_journaled(journal, "instance", workspace->instance)) {
		workspace->instance[0] = 0;
		return;
	}
	write_file(workspace->instance, "buffer_size_kb", TRACE_BUFFER_KB);
	write_file(workspace->instance, "trace_clock", "mono");
	write_file(workspace->instance, "events/bpf_trace/bpf_trace_printk/enable", "1");
}

int workspace_make(struct workspace *workspace, const struct facts *facts, struct journal *journal,
		   const char *state, const char *name)
{
	int err;

	memset(workspace, 0, sizeof(*workspace));
	err = make_folder(workspace, journal, state, name);
	if (err)
		return err;
	make_cgroup(workspace, facts, journal, name);
	make_instance(workspace, facts, journal, name);
	return 0;
}

int workspace_need_bpffs(struct workspace *workspace, struct journal *journal)
{
	char path[MAX_PATH_BYTES + 8];
	uint32_t id;
	int err;

	if (workspace->has_bpffs)
		return 0;
	snprintf(path, sizeof(path), "%s/bpf", workspace->folder);
	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	id = journal_add(journal, "mount", json_pack("{s:s}", "path", path));
	if (!id)
		return -EIO;
	if (mount("bpf", path, "bpf", 0, "mode=0700")) {
		err = -errno;
		journal_done(journal, id);
		return err;
	}
	workspace->has_bpffs = true;
	return 0;
}

static int run_cgroup_path(const struct workspace *workspace, const char *run, char *path,
			   size_t size)
{
	if (!workspace->cgroup[0])
		return -ENOTSUP;
	return (size_t)snprintf(path, size, "%s/%s", workspace->cgroup, run) < size ? 0
										    : -ENAMETOOLONG;
}

int workspace_run_cgroup(const struct workspace *workspace, const char *run)
{
	char path[MAX_PATH_BYTES];
	int fd, err = run_cgroup_path(workspace, run, path, sizeof(path) - 16);

	if (err)
		return err;
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	strcat(path, "/cgroup.procs");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void workspace_end_run_cgroup(const struct workspace *workspace, const char *run)
{
	char path[MAX_PATH_BYTES];

	if (!run_cgroup_path(workspace, run, path, sizeof(path)) && !access(path, F_OK))
		cgroup_remove(path);
}
