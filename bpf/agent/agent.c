// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* bpflab-agent: runs BPF programs in a target for the gateway. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "connect.h"
#include "proto.h"
#include "supervisor.h"

static const char usage[] =
	"bpflab-agent " AGENT_VERSION "\n"
	"  bpflab-agent supervise [--port DEVICE] [--socket PATH] [--stdio] [--state DIR] [--policy FILE] [--audit]\n"
	"  bpflab-agent connect SESSION [--socket PATH] [--after SEQ]\n";

static int supervise_command(int count, char **words)
{
	static const struct option known[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "socket", required_argument, NULL, 's' },
		{ "stdio", no_argument, NULL, 'i' },
		{ "state", required_argument, NULL, 'd' },
		{ "policy", required_argument, NULL, 'y' },
		{ "audit", no_argument, NULL, 'u' },
		{ 0 },
	};
	struct supervise_options options = { 0 };
	int option;

	while ((option = getopt_long(count, words, "", known, NULL)) != -1) {
		switch (option) {
		case 'p':
			options.port = optarg;
			break;
		case 's':
			options.socket = optarg;
			break;
		case 'i':
			options.stdio = true;
			break;
		case 'd':
			options.state = optarg;
			break;
		case 'y':
			options.policy = optarg;
			break;
		case 'u':
			options.audit = true;
			break;
		default:
			return 2;
		}
	}
	if (optind != count || (!options.port && !options.socket && !options.stdio)) {
		fputs(usage, stderr);
		return 2;
	}
	return supervise(&options);
}

static int connect_command(int count, char **words)
{
	static const struct option known[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "after", required_argument, NULL, 'a' },
		{ 0 },
	};
	struct connect_options options = { .socket = DEFAULT_SOCKET };
	int option;

	while ((option = getopt_long(count, words, "", known, NULL)) != -1) {
		switch (option) {
		case 's':
			options.socket = optarg;
			break;
		case 'a':
			options.after = optarg;
			break;
		default:
			return 2;
		}
	}
	if (optind + 1 != count) {
		fputs(usage, stderr);
		return 2;
	}
	options.session = words[optind];
	return connect_session(&options);
}

int main(int count, char **words)
{
	if (count > 1 && !strcmp(words[1], "supervise"))
		return supervise_command(count - 1, words + 1);
	if (count > 1 && !strcmp(words[1], "connect"))
		return connect_command(count - 1, words + 1);
	fputs(usage, count > 1 && !strcmp(words[1], "--help") ? stdout : stderr);
	return count > 1 && !strcmp(words[1], "--help") ? 0 : 2;
}
