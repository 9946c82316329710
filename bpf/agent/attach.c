// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verbs `attach` and `detach`. */
#include "attach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "request.h"
#include "type_name.h"

int attach_fault(struct attach_job *attach, int err)
{
	const char *name =
		attach->program ? bpf_program__name(attach->program) : bpf_map__name(attach->map);
	char line[256];

	libbpf_log_last_line(&attach->libbpf, line, sizeof(line));
	return fault_set(&attach->fault, E_ATTACH_FAILED, err, name,
			 "Cannot attach \"%s\"%s%s: %s (%s).%s%s", name,
			 attach->attachment->target[0] ? " to " : "", attach->attachment->target,
			 strerror(abs(err)), errno_name(abs(err)), line[0] ? " libbpf: " : "",
			 line);
}

int attach_unsupported(struct attach_job *attach, int errnum, const char *format, ...)
{
	const char *name = attach->program ? bpf_program__name(attach->program) : "";
	char message[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return fault_set(&attach->fault, E_ATTACH_FAILED, errnum, name, "Cannot attach \"%s\": %s.",
			 name, message);
}

void attach_target_name(struct attach_job *attach, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(attach->attachment->target, sizeof(attach->attachment->target), format,
		  arguments);
	va_end(arguments);
}

int attach_keep_link(struct attach_job *attach, struct bpf_link *link)
{
	int err = link ? attachment_add_link(attach->attachment, link) : -errno;

	return err ? attach_fault(attach, err) : 0;
}

/* What stands behind the first slash of the section. */
static const char *section_target(const struct bpf_program *program)
{
	const char *slash = strchr(bpf_program__section_name(program), '/');

	return slash ? slash + 1 : "";
}

int attach_automatic(struct attach_job *attach)
{
	struct bpf_link *link = bpf_program__attach(attach->program);

	if (!link && errno == EOPNOTSUPP && !attach->libbpf.length)
		return attach_unsupported(
			attach, EOPNOTSUPP,
			"its section \"%.80s\" does not say where, and no option does",
			bpf_program__section_name(attach->program));
	return attach_keep_link(attach, link);
}

static int attach_by_type(struct attach_job *attach)
{
	const char *why_not = attach_no_hook(attach->program);

	if (why_not)
		return attach_unsupported(attach, EOPNOTSUPP, "%s", why_not);
	switch (bpf_program__type(attach->program)) {
	case BPF_PROG_TYPE_XDP:
		return attach_xdp(attach);
	case BPF_PROG_TYPE_SCHED_CLS:
		return attach_tc(attach);
	case BPF_PROG_TYPE_NETFILTER:
		return attach_netfilter(attach);
	case BPF_PROG_TYPE_SOCKET_FILTER:
		return attach_socket_filter(attach);
	case BPF_PROG_TYPE_SK_LOOKUP:
	case BPF_PROG_TYPE_FLOW_DISSECTOR:
		return attach_netns(attach);
	case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_CGROUP_SOCK:
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_CGROUP_SOCKOPT:
	case BPF_PROG_TYPE_CGROUP_SYSCTL:
	case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_SOCK_OPS:
		return attach_cgroup(attach);
	case BPF_PROG_TYPE_LSM:
		if (bpf_program__expected_attach_type(attach->program) == BPF_LSM_CGROUP)
			return attach_cgroup(attach);
		return attach_traced(attach);
	case BPF_PROG_TYPE_SK_SKB:
	case BPF_PROG_TYPE_SK_MSG:
		return attach_sockmap(attach);
	case BPF_PROG_TYPE_PERF_EVENT:
		return attach_perf_event(attach);
	case BPF_PROG_TYPE_KPROBE:
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
		return attach_probe(attach);
	case BPF_PROG_TYPE_TRACING:
		if (bpf_program__expected_attach_type(attach->program) == BPF_TRACE_ITER)
			return attach_iterator(attach);
		return attach_traced(attach);
	default:
		return attach_automatic(attach);
	}
}

static void describe_link(struct attachment *attachment)
{
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = attachment_link_fd(attachment);

	if (fd < 0 || bpf_link_get_info_by_fd(fd, &info, &size))
		return;
	attachment->link_id = info.id;
	if (!attachment->kind[0])
		snprintf(attachment->kind, sizeof(attachment->kind), "%s",
			 link_type_name(info.type));
}

static void work(struct job *job)
{
	struct attach_job *attach = (struct attach_job *)job;
	uint64_t start = monotonic_ns();
	int err;

	libbpf_log_begin(&attach->libbpf);
	if (attach->program) {
		attach->attachment->prog_id = program_id(attach->program);
		attach_target_name(attach, "%s", section_target(attach->program));
	}
	err = attach->map ? attach_struct_ops(attach) : attach_by_type(attach);
	libbpf_log_end();
	if (err) {
		attachment_destroy(attach->attachment, job->session->journal);
		attach->attachment = NULL;
	} else {
		describe_link(attach->attachment);
	}
	attach->took_us = (monotonic_ns() - start) / 1000;
	attach->fault.libbpf_log = attach->libbpf.text;
	attach->libbpf.text = NULL;
}

static void done(struct job *job)
{
	struct attach_job *attach = (struct attach_job *)job;
	struct attachment *attachment = attach->attachment;
	struct run *run = attach->run;

	if (attachment) {
		attachment->number = run->next_link++;
		attachment->next = run->attachments;
		run->attachments = attachment;
		run->attachment_count++;
		if (!attachment->kind[0])
			snprintf(attachment->kind, sizeof(attachment->kind), "perf_event");
		reply_ok(job->session, attach->request_id,
			 json_pack("{s:i, s:I, s:s, s:o, s:I}", "link", attachment->number,
				   "link_id", (json_int_t)attachment->link_id, "kind",
				   attachment->kind, "target",
				   text_json(attachment->target, strlen(attachment->target)),
				   "attach_us", (json_int_t)attach->took_us));
	} else {
		reply_fault(job->session, attach->request_id, &attach->fault);
	}
	fault_free(&attach->fault);
	json_decref(attach->request);
	free(attach);
	run_release(run);
}

static const char *choice(struct fields *fields, const char *name, const char *const *allowed)
{
	const char *word = field_string_or(fields, name, NULL);

	for (; word && *allowed; allowed++)
		if (!strcmp(word, *allowed))
			return word;
	if (word)
		fields_problem(fields, name, "is none of its words");
	return NULL;
}

void attach_options_read(struct attach_options *options, struct fields *fields)
{
	static const char *const directions[] = { "ingress", "egress", NULL };
	static const char *const xdp_modes[] = { "skb", "drv", "hw", NULL };

	options->ifname = field_string_or(fields, "ifname", NULL);
	options->direction = choice(fields, "direction", directions);
	options->xdp_mode = choice(fields, "xdp_mode", xdp_modes);
	options->cgroup = field_string_or(fields, "cgroup", NULL);
	options->binary = field_string_or(fields, "binary", NULL);
	options->func = field_string_or(fields, "func", NULL);
	options->usdt_provider = field_string_or(fields, "usdt_provider", NULL);
	options->usdt_name = field_string_or(fields, "usdt_name", NULL);
	options->map = field_string_or(fields, "map", NULL);
	options->socket_ifname = field_string_or(fields, "socket_ifname", NULL);
	options->netns = field_string_or(fields, "netns", NULL);
	options->priority = (int)field_integer_or(fields, "priority", INT16_MIN, UINT16_MAX, 0);
	options->has_pid = field_has(fields, "pid");
	options->pid = (int)field_integer_or(fields, "pid", -1, INT32_MAX, -1);
	options->freq_hz = (int)field_integer_or(fields, "freq_hz", 1, 100000, 0);
	options->has_retprobe = field_has(fields, "retprobe");
	options->retprobe = field_boolean_or(fields, "retprobe", false);
	options->offset = field_u64_or(fields, "offset", 0);
	options->cookie = field_u64_or(fields, "cookie", 0);
}

/* Finds what is to be attached; false after an answer. */
static bool find_subject(struct attach_job *attach, struct request *request, const char *name)
{
	struct run *run = attach->run;

	attach->program = run->object ? bpf_object__find_program_by_name(run->object, name) : NULL;
	attach->map = attach->program ? NULL : run_map(run, name);
	if (attach->map && bpf_map__type(attach->map) != BPF_MAP_TYPE_STRUCT_OPS)
		attach->map = NULL;
	if (!attach->map && (!attach->program || bpf_program__fd(attach->program) < 0)) {
		request_fail(request, E_REQUEST, ENOENT, name,
			     "Run \"%s\" has loaded no program \"%.80s\".", run->name, name);
		return false;
	}
	attach->target_map = run_map(run, attach->options.map);
	if (attach->options.map && !attach->target_map) {
		request_fail(request, E_MAP_UNKNOWN, ENOENT, attach->options.map,
			     "Run \"%s\" has no map \"%.80s\".", run->name, attach->options.map);
		return false;
	}
	return true;
}

void verb_attach(struct request *request)
{
	struct run *run = run_of_request(request);
	struct attach_job *attach;
	struct fields options;
	const char *name;

	if (!run)
		return;
	attach = calloc(1, sizeof(*attach));
	options = (struct fields){ .object = field_object(&request->fields, "options") };
	name = field_string(&request->fields, "program");
	if (attach)
		attach_options_read(&attach->options, &options);
	if (fields_bad(&options) && !fields_bad(&request->fields))
		request->fields = options;
	if (!attach || run->attachment_count >= MAX_LINKS_PER_RUN) {
		request_fail(request, E_LIMIT, EMFILE, run->name,
			     "Run \"%s\" has %d attachments already.", run->name,
			     run->attachment_count);
		free(attach);
		return;
	}
	attach->run = run;
	attach->attachment = attachment_new();
	if (request_bad(request) || !attach->attachment || !find_subject(attach, request, name)) {
		if (attach->attachment)
			attachment_destroy(attach->attachment, run->session->journal);
		free(attach);
		return;
	}
	attach->job = (struct job){ .session = run->session, .work = work, .done = done };
	attach->request_id = request->id;
	attach->request = json_incref(request->fields.object);
	run_hold(run);
	job_submit(&run->session->jobs, &attach->job);
}
