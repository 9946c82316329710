// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Paying once what a first load would pay. */
#ifndef BPFLAB_WARM_H
#define BPFLAB_WARM_H

/* Loads a small program that needs most of what libbpf asks kernels for: its answers are inherited by every fork. */
void warm_up(void);
/*
 * Does once what a first cell does: load, attach, a process. In a guest that was restored without hardware
 * virtualization all code is translated anew; this does it while the gateway still compiles.
 */
void warm_first_cell(void);

#endif
