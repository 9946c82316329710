// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* A counter among variables that are changed from outside. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

__u8 byte;
__u64 count;
__u16 half;
__u32 word;
__u64 wide;

SEC("tracepoint/syscalls/sys_enter_getpgid")
int on_getpgid(void *context)
{
	__sync_fetch_and_add(&count, 1 + 0 * (byte + half + word + wide));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
