// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * The warming of a fresh session, behind its first hello.
 *
 * In a guest that was restored without hardware virtualization all code is translated anew. What a first cell does is
 * done here once, while the gateway still compiles; a request that comes meanwhile waits for one step at most, which it
 * would have to take itself.
 */
#ifndef BPFLAB_WARM_JOB_H
#define BPFLAB_WARM_JOB_H

#include "session.h"

void warm_start(struct session *session);

#endif
