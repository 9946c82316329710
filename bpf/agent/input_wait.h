// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Whether somebody waits for what is to come through a pipe. */
#ifndef BPFLAB_INPUT_WAIT_H
#define BPFLAB_INPUT_WAIT_H

#include <stdbool.h>
#include <sys/types.h>

/* True when a thread of `root`, or of a process that descends from it, is blocked in a system call
 * that waits for bytes of the pipe whose writing end is `pipe_fd`. */
bool input_is_awaited(pid_t root, int pipe_fd);

#endif
