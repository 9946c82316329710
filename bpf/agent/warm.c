// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "warm.h"

#include <bpf/libbpf.h>
#include <jansson.h>
#include <spawn.h>
#include <sys/wait.h>

#include "vmlinux_btf.h"

/* warm.bpf.o, put in by the Makefile. */
__asm__(".section .rodata\n"
	".balign 8\n"
	"warm_object:\n"
	".incbin \"warm.bpf.o\"\n"
	"warm_object_end:\n"
	".byte 0\n"
	".previous\n");

extern const char warm_object[], warm_object_end[];

static struct bpf_object *load_warm(void)
{
	size_t size = (size_t)(warm_object_end - warm_object);
	struct bpf_object *object = bpf_object__open_mem(warm_object, size, NULL);

	/* A kernel that refuses it is no reason not to start: the user's own load will say why. */
	if (object)
		bpf_object__load(object);
	return object;
}

void warm_up(void)
{
	/* Else the first object of a session reads it from /dev/urandom. */
	json_object_seed(0);
	vmlinux_btf_keep();
	bpf_object__close(load_warm());
}

void warm_program(void)
{
	struct bpf_object *object = load_warm();
	struct bpf_program *program = object ? bpf_object__next_program(object, NULL) : NULL;
	struct bpf_link *link = NULL;

	if (program && bpf_program__fd(program) >= 0)
		link = bpf_program__attach(program);
	bpf_link__destroy(link);
	bpf_object__close(object);
}

void warm_process(void)
{
	char *const words[] = { "sh", "-c", "true", NULL };
	char *const env[] = { "PATH=/usr/bin:/bin", NULL };
	pid_t pid;

	/* Its exit may as well be taken by the loop, which reaps whatever comes. */
	if (!posix_spawn(&pid, "/bin/sh", NULL, NULL, words, env))
		waitpid(pid, NULL, 0);
}
