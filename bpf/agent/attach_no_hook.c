// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Programs that libbpf loads and that are not attached by us: what uses them instead. */
#include <stddef.h>

#include "attach.h"

static const char *xdp_reason(enum bpf_attach_type type)
{
	if (type == BPF_XDP_DEVMAP)
		return "it runs for an entry of a devmap: write its descriptor into the entry";
	if (type == BPF_XDP_CPUMAP)
		return "it runs for an entry of a cpumap: write its descriptor into the entry";
	return NULL;
}

const char *attach_no_hook(const struct bpf_program *program)
{
	switch (bpf_program__type(program)) {
	case BPF_PROG_TYPE_XDP:
		return xdp_reason(bpf_program__expected_attach_type(program));
	case BPF_PROG_TYPE_STRUCT_OPS:
		return "struct_ops programs are attached by the name of their map";
	case BPF_PROG_TYPE_SYSCALL:
		return "programs of type syscall are only run by test_run";
	case BPF_PROG_TYPE_SCHED_ACT:
		return "an action belongs to a filter that \"tc filter add\" makes; SEC(\"tc\") needs none";
	case BPF_PROG_TYPE_LWT_IN:
	case BPF_PROG_TYPE_LWT_OUT:
	case BPF_PROG_TYPE_LWT_XMIT:
	case BPF_PROG_TYPE_LWT_SEG6LOCAL:
		return "it belongs to a route that \"ip route add … encap\" makes from the object file";
	case BPF_PROG_TYPE_SK_REUSEPORT:
		return "it belongs to the sockets of a program, which sets SO_ATTACH_REUSEPORT_EBPF itself";
	case BPF_PROG_TYPE_LIRC_MODE2:
		return "it needs an infrared receiver, which targets do not have";
	default:
		return NULL;
	}
}
