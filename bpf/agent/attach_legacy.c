// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "attach_legacy.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where the classic hook puts filters of no chosen priority. */
#define DEFAULT_PRIORITY 49152

static int keep_program(struct attach_job *attach)
{
	attach->attachment->prog_fd = fcntl(bpf_program__fd(attach->program), F_DUPFD_CLOEXEC, 3);
	return attach->attachment->prog_fd < 0 ? attach_fault(attach, -errno) : 0;
}

static int write_down(struct attach_job *attach, const char *kind, json_t *entry)
{
	struct attachment *attachment = attach->attachment;

	attachment->journal_id = journal_add(attach->job.session->journal, kind, entry);
	return attachment->journal_id ? 0 : attach_fault(attach, -EIO);
}

int attach_legacy_xdp(struct attach_job *attach, int ifindex, uint32_t flags, int link_errno)
{
	struct attachment *attachment = attach->attachment;
	int err = keep_program(attach);

	if (!err)
		err = write_down(attach, "xdp",
				 json_pack("{s:i, s:I, s:I}", "ifindex", ifindex, "flags",
					   (json_int_t)flags, "program",
					   (json_int_t)program_id(attach->program)));
	if (err)
		return err;
	err = bpf_xdp_attach(ifindex, attachment->prog_fd, flags | XDP_FLAGS_UPDATE_IF_NOEXIST,
			     NULL);
	if (err)
		return attach_fault(attach, -link_errno);
	attachment->legacy = LEGACY_XDP;
	attachment->ifindex = ifindex;
	attachment->flags = flags;
	snprintf(attachment->kind, sizeof(attachment->kind), "xdp-netlink");
	return 0;
}

/* Ours by handle: the journal must name the filter before it is there. */
static uint32_t filter_handle(void)
{
	static uint32_t count;

	return ((uint32_t)getpid() << 10 | (++count & 1023)) & INT32_MAX;
}

/* An existing clsact is somebody's and stays; one that we make goes when it is empty. */
static int make_clsact(struct attach_job *attach, struct bpf_tc_hook *hook)
{
	struct journal *journal = attach->job.session->journal;
	uint32_t id = journal_add(journal, "clsact", json_pack("{s:i}", "ifindex", hook->ifindex));
	int err = id ? bpf_tc_hook_create(hook) : -EIO;

	if (err == 0) {
		attach->attachment->clsact_id = id;
		return 0;
	}
	if (id)
		journal_done(journal, id);
	return err == -EEXIST ? 0 : err;
}

int attach_legacy_tc(struct attach_job *attach, int ifindex, enum bpf_tc_attach_point point)
{
	struct attachment *attachment = attach->attachment;
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = filter_handle());
	int err = keep_program(attach);

	if (err)
		return err;
	options.priority =
		attach->options.priority > 0 ? (__u32)attach->options.priority : DEFAULT_PRIORITY;
	options.prog_fd = attachment->prog_fd;
	attachment->ifindex = ifindex;
	attachment->point = (int)point;
	attachment->handle = options.handle;
	attachment->priority = options.priority;
	err = make_clsact(attach, &hook);
	if (err)
		return attach_fault(attach, err);
	err = write_down(attach, "tc",
			 json_pack("{s:i, s:i, s:I, s:i}", "ifindex", ifindex, "point", (int)point,
				   "handle", (json_int_t)options.handle, "priority",
				   (int)options.priority));
	if (err)
		return err;
	err = bpf_tc_attach(&hook, &options);
	if (err)
		return attach_fault(attach, err);
	attachment->legacy = LEGACY_TC;
	snprintf(attachment->kind, sizeof(attachment->kind), "tc");
	return 0;
}

int attach_legacy_cgroup(struct attach_job *attach, int cgroup_fd, const char *path,
			 enum bpf_attach_type point)
{
	struct attachment *attachment = attach->attachment;
	int err;

	attachment->target_fd = cgroup_fd;
	err = keep_program(attach);
	if (!err)
		err = write_down(attach, "cgroup_attach",
				 json_pack("{s:s, s:i, s:I}", "path", path, "point", (int)point,
					   "program", (json_int_t)program_id(attach->program)));
	if (err)
		return err;
	if (bpf_prog_attach(attachment->prog_fd, cgroup_fd, point, BPF_F_ALLOW_MULTI))
		return attach_fault(attach, -errno);
	attachment->legacy = LEGACY_CGROUP;
	attachment->point = (int)point;
	snprintf(attachment->kind, sizeof(attachment->kind), "cgroup-attach");
	return 0;
}

/* Without BPF_F_LINK the kernel keeps the map registered until its entry is deleted, also when we are gone. */
int attach_struct_ops(struct attach_job *attach)
{
	struct attachment *attachment = attach->attachment;
	bool has_link = bpf_map__map_flags(attach->map) & BPF_F_LINK;
	int err = 0;

	attach_target_name(attach, "%s", bpf_map__name(attach->map));
	if (!has_link)
		err = write_down(attach, "struct_ops",
				 json_pack("{s:I}", "map", (json_int_t)map_id(attach->map)));
	if (!err)
		err = attach_keep_link(attach, bpf_map__attach_struct_ops(attach->map));
	if (err || has_link)
		return err;
	attachment->legacy = LEGACY_STRUCT_OPS;
	snprintf(attachment->kind, sizeof(attachment->kind), "struct_ops");
	return 0;
}
