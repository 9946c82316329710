// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Attaching to probes, tracepoints, trampolines, samples and iterators. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attach.h"

#define DEFAULT_SAMPLE_HZ 99

/* `category/name` behind the first slash, into two strings. */
static int split_tracepoint(struct attach_job *attach, char *category, char *name, size_t size)
{
	const char *section = bpf_program__section_name(attach->program);
	const char *first = strchr(section, '/');
	const char *second = first ? strchr(first + 1, '/') : NULL;

	if (!second)
		return attach_unsupported(attach, EINVAL, "its section does not name a tracepoint");
	snprintf(category, size, "%.*s", (int)(second - first - 1), first + 1);
	snprintf(name, size, "%s", second + 1);
	return 0;
}

static int attach_tracepoint_cookie(struct attach_job *attach)
{
	LIBBPF_OPTS(bpf_tracepoint_opts, options, .bpf_cookie = attach->options.cookie);
	char category[128], name[128];
	int err = split_tracepoint(attach, category, name, sizeof(category));

	if (err)
		return err;
	return attach_keep_link(attach, bpf_program__attach_tracepoint_opts(
						attach->program, category, name, &options));
}

static int attach_raw_tracepoint_named(struct attach_job *attach)
{
	LIBBPF_OPTS(bpf_raw_tracepoint_opts, options, .cookie = attach->options.cookie);
	const char *slash = strchr(bpf_program__section_name(attach->program), '/');
	const char *name = attach->options.func ? attach->options.func : slash ? slash + 1 : NULL;

	if (!name)
		return attach_unsupported(attach, EINVAL, "its section does not name a tracepoint");
	return attach_keep_link(
		attach, bpf_program__attach_raw_tracepoint_opts(attach->program, name, &options));
}

int attach_probe(struct attach_job *attach)
{
	switch (bpf_program__type(attach->program)) {
	case BPF_PROG_TYPE_TRACEPOINT:
		return attach->options.cookie ? attach_tracepoint_cookie(attach)
					      : attach_automatic(attach);
	case BPF_PROG_TYPE_KPROBE:
		return attach_function(attach);
	default:
		return attach->options.cookie || attach->options.func
			       ? attach_raw_tracepoint_named(attach)
			       : attach_automatic(attach);
	}
}

int attach_traced(struct attach_job *attach)
{
	LIBBPF_OPTS(bpf_trace_opts, options, .cookie = attach->options.cookie);

	if (!attach->options.cookie || bpf_program__type(attach->program) == BPF_PROG_TYPE_LSM)
		return attach_automatic(attach);
	return attach_keep_link(attach, bpf_program__attach_trace_opts(attach->program, &options));
}

/* Objects below a cgroup: all of the target's, unless the option names a part. */
static int open_walked_cgroup(struct attach_job *attach, union bpf_iter_link_info *info)
{
	char path[MAX_PATH_BYTES];
	int err, fd;

	if (!attach->options.cgroup)
		attach->options.cgroup = "/";
	err = attach_cgroup_path(attach, path, sizeof(path));
	if (err)
		return err;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return attach_fault(attach, -errno);
	info->cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
	info->cgroup.cgroup_fd = (__u32)fd;
	return fd;
}

/* Which objects to walk: those of a map, a cgroup, a process, or all. */
int attach_iterator(struct attach_job *attach)
{
	const char *what = strchr(bpf_program__section_name(attach->program), '/');
	bool walks_cgroups = what && !strcmp(what, "/cgroup");
	union bpf_iter_link_info info = { 0 };
	LIBBPF_OPTS(bpf_iter_attach_opts, options);
	int cgroup = -1, err;

	if (walks_cgroups) {
		cgroup = open_walked_cgroup(attach, &info);
		if (cgroup < 0)
			return cgroup;
	} else if (attach->target_map) {
		info.map.map_fd = (__u32)bpf_map__fd(attach->target_map);
	} else if (attach->options.has_pid && attach->options.pid > 0) {
		info.task.pid = (__u32)attach->options.pid;
	}
	if (walks_cgroups || attach->target_map || attach->options.has_pid) {
		options.link_info = &info;
		options.link_info_len = sizeof(info);
	}
	err = attach_keep_link(attach, bpf_program__attach_iter(attach->program, &options));
	if (cgroup >= 0)
		close(cgroup);
	return err;
}

static int attach_sample(struct attach_job *attach, int cpu)
{
	const struct attach_options *from = &attach->options;
	LIBBPF_OPTS(bpf_perf_event_opts, options, .bpf_cookie = from->cookie);
	struct perf_event_attr attributes = {
		.size = sizeof(attributes),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1,
		.sample_freq = (__u64)(from->freq_hz ? from->freq_hz : DEFAULT_SAMPLE_HZ),
	};
	int fd = (int)syscall(SYS_perf_event_open, &attributes, from->pid, cpu, -1,
			      PERF_FLAG_FD_CLOEXEC);
	struct bpf_link *link;
	int err;

	if (fd < 0)
		return attach_fault(attach, -errno);
	link = bpf_program__attach_perf_event_opts(attach->program, fd, &options);
	if (!link) {
		err = -errno;
		close(fd);
		return attach_fault(attach, err);
	}
	return attach_keep_link(attach, link);
}

/* One clock per CPU, so that each is sampled whatever runs there. */
int attach_perf_event(struct attach_job *attach)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;

	attach_target_name(attach, "cpu-clock %d Hz",
			   attach->options.freq_hz ? attach->options.freq_hz : DEFAULT_SAMPLE_HZ);
	for (int cpu = 0; cpu < cpus && !err; cpu++) {
		char path[64], online = '1';
		int fd;

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, &online, 1) != 1)
			online = '0';
		if (fd >= 0)
			close(fd);
		if (online == '1')
			err = attach_sample(attach, cpu);
	}
	return err;
}
