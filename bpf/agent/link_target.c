// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "link_target.h"

#include <bpf/bpf.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "type_name.h"

#define NAME_BYTES 256

static void interface_name(uint32_t index, char *target, size_t size)
{
	char name[IF_NAMESIZE];

	snprintf(target, size, "%s", if_indextoname(index, name) ? name : "");
}

/* The kernel writes a name where it is told to; asked a second time with room for it. */
static void named(int fd, struct bpf_link_info *info, char *target, size_t size)
{
	char name[NAME_BYTES] = "";
	__u32 length = sizeof(*info), type = info->type;

	memset(info, 0, sizeof(*info));
	if (type == BPF_LINK_TYPE_ITER) {
		info->iter.target_name = (__u64)(uintptr_t)name;
		info->iter.target_name_len = sizeof(name);
	} else {
		info->raw_tracepoint.tp_name = (__u64)(uintptr_t)name;
		info->raw_tracepoint.tp_name_len = sizeof(name);
	}
	if (!bpf_link_get_info_by_fd(fd, info, &length))
		snprintf(target, size, "%s", name);
}

static void perf_event(int fd, struct bpf_link_info *info, char *target, size_t size)
{
	char name[NAME_BYTES] = "";
	__u32 length = sizeof(*info), type = info->perf_event.type;

	memset(info, 0, sizeof(*info));
	/* Same place in each kind: a pointer and a length. */
	info->perf_event.type = type;
	switch (type) {
	case BPF_PERF_EVENT_UPROBE:
	case BPF_PERF_EVENT_URETPROBE:
		info->perf_event.uprobe.file_name = (__u64)(uintptr_t)name;
		info->perf_event.uprobe.name_len = sizeof(name);
		break;
	case BPF_PERF_EVENT_KPROBE:
	case BPF_PERF_EVENT_KRETPROBE:
		info->perf_event.kprobe.func_name = (__u64)(uintptr_t)name;
		info->perf_event.kprobe.name_len = sizeof(name);
		break;
	case BPF_PERF_EVENT_TRACEPOINT:
		info->perf_event.tracepoint.tp_name = (__u64)(uintptr_t)name;
		info->perf_event.tracepoint.name_len = sizeof(name);
		break;
	default:
		return;
	}
	if (bpf_link_get_info_by_fd(fd, info, &length))
		return;
	if (type == BPF_PERF_EVENT_UPROBE || type == BPF_PERF_EVENT_URETPROBE)
		snprintf(target, size, "%s+%u", name, info->perf_event.uprobe.offset);
	else
		snprintf(target, size, "%s", name);
}

static void many(int fd, struct bpf_link_info *info, char *target, size_t size)
{
	char path[NAME_BYTES] = "";
	__u32 length = sizeof(*info);

	if (info->type == BPF_LINK_TYPE_KPROBE_MULTI) {
		snprintf(target, size, "%u functions", info->kprobe_multi.count);
		return;
	}
	memset(info, 0, sizeof(*info));
	info->uprobe_multi.path = (__u64)(uintptr_t)path;
	info->uprobe_multi.path_size = sizeof(path);
	if (!bpf_link_get_info_by_fd(fd, info, &length))
		snprintf(target, size, "%s: %u places", path, info->uprobe_multi.count);
}

void link_target(int fd, struct bpf_link_info *info, char *target, size_t size)
{
	target[0] = 0;
	switch (info->type) {
	case BPF_LINK_TYPE_XDP:
		interface_name(info->xdp.ifindex, target, size);
		break;
	case BPF_LINK_TYPE_TCX:
		interface_name(info->tcx.ifindex, target, size);
		break;
	case BPF_LINK_TYPE_NETKIT:
		interface_name(info->netkit.ifindex, target, size);
		break;
	case BPF_LINK_TYPE_NETNS:
		snprintf(target, size, "netns %u %s", info->netns.netns_ino,
			 attach_type_name(info->netns.attach_type));
		break;
	case BPF_LINK_TYPE_NETFILTER:
		snprintf(target, size, "family %u hook %u priority %d", info->netfilter.pf,
			 info->netfilter.hooknum, info->netfilter.priority);
		break;
	case BPF_LINK_TYPE_CGROUP:
		snprintf(target, size, "cgroup %llu %s", (unsigned long long)info->cgroup.cgroup_id,
			 attach_type_name(info->cgroup.attach_type));
		break;
	case BPF_LINK_TYPE_TRACING:
		snprintf(target, size, "%s", attach_type_name(info->tracing.attach_type));
		break;
	case BPF_LINK_TYPE_STRUCT_OPS:
		snprintf(target, size, "map %u", info->struct_ops.map_id);
		break;
	case BPF_LINK_TYPE_SOCKMAP:
		snprintf(target, size, "map %u %s", info->sockmap.map_id,
			 attach_type_name(info->sockmap.attach_type));
		break;
	case BPF_LINK_TYPE_PERF_EVENT:
		perf_event(fd, info, target, size);
		break;
	case BPF_LINK_TYPE_KPROBE_MULTI:
	case BPF_LINK_TYPE_UPROBE_MULTI:
		many(fd, info, target, size);
		break;
	case BPF_LINK_TYPE_RAW_TRACEPOINT:
	case BPF_LINK_TYPE_ITER:
		named(fd, info, target, size);
		break;
	default:
		break;
	}
}
