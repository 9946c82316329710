// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Attaching: the job, its options, and the kinds. Each kind fills `attachment` and returns 0, or a
 * fault and -errno. */
#ifndef BPFLAB_ATTACH_H
#define BPFLAB_ATTACH_H

#include <bpf/libbpf.h>

#include "attachment.h"
#include "fields.h"
#include "libbpf_log.h"
#include "run.h"

/* Strings are NULL and numbers 0 when absent; they live as long as the request. */
struct attach_options {
	const char *ifname, *direction, *xdp_mode, *cgroup, *binary, *func;
	const char *usdt_provider, *usdt_name, *map, *socket_ifname, *netns;
	int priority, pid, freq_hz;
	bool has_pid, retprobe, has_retprobe;
	uint64_t offset, cookie;
};

struct attach_job {
	struct job job;
	struct run *run;
	long long request_id;
	json_t *request;
	struct bpf_program *program;
	/* struct_ops: attached instead of a program. */
	struct bpf_map *map;
	/* sk_skb, iterators: the map of the option, or NULL. */
	struct bpf_map *target_map;
	struct attach_options options;
	struct attachment *attachment;
	struct libbpf_log libbpf;
	struct fault fault;
	uint64_t took_us;
};

void attach_options_read(struct attach_options *options, struct fields *fields);
/* Keeps libbpf's link, or turns NULL into a fault. */
int attach_keep_link(struct attach_job *attach, struct bpf_link *link);
/* The fault of a failed attachment, in the kernel's or libbpf's words. */
int attach_fault(struct attach_job *attach, int err);
__attribute__((format(printf, 3, 4))) int attach_unsupported(struct attach_job *attach, int errnum,
							     const char *format, ...);
__attribute__((format(printf, 2, 3))) void attach_target_name(struct attach_job *attach,
							      const char *format, ...);

int attach_xdp(struct attach_job *attach);
int attach_tc(struct attach_job *attach);
int attach_netfilter(struct attach_job *attach);
int attach_socket_filter(struct attach_job *attach);
int attach_netns(struct attach_job *attach);
int attach_cgroup(struct attach_job *attach);
/* The folder that the option `cgroup` names, the session's own without it. */
int attach_cgroup_path(struct attach_job *attach, char *path, size_t size);
int attach_sockmap(struct attach_job *attach);
int attach_struct_ops(struct attach_job *attach);
/* Why there is nothing to attach a program of this type to; NULL when there is. */
const char *attach_no_hook(const struct bpf_program *program);
int attach_perf_event(struct attach_job *attach);
int attach_probe(struct attach_job *attach);
/* kprobe, uprobe, ksyscall, usdt, one or many. */
int attach_function(struct attach_job *attach);
int attach_traced(struct attach_job *attach);
int attach_iterator(struct attach_job *attach);
/* libbpf's choice by section name. */
int attach_automatic(struct attach_job *attach);

#endif
