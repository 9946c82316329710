// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Perf buffers (BPF_MAP_TYPE_PERF_EVENT_ARRAY): libbpf reads the memory of each CPU, the kernel
 * counts losses. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "errors.h"
#include "limits.h"
#include "ring.h"

#define DEFAULT_PAGES 64

struct perf {
	struct perf_buffer *buffer;
	struct watch watch;
	struct batch batch;
};

static void sample(void *context, int cpu, void *data, __u32 size)
{
	struct perf *perf = context;
	uint8_t *room = batch_record(&perf->batch, (uint32_t)cpu, size);

	if (room)
		memcpy(room, data, size);
	else
		batch_lost(&perf->batch, 1);
}

static void lost(void *context, int cpu, __u64 count)
{
	struct perf *perf = context;

	(void)cpu;
	batch_lost(&perf->batch, count);
}

/* While the channel is full the buffers fill up, and the kernel counts. */
static void consume(struct perf *perf)
{
	if (stream_room(perf->batch.stream) == 0)
		return;
	perf_buffer__consume(perf->buffer);
	batch_flush(&perf->batch);
}

static void ready(struct watch *watch, uint32_t events)
{
	(void)events;
	consume(watch->context);
}

static void more(struct stream *stream)
{
	consume(stream->context);
}

static void close_perf(struct stream *stream)
{
	struct perf *perf = stream->context;

	perf_buffer__consume(perf->buffer);
	batch_flush(&perf->batch);
	loop_remove(&stream->session->loop, &perf->watch);
	perf_buffer__free(perf->buffer);
	free(perf);
}

static const struct stream_user user = { .more = more, .close = close_perf };

int perf_subscribe(struct run *run, uint32_t id, int map_fd, uint32_t pages, struct fault *fault)
{
	struct perf *perf = calloc(1, sizeof(*perf));
	int err;

	if (!perf)
		return fault_set(fault, E_LIMIT, ENOMEM, NULL,
				 "There is no memory for the stream.");
	perf->buffer =
		perf_buffer__new(map_fd, pages ? pages : DEFAULT_PAGES, sample, lost, perf, NULL);
	if (!perf->buffer) {
		err = fault_set(fault, E_MAP_OPERATION, errno, NULL,
				"Cannot open the perf buffer: %s.", strerror(errno));
		goto cleanup;
	}
	perf->watch = (struct watch){ .fd = perf_buffer__epoll_fd(perf->buffer),
				      .ready = ready,
				      .context = perf };
	perf->batch.stream = stream_open(run->session, id, &user, perf, run);
	if (!perf->batch.stream) {
		err = stream_in_use(fault, id);
		goto cleanup;
	}
	loop_add(&run->session->loop, &perf->watch, EPOLLIN | EPOLLET);
	return 0;
cleanup:
	perf_buffer__free(perf->buffer);
	free(perf);
	return err;
}
