// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* For processes of a session whose policy allows some types of programs only. */
#ifndef BPFLAB_NO_LOADING_H
#define BPFLAB_NO_LOADING_H

/*
 * From here on bpf(BPF_PROG_LOAD) is refused with EPERM to this process and all that it starts:
 * what they would load cannot be looked at. Call of a child before exec; -errno.
 */
int no_loading(void);

#endif
