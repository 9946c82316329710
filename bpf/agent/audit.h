// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The audit log: one line of JSON for everything that a session does, behind "bpflab-audit ". */
#ifndef BPFLAB_AUDIT_H
#define BPFLAB_AUDIT_H

#include <jansson.h>

#include "facts.h"

/* Who it is about. */
struct auditee {
	const char *session, *user;
};

/*
 * Writes `what` ("session", "load", "exec", "end", "refused", "session_end") with time, node, session, user
 * and `more`, which is taken (NULL: nothing), unless the supervisor was started without --audit.
 */
void audit(const struct facts *facts, struct auditee who, const char *what, json_t *more);

#endif
