// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The four local storages; their entries are written from outside. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct counted {
	__u64 count;
	__u32 extra[3];
};

#define STORAGE(name, map_type)                       \
	struct {                                      \
		__uint(type, map_type);               \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__type(key, int);                     \
		__type(value, struct counted);        \
	} name SEC(".maps")

STORAGE(of_tasks, BPF_MAP_TYPE_TASK_STORAGE);
STORAGE(of_sockets, BPF_MAP_TYPE_SK_STORAGE);
STORAGE(of_cgroups, BPF_MAP_TYPE_CGRP_STORAGE);
STORAGE(of_inodes, BPF_MAP_TYPE_INODE_STORAGE);

char LICENSE[] SEC("license") = "GPL";
