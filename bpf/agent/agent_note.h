// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Lines on stderr, for whoever looks at the target's console. */
#ifndef BPFLAB_AGENT_NOTE_H
#define BPFLAB_AGENT_NOTE_H

#include <stdbool.h>

/* One line, without its end. */
__attribute__((format(printf, 1, 2))) void agent_note(const char *format, ...);
/* Fuzzers make thousands of faults a second. */
void agent_note_silence(void);

#endif
