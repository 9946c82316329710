// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Paying once what a first load would pay. */
#ifndef BPFLAB_WARM_H
#define BPFLAB_WARM_H

/* Loads a small program that needs most of what libbpf asks kernels for: its answers are inherited by every fork. */
void warm_up(void);
/* Loads and attaches it once more; starts a shell. What a first cell does, for nothing but the doing. */
void warm_program(void);
void warm_process(void);

#endif
