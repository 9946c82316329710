// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PORTS "/sys/class/virtio-ports"
#define TRIES 500
#define TRY_NS 10000000

static bool has_name(const char *device, const char *name)
{
	char path[320], text[128] = "";
	FILE *file;

	snprintf(path, sizeof(path), PORTS "/%s/name", device);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = 0;
	fclose(file);
	text[strcspn(text, "\n")] = 0;
	return !strcmp(text, name);
}

/* The device of that name, without udev's links. */
static bool find_device(const char *name, char *path, size_t size)
{
	DIR *ports = opendir(PORTS);
	struct dirent *entry;
	bool found = false;

	while (ports && !found && (entry = readdir(ports))) {
		if (entry->d_name[0] == '.' || !has_name(entry->d_name, name))
			continue;
		found = (size_t)snprintf(path, size, "/dev/%s", entry->d_name) < size;
	}
	if (ports)
		closedir(ports);
	return found;
}

int port_open(const char *name)
{
	struct timespec pause = { .tv_nsec = TRY_NS };
	char path[320];
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		if (name[0] == '/')
			snprintf(path, sizeof(path), "%s", name);
		if (name[0] == '/' || find_device(name, path, sizeof(path))) {
			fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
			if (fd >= 0)
				return fd;
			/* The port of a supervisor that was killed is free in a moment. */
			if (errno != ENOENT && errno != EBUSY && errno != ENXIO)
				return -errno;
		}
		nanosleep(&pause, NULL);
	}
	return fd < 0 && errno ? -errno : -ENODEV;
}
