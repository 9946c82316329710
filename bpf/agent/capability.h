// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Capabilities of this process by name, as capabilities(7). */
#ifndef BPFLAB_CAPABILITY_H
#define BPFLAB_CAPABILITY_H

#include <jansson.h>

/* ["CAP_BPF", …] of the effective set; a new array. */
json_t *capabilities_json(void);

#endif
