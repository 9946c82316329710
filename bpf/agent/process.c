// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto.h"

/* What a terminal still holds comes through a kernel worker: so long is it waited for when others
 * keep it open. */
#define TERMINAL_DRAIN_MS 50

struct process *process_find(struct session *session, pid_t pid)
{
	struct process *process = session->processes;

	while (process && process->pid != pid)
		process = process->next;
	return process;
}

static void forget(struct process *process)
{
	struct session *session = process->session;

	for (struct process **at = &session->processes; *at; at = &(*at)->next) {
		if (*at == process) {
			*at = process->next;
			break;
		}
	}
	timer_stop(&session->loop, &process->drain_timer);
	free(process);
}

static void tell_end(struct process *process)
{
	int status = process->wait_status;
	json_t *event;

	process->told = true;
	event = json_pack("{s:s, s:s, s:i, s:o, s:o}", "event", "exited", "run", process->run->name,
			  "pid", (int)process->pid, "status",
			  WIFEXITED(status) ? json_integer(WEXITSTATUS(status)) : json_null(),
			  "signal",
			  WIFSIGNALED(status) ? json_integer(WTERMSIG(status)) : json_null());
	session_json(process->session, FRAME_EVENT, event);
}

static bool is_drained(const struct process *process)
{
	for (int i = 0; i < 2; i++) {
		const struct output *output = &process->outputs[i];

		if (output->stream &&
		    (output->owed || (process->has_terminal && process->drain_timer.armed)))
			return false;
	}
	return true;
}

void process_check_end(struct process *process)
{
	if (!process->told && is_drained(process))
		tell_end(process);
	/* Background children may hold the pipes for long; they are read until the run stops. */
	if (process->told && !process->outputs[0].stream && !process->outputs[1].stream) {
		struct stream *input = process->input.stream;

		if (input)
			stream_abort(input);
		input_close(&process->input);
		forget(process);
	}
}

static void drain_due(struct timer *timer)
{
	process_check_end(timer->context);
}

static void note_exit(struct process *process, int wait_status)
{
	process->exited = true;
	process->wait_status = wait_status;
	if (process->has_terminal)
		timer_start(&process->session->loop, &process->drain_timer, TERMINAL_DRAIN_MS);
	for (int i = 0; i < 2; i++) {
		struct output *output = &process->outputs[i];
		int pending = 0;

		if (output->stream && !process->has_terminal &&
		    !ioctl(output->watch.fd, FIONREAD, &pending))
			output->owed = (size_t)pending;
	}
	process_check_end(process);
}

/* We are the subreaper of everything that a session starts, so strangers may come too. */
static void reap(struct session *session)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct process *process = process_find(session, pid);

		if (process && !process->exited)
			note_exit(process, status);
	}
}

static void child_ready(struct watch *watch, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	while (read(watch->fd, &info, sizeof(info)) > 0)
		;
	reap(watch->context);
}

int processes_start(struct session *session)
{
	sigset_t mask;
	int fd;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	session->child_signal =
		(struct watch){ .fd = fd, .ready = child_ready, .context = session };
	if (fd < 0)
		return -errno;
	return loop_add(&session->loop, &session->child_signal, EPOLLIN);
}

void processes_free(struct session *session)
{
	while (session->processes) {
		kill(-session->processes->pid, SIGKILL);
		input_close(&session->processes->input);
		forget(session->processes);
	}
	if (session->child_signal.fd >= 0)
		close(session->child_signal.fd);
}

void processes_kill_run(struct session *session, struct run *run)
{
	for (struct process *process = session->processes; process; process = process->next)
		if (process->run == run && !process->exited)
			kill(-process->pid, SIGKILL);
}

static void end_process(struct process *process)
{
	if (!process->exited) {
		process->exited = true;
		process->wait_status = SIGKILL;
	}
	for (int i = 0; i < 2; i++) {
		struct output *output = &process->outputs[i];
		struct stream *stream = output->stream;

		if (!stream)
			continue;
		output_pump(output);
		output_close(output);
		stream_finish(stream);
	}
	timer_stop(&process->session->loop, &process->drain_timer);
	process_check_end(process);
}

void processes_end_run(struct session *session, struct run *run)
{
	struct process *process, *next;

	reap(session);
	for (process = session->processes; process; process = next) {
		next = process->next;
		if (process->run == run)
			end_process(process);
	}
}

static bool open_streams(struct process *process, const struct spawned *spawned,
			 const uint32_t streams[3])
{
	bool right = output_open(&process->outputs[0], process, spawned->output, streams[1]);

	if (spawned->error >= 0)
		right = output_open(&process->outputs[1], process, spawned->error, streams[2]) &&
			right;
	if (spawned->input >= 0 && streams[0])
		right = input_open(&process->input, process, spawned->input, streams[0]) && right;
	else if (spawned->input >= 0)
		close(spawned->input);
	return right;
}

struct process *process_adopt(struct run *run, const struct spawned *spawned,
			      const uint32_t streams[3])
{
	struct process *process = calloc(1, sizeof(*process));

	if (!process)
		return NULL;
	process->session = run->session;
	process->run = run;
	process->pid = spawned->pid;
	process->has_terminal = spawned->terminal;
	process->drain_timer = (struct timer){ .due = drain_due, .context = process };
	process->input.watch.fd = -1;
	process->next = run->session->processes;
	run->session->processes = process;
	if (open_streams(process, spawned, streams))
		return process;
	kill(-spawned->pid, SIGKILL);
	process->told = true;
	end_process(process);
	return NULL;
}
