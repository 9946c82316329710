// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Names of types as bpftool and libbpf write them; "unknown" for a number that libbpf has no name
 * for. */
#ifndef BPFLAB_TYPE_NAME_H
#define BPFLAB_TYPE_NAME_H

#include <stdint.h>

const char *program_type_name(uint32_t type);
const char *attach_type_name(uint32_t type);
const char *map_type_name(uint32_t type);
const char *link_type_name(uint32_t type);

#endif
