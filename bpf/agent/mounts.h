// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The kernel's file systems that programs and lessons expect. */
#ifndef BPFLAB_MOUNTS_H
#define BPFLAB_MOUNTS_H

#include <stdbool.h>

/* Mounts those that are missing; with `own_namespace` nobody else sees them, and they end with us.
 */
void mounts_prepare(bool own_namespace);

#endif
