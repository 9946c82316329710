// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#ifndef BPFLAB_LINK_TARGET_H
#define BPFLAB_LINK_TARGET_H

#include <linux/bpf.h>
#include <stddef.h>

/* What a link hangs on, in the words of bpftool; "" where the kernel has no word for it. `info` is that of `fd` and
 * is used up. */
void link_target(int fd, struct bpf_link_info *info, char *target, size_t size);

#endif
