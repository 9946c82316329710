// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Writes each entry of a socket storage: inode number of the socket, 0 where it has none, and the value. */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define MAX_VALUE_BYTES 65536

struct seq_file;
struct bpf_map;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct inode {
	unsigned long i_ino;
};

struct socket {
	int type;
};

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

struct sock {
	struct socket *sk_socket;
};

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__bpf_sk_storage_map {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	struct sock *sk;
	void *value;
};
#pragma clang attribute pop

const volatile __u32 value_bytes = 1;

SEC("iter/bpf_sk_storage_map")
int sockets(struct bpf_iter__bpf_sk_storage_map *context)
{
	struct sock *sock = context->sk;
	void *value = context->value;
	struct socket_alloc *owner;
	__u32 inode = 0;

	if (!sock || !value || value_bytes == 0 || value_bytes > MAX_VALUE_BYTES)
		return 0;
	/* `socket` is the first member. */
	owner = (void *)BPF_CORE_READ(sock, sk_socket);
	if (owner)
		inode = (__u32)BPF_CORE_READ(owner, vfs_inode.i_ino);
	bpf_seq_write(context->meta->seq, &inode, sizeof(inode));
	bpf_seq_write(context->meta->seq, value, value_bytes);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
