// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* `bpflab-agent connect`: stdin and stdout to a supervisor's socket. */
#ifndef BPFLAB_CONNECT_H
#define BPFLAB_CONNECT_H

#define DEFAULT_SOCKET "/run/bpflab/agent.sock"

/* `after` is decimal text or NULL. */
struct connect_options {
	const char *session, *socket, *after;
};

/* Pipes until either side ends; the process's exit status: 0 end, 1 no supervisor, 2 the hello is
 * of another session. */
int connect_session(const struct connect_options *options);

#endif
