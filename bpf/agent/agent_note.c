// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "agent_note.h"

#include <stdarg.h>
#include <stdio.h>

static bool silent;

void agent_note_silence(void)
{
	silent = true;
}

void agent_note(const char *format, ...)
{
	char line[1024];
	va_list arguments;

	if (silent)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	/* In one piece: worker and supervisor write to the same place. */
	fprintf(stderr, "bpflab-agent: %s\n", line);
}
