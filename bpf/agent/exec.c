// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verbs `exec`, `signal`, `resize`. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "audit.h"
#include "errors.h"
#include "limits.h"
#include "policy.h"
#include "process.h"
#include "request.h"

/* Of a command in the audit log. */
#define MAX_AUDITED_WORDS 16
#define MAX_AUDITED_BYTES 120
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* A NULL-terminated list of strings. */
struct words {
	char **list;
	size_t count;
};

static void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i]);
	free(words->list);
}

static bool words_add(struct words *words, char *word)
{
	if (!word)
		return false;
	words->list[words->count++] = word;
	words->list[words->count] = NULL;
	return true;
}

static void read_argv(struct fields *fields, struct words *argv)
{
	json_t *array = field_array(fields, "argv", MAX_ARGV), *word;
	size_t index;

	argv->list = calloc(MAX_ARGV + 1, sizeof(char *));
	if (!argv->list || json_array_size(array) == 0) {
		fields_problem(fields, "argv", "must name a program");
		return;
	}
	json_array_foreach (array, index, word) {
		if (!json_is_string(word) || !words_add(argv, strdup(json_string_value(word))))
			fields_problem(fields, "argv", "must be strings");
		if (fields_bad(fields))
			return;
	}
}

static char *assignment(const char *name, const char *value)
{
	char *text = NULL;

	return asprintf(&text, "%s=%s", name, value) < 0 ? NULL : text;
}

static void add_default(struct words *env, const json_t *given, const char *name, const char *value)
{
	if (!json_object_get(given, name))
		words_add(env, assignment(name, value));
}

static void read_env(struct fields *fields, struct words *env, const char *home, bool terminal)
{
	json_t *given = field_object(fields, "env"), *value;
	const char *name;

	env->list = calloc(MAX_ENV + 8, sizeof(char *));
	if (!env->list || json_object_size(given) > MAX_ENV) {
		fields_problem(fields, "env", "is too long");
		return;
	}
	json_object_foreach (given, name, value) {
		if (!json_is_string(value) || !*name || strchr(name, '='))
			fields_problem(fields, "env", "must be names and strings");
		else
			words_add(env, assignment(name, json_string_value(value)));
	}
	add_default(env, given, "PATH", DEFAULT_PATH);
	add_default(env, given, "HOME", home);
	add_default(env, given, "LANG", "C.UTF-8");
	add_default(env, given, "TERM", terminal ? "xterm-256color" : "dumb");
}

static void read_terminal(struct fields *fields, struct spawn *spawn)
{
	struct fields size = { .object = field_object(fields, "pty") };

	if (!size.object)
		return;
	spawn->terminal = true;
	spawn->rows = (unsigned short)field_integer(&size, "rows", 1, 10000);
	spawn->columns = (unsigned short)field_integer(&size, "cols", 1, 10000);
	if (fields_bad(&size) && !fields_bad(fields))
		*fields = size;
}

/* The run of an exec may be new: a cell that is only a process. */
static struct run *run_for(struct request *request, bool *is_new)
{
	const char *name = field_run(&request->fields);
	struct run *run;

	*is_new = !fields_bad(&request->fields) && !run_find(request->session, name);
	if (!*is_new)
		return run_of_request(request);
	run = run_new(request->session, name);
	if (!run)
		request_fail(request, E_LIMIT, EMFILE, name, "The session has %d runs already.",
			     MAX_RUNS);
	return run;
}

static int count_processes(const struct session *session)
{
	int count = 0;

	for (const struct process *process = session->processes; process; process = process->next)
		count++;
	return count;
}

static void audit_exec(const struct session *session, const char *run, char *const *argv)
{
	json_t *words = json_array();
	struct auditee who = { session->name, session->user };

	for (int i = 0; i < MAX_AUDITED_WORDS && argv[i]; i++)
		json_array_append_new(words, text_json(argv[i], strnlen(argv[i], MAX_AUDITED_BYTES)));
	audit(session->facts, who, "exec", json_pack("{s:s, s:o}", "run", run, "argv", words));
}

/* Answers; true when the process runs. */
static bool start(struct request *request, struct run *run, struct spawn *spawn,
		  const uint32_t streams[3])
{
	struct session *session = request->session;
	const char *program = spawn->argv[0];
	struct process *process;
	struct spawned spawned;
	int err;

	spawn->cgroup_fd = workspace_run_cgroup(&session->workspace, run->name);
	err = spawn_program(spawn, &spawned);
	if (spawn->cgroup_fd >= 0)
		close(spawn->cgroup_fd);
	if (err) {
		request_fail(request, E_EXEC_FAILED, err, program,
			     "Cannot start \"%.200s\": %s (%s).", program, strerror(-err),
			     errno_name(-err));
		return false;
	}
	audit_exec(session, run->name, spawn->argv);
	/* The reply stands in front of everything that the process says. */
	reply_ok(session, request->id, json_pack("{s:i}", "pid", (int)spawned.pid));
	process = process_adopt(run, &spawned, streams);
	if (process && spawn->report_waiting)
		input_report_waiting(&process->input);
	return true;
}

static void start_in_run(struct request *request, struct spawn *spawn, const uint32_t streams[3])
{
	struct session *session = request->session;
	bool is_new;
	struct run *run;

	for (int i = 0; i < 3; i++) {
		if (streams[i] && stream_find(session, streams[i])) {
			request_fail(request, E_REQUEST, EEXIST, NULL, "Stream %u is in use.",
				     streams[i]);
			return;
		}
	}
	if (count_processes(session) >= MAX_PROCESSES) {
		request_fail(request, E_LIMIT, EAGAIN, NULL,
			     "The session has %d processes already.", MAX_PROCESSES);
		return;
	}
	run = run_for(request, &is_new);
	if (run && !start(request, run, spawn, streams) && is_new) {
		workspace_end_run_cgroup(&session->workspace, run->name);
		run_drop(run);
	}
}

void verb_exec(struct request *request)
{
	struct fields *fields = &request->fields;
	const char *session_folder = request->session->workspace.folder;
	const char *cwd = field_string_or(fields, "cwd", ".");
	uint32_t streams[3] = { field_stream_or(fields, "stdin"), field_stream(fields, "stdout"),
				field_stream_or(fields, "stderr") };
	struct spawn spawn = { .cgroup_fd = -1 };
	struct words argv = { 0 }, env = { 0 };
	char folder[2 * MAX_PATH_BYTES];

	snprintf(folder, sizeof(folder), "%s%s%.1000s", cwd[0] == '/' ? "" : session_folder,
		 cwd[0] == '/' ? "" : "/", cwd);
	read_terminal(fields, &spawn);
	read_argv(fields, &argv);
	read_env(fields, &env, session_folder, spawn.terminal);
	spawn.argv = argv.list;
	spawn.env = env.list;
	spawn.folder = folder;
	spawn.separate_stderr = streams[2] != 0 && !spawn.terminal;
	spawn.needs_input = streams[0] != 0;
	spawn.report_waiting = field_boolean_or(fields, "report_waiting", false);
	spawn.no_loading = policy_limits_types(request->session->terms);
	if (!request_bad(request))
		start_in_run(request, &spawn, streams);
	words_free(&argv);
	words_free(&env);
}

/* The running process that a request names, once its other fields are read; NULL after an answer. */
static struct process *process_of(struct request *request)
{
	int64_t pid = field_integer(&request->fields, "pid", 1, INT32_MAX);
	struct process *process;

	field_run(&request->fields);
	if (request_bad(request))
		return NULL;
	process = process_find(request->session, (pid_t)pid);
	if (process && !process->exited)
		return process;
	request_fail(request, E_REQUEST, ESRCH, NULL, "The session has no process %lld.",
		     (long long)pid);
	return NULL;
}

void verb_signal(struct request *request)
{
	int number = (int)field_integer(&request->fields, "signal", 0, 64);
	struct process *process = process_of(request);

	if (!process)
		return;
	/* Its whole group, as a terminal does; the program made its own session, so the group is
	 * there. */
	if (kill(-process->pid, number) && kill(process->pid, number))
		request_fail(request, E_REQUEST, errno, NULL, "Cannot signal process %d: %s.",
			     (int)process->pid, strerror(errno));
	else
		reply_ok(request->session, request->id, NULL);
}

void verb_resize(struct request *request)
{
	struct winsize size = {
		.ws_row = (unsigned short)field_integer(&request->fields, "rows", 1, 10000),
		.ws_col = (unsigned short)field_integer(&request->fields, "cols", 1, 10000),
	};
	struct process *process = process_of(request);

	if (!process)
		return;
	if (!process->has_terminal || !process->outputs[0].stream ||
	    ioctl(process->outputs[0].watch.fd, TIOCSWINSZ, &size))
		request_fail(request, E_REQUEST, ENOTTY, NULL, "Process %d has no terminal.",
			     (int)process->pid);
	else
		reply_ok(request->session, request->id, NULL);
}
