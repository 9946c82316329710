// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Starting a program: fork, session, cgroup, descriptors, exec. */
#ifndef BPFLAB_SPAWN_H
#define BPFLAB_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

struct spawn {
	char **argv, **env;
	const char *folder;
	/* cgroup.procs, or -1. */
	int cgroup_fd;
	bool terminal, separate_stderr, needs_input;
	/* See no_loading.h. */
	bool no_loading;
	/* For who adopts it: tell when it waits for input. */
	bool report_waiting;
	unsigned short rows, columns;
};

/* Our ends, non-blocking; -1 where there is none. With a terminal `output` and `input` are copies
 * of one master. */
struct spawned {
	pid_t pid;
	bool terminal;
	int input, output, error;
};

/* Returns once the program runs; -errno says why it does not (also of exec itself). */
int spawn_program(const struct spawn *spawn, struct spawned *spawned);

#endif
