// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Telling a process from a later one with the same number. */
#ifndef BPFLAB_PROCESS_START_H
#define BPFLAB_PROCESS_START_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Field 22 of /proc/PID/stat, clock ticks after boot; 0 when there is no such process. */
uint64_t process_start_time(pid_t pid);
/* True also for a zombie. */
bool process_is_gone(pid_t pid);

#endif
