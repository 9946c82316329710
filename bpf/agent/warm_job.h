// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The warming of a fresh session, behind its first hello. */
#ifndef BPFLAB_WARM_JOB_H
#define BPFLAB_WARM_JOB_H

#include "session.h"

void warm_start(struct session *session);

#endif
