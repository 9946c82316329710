// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Attaching to cgroups and to maps of sockets. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "attach_legacy.h"

/* `cgroup/skb` does not say which way; `direction` does. */
static enum bpf_attach_type cgroup_point(const struct attach_job *attach)
{
	const char *direction = attach->options.direction;

	if (!strcmp(bpf_program__section_name(attach->program), "cgroup/skb") && direction &&
	    !strcmp(direction, "egress"))
		return BPF_CGROUP_INET_EGRESS;
	return bpf_program__expected_attach_type(attach->program);
}

int attach_cgroup_path(struct attach_job *attach, char *path, size_t size)
{
	const struct session *session = attach->job.session;
	const char *name = attach->options.cgroup;

	if (!session->facts->cgroup_mount[0])
		return attach_unsupported(attach, ENOTSUP, "the target has no cgroup2");
	if (!name) {
		if (!session->workspace.cgroup[0])
			return attach_unsupported(attach, ENOTSUP, "the session has no cgroup");
		snprintf(path, size, "%s", session->workspace.cgroup);
		return 0;
	}
	while (*name == '/')
		name++;
	if (strstr(name, "..") ||
	    (size_t)snprintf(path, size, "%s/%s", session->facts->cgroup_mount, name) >= size)
		return attach_unsupported(attach, EINVAL,
					  "\"%.80s\" is not a path below the cgroup2 mount", name);
	return 0;
}

int attach_cgroup(struct attach_job *attach)
{
	enum bpf_attach_type point = cgroup_point(attach);
	char path[MAX_PATH_BYTES];
	int fd, err = attach_cgroup_path(attach, path, sizeof(path));

	if (err)
		return err;
	attach_target_name(attach, "%s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return attach_fault(attach, -errno);
	attach->attachment->fd = bpf_link_create(bpf_program__fd(attach->program), fd, point, NULL);
	err = attach->attachment->fd < 0 ? -errno : 0;
	/* Linux before 5.7 has no link here. */
	if (err == -EINVAL)
		return attach_legacy_cgroup(attach, fd, path, point);
	close(fd);
	return err ? attach_fault(attach, err) : 0;
}

/* Since Linux 6.10 there is a link; before, the attachment belongs to the map and ends with it. */
int attach_sockmap(struct attach_job *attach)
{
	struct attachment *attachment = attach->attachment;
	enum bpf_attach_type point = bpf_program__expected_attach_type(attach->program);

	if (!attach->target_map)
		return attach_unsupported(attach, EINVAL,
					  "it needs the name of a sockmap or sockhash");
	attach_target_name(attach, "map %s", bpf_map__name(attach->target_map));
	/* The bare section `sk_skb` leaves the type open. */
	if (!strcmp(bpf_program__section_name(attach->program), "sk_skb"))
		point = BPF_SK_SKB_STREAM_VERDICT;
	attachment->fd = bpf_link_create(bpf_program__fd(attach->program),
					 bpf_map__fd(attach->target_map), point, NULL);
	if (attachment->fd >= 0)
		return 0;
	if (errno != EINVAL && errno != EOPNOTSUPP)
		return attach_fault(attach, -errno);
	attachment->prog_fd = fcntl(bpf_program__fd(attach->program), F_DUPFD_CLOEXEC, 3);
	attachment->target_fd = fcntl(bpf_map__fd(attach->target_map), F_DUPFD_CLOEXEC, 3);
	if (attachment->prog_fd < 0 || attachment->target_fd < 0 ||
	    bpf_prog_attach(attachment->prog_fd, attachment->target_fd, point, 0))
		return attach_fault(attach, -errno);
	attachment->legacy = LEGACY_SOCKMAP;
	attachment->point = (int)point;
	snprintf(attachment->kind, sizeof(attachment->kind), "sockmap");
	return 0;
}
