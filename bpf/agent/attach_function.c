// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Attaching to functions of the kernel and of programs, and to static probes: what the section says, options
 * in its place. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "limits.h"

/* Where a probe goes; strings are empty when nobody says. */
struct place {
	char binary[MAX_PATH_BYTES], func[256], provider[128];
	uint64_t offset;
};

enum probe_kind {
	PROBE_KERNEL,
	PROBE_KERNEL_MANY,
	PROBE_SYSCALL,
	PROBE_USER,
	PROBE_USER_MANY,
	PROBE_STATIC,
};

static bool starts(const struct attach_job *attach, const char *prefix)
{
	return !strncmp(bpf_program__section_name(attach->program), prefix, strlen(prefix));
}

static bool is_return_probe(const struct attach_job *attach)
{
	if (attach->options.has_retprobe)
		return attach->options.retprobe;
	return starts(attach, "kret") || starts(attach, "uret");
}

static enum probe_kind kind_of(const struct attach_job *attach)
{
	enum bpf_attach_type type = bpf_program__expected_attach_type(attach->program);

	/* libbpf gives the programs of static probes the type of many. */
	if (starts(attach, "usdt") || attach->options.usdt_name)
		return PROBE_STATIC;
	if (type == BPF_TRACE_KPROBE_MULTI || type == BPF_TRACE_KPROBE_SESSION)
		return PROBE_KERNEL_MANY;
	if (type == BPF_TRACE_UPROBE_MULTI || type == BPF_TRACE_UPROBE_SESSION)
		return PROBE_USER_MANY;
	if (starts(attach, "ksyscall") || starts(attach, "kretsyscall"))
		return PROBE_SYSCALL;
	return starts(attach, "u") || attach->options.binary ? PROBE_USER : PROBE_KERNEL;
}

/* `path:rest`; false when there is no colon. */
static bool split(const char *text, char *head, size_t size, const char **rest)
{
	const char *colon = strchr(text, ':');

	if (!colon)
		return false;
	snprintf(head, size, "%.*s", (int)(colon - text), text);
	*rest = colon + 1;
	return true;
}

/* `function`, `function+offset`, or an offset alone. */
static void read_function(const char *text, struct place *place)
{
	const char *plus = strchr(text, '+');
	char *end;
	uint64_t number = strtoull(text, &end, 0);

	if (*text && !*end) {
		place->offset = number;
		return;
	}
	snprintf(place->func, sizeof(place->func), "%.*s",
		 (int)(plus ? plus - text : (ptrdiff_t)strlen(text)), text);
	if (plus)
		place->offset = strtoull(plus + 1, NULL, 0);
}

static void read_section(const struct attach_job *attach, enum probe_kind kind, struct place *place)
{
	const char *slash = strchr(bpf_program__section_name(attach->program), '/');
	const char *text = slash ? slash + 1 : "";
	bool is_user = kind >= PROBE_USER;

	if (is_user && !split(text, place->binary, sizeof(place->binary), &text))
		return;
	if (kind == PROBE_STATIC && !split(text, place->provider, sizeof(place->provider), &text))
		return;
	if (kind == PROBE_KERNEL || kind == PROBE_USER)
		read_function(text, place);
	else
		snprintf(place->func, sizeof(place->func), "%s", text);
}

static void override(char *text, size_t size, const char *option)
{
	if (option)
		snprintf(text, size, "%s", option);
}

static void find_place(const struct attach_job *attach, enum probe_kind kind, struct place *place)
{
	const struct attach_options *options = &attach->options;

	read_section(attach, kind, place);
	if (options->func || options->binary || options->offset)
		place->offset = options->offset;
	override(place->binary, sizeof(place->binary), options->binary);
	override(place->func, sizeof(place->func),
		 kind == PROBE_STATIC ? options->usdt_name : options->func);
	override(place->provider, sizeof(place->provider), options->usdt_provider);
}

static int attach_kernel(struct attach_job *attach, const struct place *place)
{
	LIBBPF_OPTS(bpf_kprobe_opts, options, .bpf_cookie = attach->options.cookie,
		    .offset = place->offset, .retprobe = is_return_probe(attach));

	if (!place->func[0])
		return attach_unsupported(attach, EINVAL, "it needs the name of a kernel function");
	attach_target_name(attach, "%.100s+%llu", place->func, (unsigned long long)place->offset);
	return attach_keep_link(
		attach, bpf_program__attach_kprobe_opts(attach->program, place->func, &options));
}

static int attach_kernel_many(struct attach_job *attach, const struct place *place)
{
	const char *functions[] = { place->func };
	const __u64 cookies[] = { attach->options.cookie };
	LIBBPF_OPTS(bpf_kprobe_multi_opts, options, .retprobe = is_return_probe(attach),
		    .session = bpf_program__expected_attach_type(attach->program) ==
			       BPF_TRACE_KPROBE_SESSION);

	if (!place->func[0])
		return attach_unsupported(attach, EINVAL, "it needs a pattern of kernel functions");
	attach_target_name(attach, "%.150s", place->func);
	/* A cookie belongs to a function, not to a pattern. */
	if (attach->options.cookie) {
		options.syms = functions;
		options.cookies = cookies;
		options.cnt = 1;
	}
	return attach_keep_link(
		attach, bpf_program__attach_kprobe_multi_opts(
				attach->program, options.cnt ? NULL : place->func, &options));
}

static int attach_syscall(struct attach_job *attach, const struct place *place)
{
	LIBBPF_OPTS(bpf_ksyscall_opts, options, .bpf_cookie = attach->options.cookie,
		    .retprobe = is_return_probe(attach));

	if (!place->func[0])
		return attach_unsupported(attach, EINVAL, "it needs the name of a system call");
	attach_target_name(attach, "%.150s", place->func);
	return attach_keep_link(
		attach, bpf_program__attach_ksyscall(attach->program, place->func, &options));
}

static int attach_user(struct attach_job *attach, const struct place *place)
{
	const char *func = place->func[0] ? place->func : NULL;
	LIBBPF_OPTS(bpf_uprobe_opts, options, .bpf_cookie = attach->options.cookie,
		    .retprobe = is_return_probe(attach), .func_name = func);

	if (!place->binary[0] || (!func && !place->offset))
		return attach_unsupported(
			attach, EINVAL,
			"a probe in a program needs its path and a function or an offset");
	attach_target_name(attach, "%.100s:%.40s+%llu", place->binary, place->func,
			   (unsigned long long)place->offset);
	return attach_keep_link(
		attach, bpf_program__attach_uprobe_opts(attach->program, attach->options.pid,
							place->binary, place->offset, &options));
}

static int attach_user_many(struct attach_job *attach, const struct place *place)
{
	LIBBPF_OPTS(bpf_uprobe_multi_opts, options, .retprobe = is_return_probe(attach),
		    .session = bpf_program__expected_attach_type(attach->program) ==
			       BPF_TRACE_UPROBE_SESSION);

	if (!place->binary[0] || !place->func[0])
		return attach_unsupported(
			attach, EINVAL,
			"probes in a program need its path and a pattern of functions");
	if (attach->options.cookie)
		return attach_unsupported(
			attach, EINVAL,
			"a cookie belongs to one function, as of SEC(\"uprobe\"), not to a pattern");
	attach_target_name(attach, "%.100s:%.50s", place->binary, place->func);
	return attach_keep_link(
		attach, bpf_program__attach_uprobe_multi(attach->program, attach->options.pid,
							 place->binary, place->func, &options));
}

static int attach_static(struct attach_job *attach, const struct place *place)
{
	LIBBPF_OPTS(bpf_usdt_opts, options, .usdt_cookie = attach->options.cookie);

	if (!place->binary[0] || !place->provider[0] || !place->func[0])
		return attach_unsupported(attach, EINVAL,
					  "a static probe needs binary, provider and name");
	attach_target_name(attach, "%.80s:%.30s:%.40s", place->binary, place->provider,
			   place->func);
	return attach_keep_link(attach, bpf_program__attach_usdt(
						attach->program, attach->options.pid, place->binary,
						place->provider, place->func, &options));
}

int attach_function(struct attach_job *attach)
{
	static int (*const ways[])(struct attach_job *, const struct place *) = {
		[PROBE_KERNEL] = attach_kernel,	      [PROBE_KERNEL_MANY] = attach_kernel_many,
		[PROBE_SYSCALL] = attach_syscall,     [PROBE_USER] = attach_user,
		[PROBE_USER_MANY] = attach_user_many, [PROBE_STATIC] = attach_static,
	};
	const struct attach_options *options = &attach->options;
	enum probe_kind kind = kind_of(attach);
	struct place place = { 0 };

	/* The section says it all: libbpf also knows archives and shared libraries by name. */
	if (!options->func && !options->binary && !options->usdt_name && !options->usdt_provider &&
	    !options->has_pid && !options->has_retprobe && !options->offset && !options->cookie)
		return attach_automatic(attach);
	find_place(attach, kind, &place);
	return ways[kind](attach, &place);
}
