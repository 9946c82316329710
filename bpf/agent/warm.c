// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "warm.h"

#include <bpf/libbpf.h>

/* warm.bpf.o, put in by the Makefile. */
__asm__(".section .rodata\n"
	".balign 8\n"
	"warm_object:\n"
	".incbin \"warm.bpf.o\"\n"
	"warm_object_end:\n"
	".byte 0\n"
	".previous\n");

extern const char warm_object[], warm_object_end[];

void warm_up(void)
{
	struct bpf_object *object =
		bpf_object__open_mem(warm_object, (size_t)(warm_object_end - warm_object), NULL);

	/* A kernel that refuses it is no reason not to start: the user's own load will say why. */
	if (object)
		bpf_object__load(object);
	bpf_object__close(object);
}
