// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define OUR_NETWORK "/proc/thread-self/ns/net"

/* A namespace belongs to a thread. */
struct enter_job {
	struct job job;
	int own_fd;
	int err;
};

static void enter_work(struct job *job)
{
	struct enter_job *enter = (struct enter_job *)job;

	enter->err = setns(enter->own_fd, CLONE_NEWNET) ? errno : 0;
}

static void enter_done(struct job *job)
{
	struct enter_job *enter = (struct enter_job *)job;
	struct session *session = job->session;

	close(enter->own_fd);
	/* Two threads in two networks would be worse than no session. */
	if (enter->err)
		session->loop.stopped = true;
	free(enter);
	session_check_bye(session);
}

/* Addresses of lo come with its going up. */
static int bring_lo_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		err = -errno;
	close(fd);
	return err;
}

int network_make_own(struct session *session)
{
	struct enter_job *enter = calloc(1, sizeof(*enter));
	int before = open(OUR_NETWORK, O_RDONLY | O_CLOEXEC), err = 0;

	if (!enter || before < 0) {
		err = enter ? -errno : -ENOMEM;
		goto cleanup;
	}
	if (unshare(CLONE_NEWNET)) {
		err = -errno;
		goto cleanup;
	}
	err = bring_lo_up();
	enter->own_fd = err ? -1 : open(OUR_NETWORK, O_RDONLY | O_CLOEXEC);
	if (enter->own_fd < 0) {
		err = err ? err : -errno;
		if (setns(before, CLONE_NEWNET))
			session->loop.stopped = true;
		goto cleanup;
	}
	session->own_network = true;
	session->journal->own_network = true;
	enter->job = (struct job){ .session = session, .work = enter_work, .done = enter_done };
	job_submit(&session->jobs, &enter->job);
	enter = NULL;
cleanup:
	free(enter);
	if (before >= 0)
		close(before);
	return err;
}
