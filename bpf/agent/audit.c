// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "fault.h"
#include "loop.h"

static json_t *time_json(void)
{
	uint64_t now = realtime_ns();
	time_t seconds = (time_t)(now / 1000000000u);
	struct tm parts;
	char day[32], text[48];

	gmtime_r(&seconds, &parts);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text, sizeof(text), "%s.%03dZ", day, (int)(now / 1000000u % 1000));
	return json_string(text);
}

void audit(const struct facts *facts, struct auditee who, const char *what, json_t *more)
{
	json_t *line;
	char *text;

	if (!facts->audit) {
		json_decref(more);
		return;
	}
	line = json_pack("{s:o, s:s, s:s, s:s, s:s}", "time", time_json(), "what", what, "node",
			 facts->node, "session", who.session, "user", "");
	/* What was cut to fit may end in the middle of a letter. */
	json_object_set_new(line, "user", text_json(who.user, strlen(who.user)));
	json_object_update(line, more);
	json_decref(more);
	text = json_dumps(line, JSON_COMPACT);
	if (text) {
		/* In one piece: worker and supervisor write to the same place. */
		struct iovec parts[] = { { (void *)(uintptr_t) "bpflab-audit ", 13 },
					 { text, strlen(text) },
					 { (void *)(uintptr_t) "\n", 1 } };

		/* Nobody can be told when the log is gone. */
		if (writev(STDERR_FILENO, parts, 3) < 0)
			clearerr(stderr);
	}
	free(text);
	json_decref(line);
}
