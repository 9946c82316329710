// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "attachment.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "netlink_detach.h"

struct attachment *attachment_new(void)
{
	struct attachment *attachment = calloc(1, sizeof(*attachment));

	if (attachment) {
		attachment->fd = -1;
		attachment->prog_fd = -1;
		attachment->target_fd = -1;
	}
	return attachment;
}

int attachment_add_link(struct attachment *attachment, struct bpf_link *link)
{
	size_t count = (size_t)attachment->link_count + 1;
	struct bpf_link **links = realloc(attachment->links, count * sizeof(*links));

	if (!links) {
		bpf_link__destroy(link);
		return -ENOMEM;
	}
	links[attachment->link_count++] = link;
	attachment->links = links;
	return 0;
}

int attachment_link_fd(const struct attachment *attachment)
{
	if (attachment->legacy != LEGACY_NONE)
		return -1;
	return attachment->link_count ? bpf_link__fd(attachment->links[0]) : attachment->fd;
}

static void undo_legacy(struct attachment *attachment)
{
	switch (attachment->legacy) {
	case LEGACY_TC:
		tc_detach(attachment->ifindex, attachment->point, attachment->handle,
			  attachment->priority);
		break;
	case LEGACY_XDP:
		xdp_detach(attachment->ifindex, attachment->flags, attachment->prog_fd);
		break;
	case LEGACY_CGROUP:
	case LEGACY_SOCKMAP:
		bpf_prog_detach2(attachment->prog_fd, attachment->target_fd,
				 (enum bpf_attach_type)attachment->point);
		break;
	case LEGACY_STRUCT_OPS:
	case LEGACY_NONE:
		break;
	}
}

void attachment_destroy(struct attachment *attachment, struct journal *journal)
{
	undo_legacy(attachment);
	if (attachment->journal_id)
		journal_done(journal, attachment->journal_id);
	/* One that others use by now is left to them. */
	if (attachment->clsact_id) {
		clsact_remove_unused(attachment->ifindex);
		journal_done(journal, attachment->clsact_id);
	}
	for (int i = 0; i < attachment->link_count; i++)
		bpf_link__destroy(attachment->links[i]);
	free(attachment->links);
	if (attachment->fd >= 0)
		close(attachment->fd);
	if (attachment->prog_fd >= 0)
		close(attachment->prog_fd);
	if (attachment->target_fd >= 0)
		close(attachment->target_fd);
	free(attachment);
}
