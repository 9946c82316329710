// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Writing a file below a folder, whatever its path tries. */
#ifndef BPFLAB_PLACE_H
#define BPFLAB_PLACE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Writes `path` below `folder_fd`, making folders on the way; links are followed nowhere, ".." and
 * "/…" are refused. The file appears whole or not at all, also when a program of that name runs.
 * Returns 0 or -errno.
 */
int place_file(int folder_fd, const char *path, const void *bytes, size_t length, mode_t mode);

#endif
