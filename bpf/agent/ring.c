// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Ring buffers (BPF_MAP_TYPE_RINGBUF, kernel/bpf/ringbuf.c), read from their memory into DATA
 * frames.
 *
 * The kernel wakes a reader only when the reader had caught up: consumer_pos equal to the new
 * record's place. While a ring is busy, the place that is published stays one record behind, so
 * that the producers never pay for a wake-up, and the ring is read every RING_BUSY_MS. When nothing
 * new came, the true place is published and the wake-up is awaited: the first record after silence
 * is sent at once.
 */
#include "ring.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "batch.h"
#include "bytes.h"
#include "errors.h"
#include "limits.h"
#include "proto.h"

/*
 * A client that is slow for a moment loses nothing: records stay in the ring, and a program that
 * finds it full knows it by its failed reserve. When the client has taken nothing for STALL_MS and
 * the ring is so full, the oldest records go, counted, down to half: it comes back to what is new.
 * A busy machine and the way through an API server take a second for nothing: that is no stall.
 */
#define FULL_EIGHTHS 7
#define STALL_MS 2000
/* A smaller ring is full before the clock ticks: it is read at each wake-up. */
#define CLOCKED_RING_BYTES (64u * 1024)

/* A ring that wakes nobody is looked at so often. */
#define IDLE_MS 100

struct ring {
	struct stream *stream;
	struct watch watch;
	struct timer timer;
	struct batch batch;
	int fd;
	bool busy;
	size_t size;
	unsigned long mask;
	/* When records were taken last. */
	uint64_t taken_ns;
	/* `next` is our place, `published` what the kernel has been told. */
	unsigned long next, published;
	unsigned long *consumer_pos;
	const unsigned long *producer_pos;
	const uint8_t *data;
};

static void publish(struct ring *ring, unsigned long place)
{
	ring->published = place;
	__atomic_store_n(ring->consumer_pos, place, __ATOMIC_SEQ_CST);
}

/* The header of the record at `place`: length and flags, or the busy bit while it is being written.
 */
static uint32_t header_at(const struct ring *ring, unsigned long place)
{
	return __atomic_load_n((const uint32_t *)(ring->data + (place & ring->mask)),
			       __ATOMIC_ACQUIRE);
}

static unsigned long step_of(uint32_t header)
{
	uint32_t length = header & ~(BPF_RINGBUF_DISCARD_BIT | BPF_RINGBUF_BUSY_BIT);

	return round_up_8(length + BPF_RINGBUF_HDR_SZ);
}

/* What one pass over the ring came to. */
struct pass {
	/* Start of the last record that was taken, and whether there was any. */
	unsigned long last;
	bool any, stalled;
};

/* Takes every complete record that credit allows; at most one ring's worth, so that others get
 * their turn. */
static struct pass take_records(struct ring *ring)
{
	unsigned long end = __atomic_load_n(ring->producer_pos, __ATOMIC_ACQUIRE);
	struct pass pass = { .last = ring->next };

	while (ring->next < end) {
		uint32_t header = header_at(ring, ring->next);
		uint32_t length = header & ~(BPF_RINGBUF_DISCARD_BIT | BPF_RINGBUF_BUSY_BIT);

		if (header & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			const uint8_t *record =
				ring->data + (ring->next & ring->mask) + BPF_RINGBUF_HDR_SZ;
			uint8_t *room;

			if (length + RECORD_HEADER_BYTES + DATA_HEADER_BYTES > MAX_PAYLOAD_BYTES) {
				batch_lost(&ring->batch, 1);
			} else {
				room = batch_record(&ring->batch, CPU_UNKNOWN, length);
				if (!room) {
					pass.stalled = true;
					break;
				}
				memcpy(room, record, length);
			}
		}
		pass.last = ring->next;
		pass.any = true;
		ring->next += step_of(header);
		/* The producers get their room back step by step. */
		if (ring->next - ring->published > BATCH_BYTES)
			publish(ring, pass.last);
	}
	return pass;
}

/*
 * One pass may have taken a whole ring, which is on its way for seconds: a channel that still takes
 * of it is slow, and not away.
 */
static bool is_stalled(const struct ring *ring)
{
	const struct session *session = ring->stream->session;
	uint64_t since = ring->taken_ns;

	if (session->outbox.queued > OUTBOX_HIGH_BYTES && session->sent_ns > since)
		since = session->sent_ns;
	return monotonic_ns() - since >= STALL_MS * 1000000ull;
}

/* Room for the producers when the client is too slow: the oldest records are dropped and counted.
 */
static void drop_oldest(struct ring *ring)
{
	unsigned long end = __atomic_load_n(ring->producer_pos, __ATOMIC_ACQUIRE);
	uint64_t dropped = 0;

	if (end - ring->next < ring->size / 8 * FULL_EIGHTHS || !is_stalled(ring))
		return;
	while (ring->next < end && end - ring->next > ring->size / 2) {
		uint32_t header = header_at(ring, ring->next);

		if (header & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(header & BPF_RINGBUF_DISCARD_BIT))
			dropped++;
		ring->next += step_of(header);
	}
	batch_lost(&ring->batch, dropped);
	publish(ring, ring->next);
}

/* The next look: soon, or at once when a quarter of the ring came since the last one. */
static void rest(struct ring *ring, unsigned long taken)
{
	ring->busy = true;
	timer_start(&ring->stream->session->loop, &ring->timer,
		    taken > ring->size / 4 ? 0 : RING_BUSY_MS);
}

/* Silence: tell the kernel the true place, and look once more for what came in between. */
static bool fall_asleep(struct ring *ring)
{
	unsigned long end;

	publish(ring, ring->next);
	end = __atomic_load_n(ring->producer_pos, __ATOMIC_SEQ_CST);
	if (ring->next < end && !(header_at(ring, ring->next) & BPF_RINGBUF_BUSY_BIT))
		return false;
	ring->busy = false;
	return true;
}

static void read_ring(struct ring *ring)
{
	unsigned long before = ring->next;
	struct pass pass;

	if (stream_room(ring->stream) == 0) {
		drop_oldest(ring);
		rest(ring, 0);
		return;
	}
	pass = take_records(ring);
	batch_flush(&ring->batch);
	if (pass.any)
		ring->taken_ns = monotonic_ns();
	if (pass.stalled)
		drop_oldest(ring);
	if (pass.any && pass.last > ring->published)
		publish(ring, pass.last);
	/* A record that is being written is taken in the next round of the clock: nobody wakes us
	 * for it. */
	if (pass.stalled)
		rest(ring, 0);
	else if ((pass.any && ring->size >= CLOCKED_RING_BYTES) || !fall_asleep(ring))
		rest(ring, ring->next - before);
	else
		/* A program that submits with BPF_RB_NO_WAKEUP wakes nobody. */
		timer_start(&ring->stream->session->loop, &ring->timer, IDLE_MS);
}

static void ring_ready(struct watch *watch, uint32_t events)
{
	struct ring *ring = watch->context;

	(void)events;
	/* While the ring is busy the clock reads it. */
	if (!ring->busy)
		read_ring(ring);
}

static void ring_due(struct timer *timer)
{
	read_ring(timer->context);
}

static void ring_more(struct stream *stream)
{
	read_ring(stream->context);
}

static void unmap(struct ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (ring->consumer_pos)
		munmap(ring->consumer_pos, page);
	if (ring->producer_pos)
		munmap((void *)ring->producer_pos, page + 2 * ring->size);
}

static bool ring_pending(const struct stream *stream)
{
	const struct ring *ring = stream->context;

	return ring->next < __atomic_load_n(ring->producer_pos, __ATOMIC_ACQUIRE) &&
	       !(header_at(ring, ring->next) & BPF_RINGBUF_BUSY_BIT);
}

/* What is still in the ring goes out as far as credit reaches; the rest is counted as lost. */
static void ring_close(struct stream *stream)
{
	struct ring *ring = stream->context;

	timer_stop(&stream->session->loop, &ring->timer);
	loop_remove(&stream->session->loop, &ring->watch);
	if (take_records(ring).stalled) {
		uint64_t left = 0, end = *ring->producer_pos;

		for (; ring->next < end; left++)
			ring->next += step_of(header_at(ring, ring->next));
		batch_lost(&ring->batch, left);
		batch_tell_lost(&ring->batch);
	}
	batch_flush(&ring->batch);
	publish(ring, ring->next);
	unmap(ring);
	close(ring->fd);
	free(ring);
}

static const struct stream_user user = { .more = ring_more,
					 .pending = ring_pending,
					 .close = ring_close };

static int map_memory(struct ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	ring->consumer_pos = memory;
	/* The data pages are there twice, so that a record never wraps. */
	memory = mmap(NULL, page + 2 * ring->size, PROT_READ, MAP_SHARED, ring->fd, (off_t)page);
	if (memory == MAP_FAILED)
		return -errno;
	ring->producer_pos = memory;
	ring->data = (const uint8_t *)memory + page;
	ring->next = *ring->consumer_pos;
	ring->published = ring->next;
	ring->taken_ns = monotonic_ns();
	return 0;
}

int stream_in_use(struct fault *fault, uint32_t id)
{
	return fault_set(fault, E_REQUEST, EEXIST, NULL,
			 "Stream %u is in use, or there are too many.", id);
}

int ring_subscribe(struct run *run, uint32_t id, int map_fd, struct fault *fault)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	struct ring *ring = calloc(1, sizeof(*ring));
	int err;

	if (!ring)
		return fault_set(fault, E_LIMIT, ENOMEM, NULL,
				 "There is no memory for the stream.");
	ring->fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 3);
	if (ring->fd < 0 || bpf_map_get_info_by_fd(ring->fd, &info, &size)) {
		err = fault_set(fault, E_MAP_OPERATION, errno, NULL,
				"Cannot read the ring's size.");
		goto cleanup;
	}
	if (info.type != BPF_MAP_TYPE_RINGBUF) {
		err = fault_set(fault, E_MAP_OPERATION, EINVAL, info.name,
				"Map \"%s\" is no ring buffer.", info.name);
		goto cleanup;
	}
	ring->size = info.max_entries;
	ring->mask = info.max_entries - 1;
	err = map_memory(ring);
	if (err) {
		fault_set(fault, E_MAP_OPERATION, err, info.name,
			  "Cannot map the ring's memory: %s.", strerror(-err));
		goto cleanup;
	}
	ring->watch = (struct watch){ .fd = ring->fd, .ready = ring_ready, .context = ring };
	ring->timer = (struct timer){ .due = ring_due, .context = ring };
	ring->stream = stream_open(run->session, id, &user, ring, run);
	ring->batch.stream = ring->stream;
	if (!ring->stream) {
		err = stream_in_use(fault, id);
		goto cleanup;
	}
	/* Edge-triggered: the kernel's wake-up is the event, not that there are data. */
	loop_add(&run->session->loop, &ring->watch, EPOLLIN | EPOLLET);
	rest(ring, 0);
	return 0;
cleanup:
	unmap(ring);
	if (ring->fd >= 0)
		close(ring->fd);
	free(ring);
	return err;
}
