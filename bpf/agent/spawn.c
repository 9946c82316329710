// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "no_loading.h"

/* More of a program's output per round than the 64 KiB of a fresh pipe. */
#define PIPE_BYTES (256 * 1024)

/* The child's ends; what is not used is -1. */
struct ends {
	int input, output, error, status;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int make_pipe(int *ours, int *theirs, bool we_read)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	*ours = fds[we_read ? 0 : 1];
	*theirs = fds[we_read ? 1 : 0];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	fcntl(*ours, F_SETPIPE_SZ, PIPE_BYTES);
	return 0;
}

static int make_terminal(const struct spawn *spawn, struct spawned *ours, struct ends *theirs)
{
	struct winsize size = { .ws_row = spawn->rows, .ws_col = spawn->columns };
	char name[64];

	ours->output = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (ours->output < 0 || grantpt(ours->output) || unlockpt(ours->output) ||
	    ptsname_r(ours->output, name, sizeof(name)))
		return -errno;
	ioctl(ours->output, TIOCSWINSZ, &size);
	theirs->input = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	ours->input = fcntl(ours->output, F_DUPFD_CLOEXEC, 3);
	return theirs->input < 0 || ours->input < 0 ? -errno : 0;
}

static int make_pipes(const struct spawn *spawn, struct spawned *ours, struct ends *theirs)
{
	int err = make_pipe(&ours->output, &theirs->output, true);

	if (!err && spawn->separate_stderr)
		err = make_pipe(&ours->error, &theirs->error, true);
	if (err)
		return err;
	if (spawn->needs_input)
		return make_pipe(&ours->input, &theirs->input, false);
	theirs->input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return theirs->input < 0 ? -errno : 0;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Where PATH has a program: execvp would try to execute it in each folder, and a lesson on execve would see every try.
 * Falls back to the name itself, whose exec says what is wrong. Async-signal-safe. */
static const char *find_program(const char *name, char *room, size_t size)
{
	const char *folder = getenv("PATH"), *end;
	struct stat about;

	for (; folder && *folder && !strchr(name, '/'); folder = *end ? end + 1 : end) {
		size_t length, name_length = strlen(name);

		end = strchrnul(folder, ':');
		length = (size_t)(end - folder);
		if (!length || length + name_length + 2 > size)
			continue;
		memcpy(room, folder, length);
		room[length] = '/';
		memcpy(room + length + 1, name, name_length + 1);
		if (!stat(room, &about) && S_ISREG(about.st_mode) && !access(room, X_OK))
			return room;
	}
	return name;
}

/* In the child: nothing here may use memory that another thread could have locked. */
static void become_program(const struct spawn *spawn, const struct ends *ends)
{
	int output = spawn->terminal ? ends->input : ends->output;
	int error = ends->error >= 0 ? ends->error : output;
	char room[PATH_MAX];

	reset_signals();
	setsid();
	if (spawn->cgroup_fd >= 0 && write(spawn->cgroup_fd, "0", 1) < 0)
		goto failed;
	if (spawn->terminal && ioctl(ends->input, TIOCSCTTY, 0))
		goto failed;
	if (dup2(ends->input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0)
		goto failed;
	if (chdir(spawn->folder))
		goto failed;
	if (spawn->no_loading) {
		errno = -no_loading();
		if (errno)
			goto failed;
	}
	environ = spawn->env;
	execvp(find_program(spawn->argv[0], room, sizeof(room)), spawn->argv);
failed:
	if (write(ends->status, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

/* The status pipe closes at exec; before, it carries the errno that prevented it. */
static int start(const struct spawn *spawn, struct spawned *ours, struct ends *theirs)
{
	int status[2], errnum = 0;

	if (pipe2(status, O_CLOEXEC))
		return -errno;
	theirs->status = status[1];
	ours->pid = fork();
	if (ours->pid == 0)
		become_program(spawn, theirs);
	if (ours->pid < 0)
		errnum = errno;
	close_fd(&theirs->status);
	if (ours->pid > 0) {
		ssize_t got;

		do
			got = read(status[0], &errnum, sizeof(errnum));
		while (got < 0 && errno == EINTR);
		if (got != (ssize_t)sizeof(errnum))
			errnum = 0;
	}
	close(status[0]);
	return -errnum;
}

int spawn_program(const struct spawn *spawn, struct spawned *spawned)
{
	struct ends theirs = { .input = -1, .output = -1, .error = -1, .status = -1 };
	int err;

	*spawned = (struct spawned){
		.terminal = spawn->terminal, .input = -1, .output = -1, .error = -1
	};
	err = spawn->terminal ? make_terminal(spawn, spawned, &theirs)
			      : make_pipes(spawn, spawned, &theirs);
	if (!err)
		err = start(spawn, spawned, &theirs);
	close_fd(&theirs.input);
	close_fd(&theirs.output);
	close_fd(&theirs.error);
	if (err) {
		close_fd(&spawned->input);
		close_fd(&spawned->output);
		close_fd(&spawned->error);
	}
	return err;
}
