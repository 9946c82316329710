// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Undoing what a worker left behind. */
#ifndef BPFLAB_SWEEP_H
#define BPFLAB_SWEEP_H

#include <jansson.h>

/* Undoes what is in the journal at `path`, newest first, and removes the file. What was done is
 * appended to `items`. */
void sweep_journal(const char *path, json_t *items);

#endif
