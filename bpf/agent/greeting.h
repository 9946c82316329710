// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The two hellos. */
#ifndef BPFLAB_GREETING_H
#define BPFLAB_GREETING_H

#include <stddef.h>
#include <stdint.h>

#include "session.h"

/* Reads a `ClientHello`, sets clock and randomness when it asks for that, answers; -EPROTO for
 * another protocol. */
int greeting_answer(struct session *session, const uint8_t *payload, size_t length);
/* Checks a session's name: [A-Za-z0-9_-]{1,64}. */
bool session_name_valid(const char *name);

#endif
