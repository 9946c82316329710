#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long id)
{
	char text[16] = {};

	bpf_probe_read_user(text, sizeof(text), (void *)PT_REGS_PARM1_CORE(regs));
	return text[0];
}
