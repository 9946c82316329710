// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verbs `link_detach` (a link of whoever, by its kernel id) and `unpin`. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "errors.h"
#include "pins.h"
#include "request.h"

void verb_link_detach(struct request *request)
{
	uint32_t id = (uint32_t)field_integer(&request->fields, "link_id", 1, UINT32_MAX);
	int fd, err;

	if (request_bad(request))
		return;
	fd = bpf_link_get_fd_by_id(id);
	err = fd < 0 || bpf_link_detach(fd) ? -errno : 0;
	if (fd >= 0)
		close(fd);
	if (!err)
		reply_ok(request->session, request->id, NULL);
	else if (err == -EOPNOTSUPP)
		request_fail(request, E_DETACH_REFUSED, err, NULL,
			     "Link %u cannot be detached by force: its kind ends only with its owner.",
			     id);
	else
		request_fail(request, E_DETACH_REFUSED, err, NULL, "Cannot detach link %u: %s (%s).",
			     id, strerror(-err), errno_name(-err));
}

void verb_unpin(struct request *request)
{
	const char *path = field_string(&request->fields, "path");
	int err;

	if (request_bad(request))
		return;
	err = !pin_is(path) ? -EINVAL : unlink(path) ? -errno : 0;
	if (!err)
		reply_ok(request->session, request->id, NULL);
	else
		request_fail(request, E_DETACH_REFUSED, err, path, "Cannot unpin \"%.200s\": %s (%s).",
			     path, err == -EINVAL ? "it is no pinned object" : strerror(-err),
			     errno_name(-err));
}
