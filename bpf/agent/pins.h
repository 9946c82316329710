// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What is pinned below the bpffs mounts that the agent sees. */
#ifndef BPFLAB_PINS_H
#define BPFLAB_PINS_H

#include <jansson.h>
#include <stdbool.h>

/* [{kind: "program" | "map" | "link", id, path}], in the order of the file systems; a new array. */
json_t *pins_json(void);
/* Whether the path is a pinned object and no other file. */
bool pin_is(const char *path);

#endif
