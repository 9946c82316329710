// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Hooks into kernel functions; kernels without kprobes or trampolines refuse some. */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 hits_kprobe, hits_kretprobe, hits_fentry, hits_fexit, hits_lsm, hits_multi, hits_ksyscall;

#define COUNT(name) __sync_fetch_and_add(&hits_##name, 1)

SEC("?kprobe/vfs_open")
int on_kprobe(void *context)
{
	COUNT(kprobe);
	return 0;
}

SEC("?kretprobe/vfs_open")
int on_kretprobe(void *context)
{
	COUNT(kretprobe);
	return 0;
}

SEC("?ksyscall/getpgid")
int on_ksyscall(void *context)
{
	COUNT(ksyscall);
	return 0;
}

SEC("?kprobe.multi/vfs_open")
int on_multi(void *context)
{
	COUNT(multi);
	return 0;
}

SEC("?fentry/vfs_open")
int on_fentry(void *context)
{
	COUNT(fentry);
	return 0;
}

SEC("?fexit/vfs_open")
int on_fexit(void *context)
{
	COUNT(fexit);
	return 0;
}

SEC("?lsm/file_open")
int on_lsm(void *context)
{
	COUNT(lsm);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
