// SPDX-License-Identifier: GPL-2.0
/*
 * Timers of kvmguest: what the main thread does by the clock while the guest runs.
 */
#include <string.h>

#include "kvmguest.h"

struct timer {
	uint64_t	next_ns, period_ns;	/* next_ns 0: off */
	void		(*fire)(void);
};

static void end_timer(void)
{
	quit = true;
}

static void trace_timer(void)
{
	quit = !trace_step();
}

static void report_timer(void)
{
	report(false);
}

static struct timer timer_end = { .fire = end_timer };
static struct timer timer_trace = { .fire = trace_timer };
static struct timer timer_dodge = { .fire = dodge };
static struct timer timer_window = { .fire = window_end };
static struct timer timer_report = { .fire = report_timer };
static struct timer *const timers[] = {
	&timer_trace, &timer_dodge, &timer_window, &timer_report, &timer_end,
};

static void start_timer(struct timer *t, uint64_t period_us)
{
	t->period_ns = (period_us ? period_us : 1) * 1000;
	t->next_ns = now_ns() + t->period_ns;
}

void start_timers(void)
{
	int i;

	if (opt.seconds)
		start_timer(&timer_end, opt.seconds * 1e6);
	if (!strcmp(opt.mode, "trace")) {
		trace_step();
		start_timer(&timer_trace, opt.step_ms * 1000);
	}
	if (!strcmp(opt.mode, "dodge")) {
		for (i = 0; i < 8; i++)	/* to be good at it from the start */
			dodge();
		start_timer(&timer_dodge, DODGE_PERIOD_US);
	}
	if (opt.windows_ms) {
		window_end();
		start_timer(&timer_window, opt.windows_ms * 1000);
	}
	if (opt.report_ms)
		start_timer(&timer_report, opt.report_ms * 1000);
}

void stop_mode_timers(void)
{
	timer_trace.next_ns = 0;
	timer_dodge.next_ns = 0;
}

/* Run what is due; return how long to wait for what is not. */
uint64_t run_timers(void)
{
	uint64_t now = now_ns(), wait = NSEC_PER_SEC;
	size_t i;

	for (i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
		struct timer *t = timers[i];

		if (!t->next_ns)
			continue;
		if (t->next_ns <= now) {
			t->fire();
			now = now_ns();
			while (t->next_ns <= now)
				t->next_ns += t->period_ns;
		}
		if (t->next_ns - now < wait)
			wait = t->next_ns - now;
	}
	return wait;
}
