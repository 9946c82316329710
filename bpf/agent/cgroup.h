// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Folders of cgroup2. */
#ifndef BPFLAB_CGROUP_H
#define BPFLAB_CGROUP_H

/* Kills every process in it and below, waits until none is left (at most KILL_WAIT_MS), removes the
 * folders. */
int cgroup_remove(const char *path);

#endif
