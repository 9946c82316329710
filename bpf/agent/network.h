// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* A network namespace of the session's own: lo, which is up, and what the session makes in it. */
#ifndef BPFLAB_NETWORK_H
#define BPFLAB_NETWORK_H

#include "session.h"

/*
 * Takes the session's loop into a new namespace at once and its job thread before its next job; programs that are started
 * later are in it too. It goes with the last of them, so nothing in it is swept. -errno, and all is as before.
 */
int network_make_own(struct session *session);

#endif
