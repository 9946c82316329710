// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Buffers for the verifier's logs of one load. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "load.h"

static int buffer_make(struct log_buffer *buffer, size_t size)
{
	void *text = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (text == MAP_FAILED)
		return -ENOMEM;
	buffer->text = text;
	buffer->size = size;
	return 0;
}

static void buffer_free(struct log_buffer *buffer)
{
	if (buffer->text)
		munmap(buffer->text, buffer->size);
	buffer->text = NULL;
}

/* Programs of log level 0 share one: only a refused one is logged, and that one is the last to be
 * loaded. */
int load_logs_prepare(struct load_job *load)
{
	struct bpf_program *program;
	int count = 0;

	bpf_object__for_each_program (program, load->object)
		count++;
	load->own = calloc((size_t)count + 1, sizeof(*load->own));
	if (!load->own || buffer_make(&load->shared, load->log_size))
		return -ENOMEM;
	bpf_object__for_each_program (program, load->object) {
		struct log_buffer *buffer = &load->shared;

		if (bpf_program__log_level(program)) {
			buffer = &load->own[load->own_count];
			if (buffer_make(buffer, load->log_size))
				return -ENOMEM;
			load->own_count++;
		}
		bpf_program__set_log_buf(program, buffer->text, buffer->size);
	}
	return 0;
}

void load_logs_free(struct load_job *load)
{
	for (int i = 0; i < load->own_count; i++)
		buffer_free(&load->own[i]);
	free(load->own);
	load->own = NULL;
	load->own_count = 0;
	buffer_free(&load->shared);
}

static const char *log_of(const struct bpf_program *program)
{
	size_t size = 0;
	const char *text = bpf_program__log_buf(program, &size);

	return text ? text : "";
}

static void collect_refused(struct load_job *load)
{
	const char *name = load->libbpf.failed_program;
	struct bpf_program *program =
		name[0] ? bpf_object__find_program_by_name(load->object, name) : NULL;

	if (!program)
		return;
	load->log = strdup(log_of(program));
	load->log_length = load->log ? strlen(load->log) : 0;
}

/* Each log in libbpf's own frame, so that several can be told apart. */
static void collect_accepted(struct load_job *load)
{
	struct bpf_program *program;
	FILE *out = open_memstream(&load->log, &load->log_length);

	if (!out)
		return;
	bpf_object__for_each_program (program, load->object) {
		if (bpf_program__log_level(program) && bpf_program__autoload(program))
			fprintf(out,
				"prog '%s': -- BEGIN PROG LOAD LOG --\n%s-- END PROG LOAD LOG --\n",
				bpf_program__name(program), log_of(program));
	}
	fclose(out);
}

void load_logs_collect(struct load_job *load, bool refused)
{
	if (refused)
		collect_refused(load);
	else if (load->own_count)
		collect_accepted(load);
}
