// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int journal_create(struct journal *journal, const char *path)
{
	memset(journal, 0, sizeof(*journal));
	pthread_mutex_init(&journal->lock, NULL);
	snprintf(journal->path, sizeof(journal->path), "%s", path);
	journal->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	return journal->fd < 0 ? -errno : 0;
}

/* One write per line: a kill in between leaves a whole line or none that matters. */
static int append(struct journal *journal, json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT);
	int err = -ENOMEM;

	if (text) {
		size_t length = strlen(text);

		text[length] = '\n';
		err = write(journal->fd, text, length + 1) == (ssize_t)(length + 1) ? 0 : -EIO;
	}
	free(text);
	return err;
}

uint32_t journal_add(struct journal *journal, const char *kind, json_t *entry)
{
	uint32_t id;

	pthread_mutex_lock(&journal->lock);
	id = ++journal->next_id;
	json_object_set_new(entry, "id", json_integer(id));
	json_object_set_new(entry, "kind", json_string(kind));
	if (journal->own_network && json_object_get(entry, "ifindex"))
		json_object_set_new(entry, "own_network", json_true());
	if (append(journal, entry))
		id = 0;
	pthread_mutex_unlock(&journal->lock);
	json_decref(entry);
	return id;
}

void journal_done(struct journal *journal, uint32_t id)
{
	json_t *line = json_pack("{s:i}", "done", (int)id);

	pthread_mutex_lock(&journal->lock);
	/* An entry that stays is undone twice, which does no harm. */
	(void)append(journal, line);
	pthread_mutex_unlock(&journal->lock);
	json_decref(line);
}

void journal_close(struct journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = -1;
}

static void remove_id(json_t *entries, json_int_t id)
{
	size_t index;
	json_t *entry;

	json_array_foreach (entries, index, entry) {
		if (json_integer_value(json_object_get(entry, "id")) == id) {
			json_array_remove(entries, index);
			return;
		}
	}
}

json_t *journal_read(const char *path)
{
	json_t *entries = json_array();
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t capacity = 0;

	while (file && getline(&line, &capacity, file) > 0) {
		json_t *entry = json_loads(line, 0, NULL);
		json_t *done = json_object_get(entry, "done");

		if (done)
			remove_id(entries, json_integer_value(done));
		else if (json_is_object(entry))
			json_array_append(entries, entry);
		json_decref(entry);
	}
	free(line);
	if (file)
		fclose(file);
	return entries;
}
