// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * The kernel's own types, parsed once and kept.
 *
 * libbpf reads and checks all of /sys/kernel/btf/vmlinux for each object with CO-RE, fentry, LSM or
 * iterators: 20 ms on a fast machine, half a second in a guest without hardware virtualization. The
 * Makefile makes libbpf's function weak, so that this one is called. libbpf frees what it gets after
 * the load: it gets an empty extension of the kept types.
 */
#include "vmlinux_btf.h"

#include <bpf/btf.h>
#include <errno.h>
#include <pthread.h>

static struct btf *kernel_types;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void vmlinux_btf_keep(void)
{
	pthread_mutex_lock(&lock);
	if (!kernel_types)
		kernel_types = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	pthread_mutex_unlock(&lock);
}

void vmlinux_btf_forget(void)
{
	btf__free(kernel_types);
	kernel_types = NULL;
}

struct btf *btf__load_vmlinux_btf(void)
{
	vmlinux_btf_keep();
	if (kernel_types)
		return btf__new_empty_split(kernel_types);
	errno = ENOENT;
	return NULL;
}
