// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "type_name.h"

#include <bpf/libbpf.h>

static const char *or_unknown(const char *name)
{
	return name ? name : "unknown";
}

const char *program_type_name(uint32_t type)
{
	return or_unknown(libbpf_bpf_prog_type_str((enum bpf_prog_type)type));
}

const char *attach_type_name(uint32_t type)
{
	return or_unknown(libbpf_bpf_attach_type_str((enum bpf_attach_type)type));
}

const char *map_type_name(uint32_t type)
{
	return or_unknown(libbpf_bpf_map_type_str((enum bpf_map_type)type));
}

const char *link_type_name(uint32_t type)
{
	return or_unknown(libbpf_bpf_link_type_str((enum bpf_link_type)type));
}
