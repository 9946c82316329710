// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* One epoll loop: file descriptors and timers, on one thread. */
#ifndef BPFLAB_LOOP_H
#define BPFLAB_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#define LOOP_BATCH 64

/* Belongs to whoever embeds it; `ready` may remove this or any other watch. */
struct watch {
	int fd;
	void (*ready)(struct watch *watch, uint32_t events);
	void *context;
};

/* One-shot; linked while armed. */
struct timer {
	uint64_t due_ns;
	void (*due)(struct timer *timer);
	void *context;
	struct timer *next;
	bool armed;
};

struct loop {
	int epoll_fd;
	bool stopped;
	struct timer *timers;
	struct epoll_event batch[LOOP_BATCH];
	int batch_count;
};

uint64_t monotonic_ns(void);
uint64_t realtime_ns(void);

int loop_init(struct loop *loop);
void loop_close(struct loop *loop);
/* `events` as of epoll(7). Returns -errno. */
int loop_add(struct loop *loop, struct watch *watch, uint32_t events);
int loop_modify(struct loop *loop, struct watch *watch, uint32_t events);
/* Also forgets events of the running round, so that the watch may be freed at once. */
void loop_remove(struct loop *loop, struct watch *watch);
void timer_start(struct loop *loop, struct timer *timer, uint64_t delay_ms);
void timer_stop(struct loop *loop, struct timer *timer);
/* Runs rounds until `stopped`; `after_round` is called at the end of each. Returns 0 or -errno. */
int loop_run(struct loop *loop, void (*after_round)(void *context), void *context);

#endif
