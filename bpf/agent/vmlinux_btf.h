// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The kernel's own types, parsed once and kept for every load. */
#ifndef BPFLAB_VMLINUX_BTF_H
#define BPFLAB_VMLINUX_BTF_H

/* Parses them unless that was done; a fork inherits them. */
void vmlinux_btf_keep(void);
void vmlinux_btf_forget(void);

#endif
