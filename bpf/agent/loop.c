// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "loop.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int loop_init(struct loop *loop)
{
	memset(loop, 0, sizeof(*loop));
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll_fd < 0 ? -errno : 0;
}

void loop_close(struct loop *loop)
{
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	loop->epoll_fd = -1;
}

static int control(struct loop *loop, int operation, struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(loop->epoll_fd, operation, watch->fd, &event) ? -errno : 0;
}

int loop_add(struct loop *loop, struct watch *watch, uint32_t events)
{
	return control(loop, EPOLL_CTL_ADD, watch, events);
}

int loop_modify(struct loop *loop, struct watch *watch, uint32_t events)
{
	return control(loop, EPOLL_CTL_MOD, watch, events);
}

void loop_remove(struct loop *loop, struct watch *watch)
{
	control(loop, EPOLL_CTL_DEL, watch, 0);
	for (int i = 0; i < loop->batch_count; i++)
		if (loop->batch[i].data.ptr == watch)
			loop->batch[i].data.ptr = NULL;
}

void timer_start(struct loop *loop, struct timer *timer, uint64_t delay_ms)
{
	timer_stop(loop, timer);
	timer->due_ns = monotonic_ns() + delay_ms * 1000000u;
	timer->armed = true;
	timer->next = loop->timers;
	loop->timers = timer;
}

void timer_stop(struct loop *loop, struct timer *timer)
{
	if (!timer->armed)
		return;
	for (struct timer **at = &loop->timers; *at; at = &(*at)->next) {
		if (*at == timer) {
			*at = timer->next;
			break;
		}
	}
	timer->armed = false;
}

/* Milliseconds until the next timer, rounded up; -1 when there is none. */
static int next_timeout(const struct loop *loop)
{
	uint64_t soonest = UINT64_MAX, now;

	for (const struct timer *timer = loop->timers; timer; timer = timer->next)
		if (timer->due_ns < soonest)
			soonest = timer->due_ns;
	if (soonest == UINT64_MAX)
		return -1;
	now = monotonic_ns();
	if (soonest <= now)
		return 0;
	return (int)((soonest - now + 999999) / 1000000);
}

/* A due timer may start and stop others, so the list is searched anew after each. */
static void run_timers(struct loop *loop)
{
	uint64_t now;

	if (!loop->timers)
		return;
	now = monotonic_ns();
	for (struct timer *timer = loop->timers; timer;) {
		if (timer->due_ns > now) {
			timer = timer->next;
			continue;
		}
		timer_stop(loop, timer);
		timer->due(timer);
		timer = loop->timers;
	}
}

int loop_run(struct loop *loop, void (*after_round)(void *context), void *context)
{
	while (!loop->stopped) {
		int count = epoll_wait(loop->epoll_fd, loop->batch, LOOP_BATCH, next_timeout(loop));

		if (count < 0 && errno != EINTR)
			return -errno;
		loop->batch_count = count < 0 ? 0 : count;
		for (int i = 0; i < loop->batch_count; i++) {
			struct watch *watch = loop->batch[i].data.ptr;

			if (watch)
				watch->ready(watch, loop->batch[i].events);
		}
		loop->batch_count = 0;
		run_timers(loop);
		after_round(context);
	}
	return 0;
}
