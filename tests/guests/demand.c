// SPDX-License-Identifier: GPL-2.0
/*
 * Demand: what the guest wants of its vCPUs, and all that changes it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kvmguest.h"

/* Make the guest look at its page now: a busy one sees PG_SEQ, a halted one needs an interrupt. */
void nudge(struct vcpu *v)
{
	__atomic_store_n(&v->page[PG_SEQ], get(v, PG_SEQ) + 1, __ATOMIC_RELEASE);
	interrupt_vcpu(v);
}

void account_demand(struct vcpu *v, uint64_t now)
{
	if (now <= v->demand_since)
		return;
	v->demand_bp_ns += v->demand_bp * (now - v->demand_since);
	v->demand_since = now;
}

void set_demand(struct vcpu *v, uint64_t on_tsc, uint64_t cycle_tsc, uint64_t kind)
{
	if (get(v, PG_ON) == on_tsc && get(v, PG_CYCLE) == cycle_tsc && get(v, PG_KIND) == kind)
		return;
	account_demand(v, now_ns());
	v->demand_bp = on_tsc >= cycle_tsc ? BP_ONE : on_tsc * BP_ONE / cycle_tsc;
	set(v, PG_ON, on_tsc);
	set(v, PG_CYCLE, cycle_tsc);
	set(v, PG_KIND, kind);
	nudge(v);
}

static void demand_all(uint64_t on_tsc, uint64_t cycle_tsc, uint64_t kind)
{
	struct vcpu *v;

	for_each_vcpu(v)
		set_demand(v, on_tsc, cycle_tsc, kind);
}

uint64_t duty_tsc(uint64_t bp)
{
	return cycle_tsc() * (bp < BP_ONE ? bp : BP_ONE) / BP_ONE;
}

void demand_duty(uint64_t bp)
{
	demand_all(duty_tsc(bp), cycle_tsc(), KIND_SPIN);
}

void demand_onoff(uint64_t on_ms, uint64_t off_ms)
{
	uint64_t on = ns_to_tsc(on_ms * NSEC_PER_MSEC);

	demand_all(on, on + ns_to_tsc(off_ms * NSEC_PER_MSEC) + !(on_ms + off_ms), KIND_SPIN);
}

int exit_kind(const char *name)
{
	if (!strcmp(name, "cpuid"))
		return KIND_CPUID;
	if (!strcmp(name, "io"))
		return KIND_IO;
	if (!strcmp(name, "hypercall"))
		return KIND_HYPERCALL;
	return -1;
}

void demand_exits(int kind)
{
	demand_all(duty_tsc(BP_ONE), cycle_tsc(), kind);
}

/*
 * The dodge: a meter that samples at the scheduler's tick charges whoever runs at that moment. A
 * guest that halts just before each tick and resumes just after it is never seen. All it needs is
 * the phase of the tick, which the host gives away: socket timeouts are counted in ticks, so that
 * a receive that times out returns just after one, if not delayed by something else. So of the last
 * few, the one nearest to all others is taken. The guest's TSC is read from its page; there a stale
 * value is too small, so the largest difference to our clock is taken.
 */
#define DODGE_SAMPLES	16

static int tick_socket;

/*
 * The guest's TSC minus what our clock says. The guest's last word is never from the future, but
 * may be from long ago if it halts: ask often enough to meet it busy, or just interrupted by us.
 */
static int64_t tsc_offset(void)
{
	int64_t offset = INT64_MIN, sample;
	uint64_t tsc;
	int i;

	for (i = 0; i < 16; i++) {
		tsc = get(&vcpus[0], PG_TSC);
		sample = tsc - ns_to_tsc(now_ns());
		if (sample > offset)
			offset = sample;
		usleep(100);
	}
	return offset;
}

/* How far b is from a on the circle of the tick */
static uint64_t tick_distance(uint64_t a, uint64_t b)
{
	uint64_t tick = opt.tick_us * 1000, d = (a > b ? a - b : b - a) % tick;

	return d < tick - d ? d : tick - d;
}

void dodge(void)
{
	static uint64_t ticks[DODGE_SAMPLES];
	static int64_t offsets[DODGE_SAMPLES];
	static unsigned int nr;
	uint64_t least = UINT64_MAX, sum, tick = 0;
	int64_t offset = INT64_MIN;
	struct vcpu *v;
	int i, j, n;
	char byte;

	if (recv(tick_socket, &byte, 1, 0) >= 0 || errno != EAGAIN)
		return;
	ticks[nr % DODGE_SAMPLES] = now_ns();
	offsets[nr % DODGE_SAMPLES] = tsc_offset();
	nr++;

	n = nr < DODGE_SAMPLES ? nr : DODGE_SAMPLES;
	for (i = 0; i < n; i++) {
		for (sum = 0, j = 0; j < n; j++)
			sum += tick_distance(ticks[i], ticks[j]);
		if (sum < least) {
			least = sum;
			tick = ticks[i];
		}
		if (offsets[i] > offset)
			offset = offsets[i];
	}
	for_each_vcpu(v)
		set(v, PG_PHASE, ns_to_tsc(tick + opt.margin_us * 1000) + offset);
}

static void start_dodge(void)
{
	uint64_t tick = opt.tick_us * 1000;
	struct timeval timeout = { .tv_usec = opt.tick_us };
	struct vcpu *v;
	int pair[2];

	if (2 * opt.margin_us >= opt.tick_us)
		die("--margin-us must be less than half of --tick-us");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
	    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		die("socketpair: %m");
	tick_socket = pair[0];
	for_each_vcpu(v)
		set(v, PG_STRICT, 1);
	demand_all(ns_to_tsc(tick - 2 * opt.margin_us * 1000), ns_to_tsc(tick), KIND_SPIN);
}

/*
 * Trace: one demand per step, read from a file of numbers, or of lines whose last column is one.
 */
static uint64_t *trace;
size_t trace_len, trace_pos;

void load_trace(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[256];

	if (!f)
		die("%s: %m", path);
	while (fgets(line, sizeof(line), f)) {
		char *value = strrchr(line, ','), *end;
		double bp;

		value = value ? value + 1 : line;
		bp = strtod(value, &end) * opt.trace_scale;
		if (end == value)	/* a header, a comment, an empty line */
			continue;
		if (!(trace_len & (trace_len - 1))) {
			trace = realloc(trace, (trace_len ? 2 * trace_len : 1) * sizeof(*trace));
			if (!trace)
				die("out of memory");
		}
		trace[trace_len++] = bp < 0 ? 0 : bp > BP_ONE ? BP_ONE : bp + 0.5;
	}
	fclose(f);
	if (!trace_len)
		die("%s: no number in it", path);
}

/* False: it is over */
bool trace_step(void)
{
	if (trace_pos == trace_len)
		return false;
	demand_duty(trace[trace_pos++]);
	return true;
}

/* Whatever changed the demand by itself does so no more. */
void stop_mode(void)
{
	struct vcpu *v;

	for_each_vcpu(v) {
		set(v, PG_STRICT, 0);
		set(v, PG_PHASE, 0);
	}
}

void start_mode(const char *mode)
{
	if (!strcmp(mode, "spin"))
		demand_duty(BP_ONE);
	else if (!strcmp(mode, "idle") || !strcmp(mode, "script"))
		demand_duty(0);
	else if (!strcmp(mode, "hlt"))
		demand_all(1, cycle_tsc(), KIND_SPIN);
	else if (!strcmp(mode, "duty"))
		demand_duty(opt.duty_bp);
	else if (!strcmp(mode, "onoff"))
		demand_onoff(opt.on_ms, opt.off_ms);
	else if (!strcmp(mode, "exits"))
		demand_exits(exit_kind(opt.exit_kind));
	else if (!strcmp(mode, "dodge"))
		start_dodge();
}
