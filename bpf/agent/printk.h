// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Lines of bpf_printk from the session's own tracing instance. */
#ifndef BPFLAB_PRINTK_H
#define BPFLAB_PRINTK_H

#include "fault.h"
#include "run.h"

/* Opens stream `id` for `run`: every line of the instance, raw, one record each. */
int printk_subscribe(struct run *run, uint32_t id, struct fault *fault);
/* Ends the reading of the instance; its streams must be gone. */
void printk_close(struct session *session);

#endif
