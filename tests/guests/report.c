// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest did: by its own account, by KVM's and by the scheduler's.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kvmguest.h"

#define MAX_LIST	100000

static double rate;	/* work per ns of CPU time; 0: not calibrated */

/* The CPU clock is brought up to date when read; schedstat's run time only at the last tick. */
static uint64_t cpu_ns(const struct vcpu *v)
{
	clockid_t clock;

	return pthread_getcpuclockid(v->thread, &clock) ? 0 : clock_ns(clock);
}

static bool read_task_file(const struct vcpu *v, const char *file, char *buf, size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", v->tid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, buf, size - 1);
	close(fd);
	buf[len > 0 ? len : 0] = '\0';
	return len > 0;
}

static uint64_t wait_ns(const struct vcpu *v)
{
	unsigned long long wait = 0;
	char buf[128];

	if (read_task_file(v, "schedstat", buf, sizeof(buf)))
		sscanf(buf, "%*u %llu", &wait);
	return wait;
}

/* Guest time as /proc knows it: what a tick-sampling meter would charge. */
static uint64_t tick_ns(const struct vcpu *v)
{
	unsigned long long ticks = 0;
	char buf[1024], *p;
	int field;

	if (!read_task_file(v, "stat", buf, sizeof(buf)))
		return 0;
	p = strrchr(buf, ')');		/* ends field 2; guest time is field 43 */
	for (field = 2; p && field < 43; field++)
		p = strchr(p + 1, ' ');
	if (p)
		ticks = strtoull(p, NULL, 10);
	return ticks * (NSEC_PER_SEC / sysconf(_SC_CLK_TCK));
}

static bool first_key;

static void emit_key(const char *key)
{
	printf(opt.json ? "%s\"%s\":" : "%s%s=", first_key ? "" : opt.json ? "," : " ", key);
	first_key = false;
}

static void emit(const char *key, uint64_t value)
{
	emit_key(key);
	printf("%llu", (unsigned long long)value);
}

static void emit_string(const char *key, const char *value)
{
	emit_key(key);
	printf(opt.json ? "\"%s\"" : "%s", value);
}

static void emit_list(const char *key, const uint64_t *values, size_t n)
{
	size_t i;

	emit_key(key);
	if (opt.json)
		putchar('[');
	for (i = 0; i < n; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)values[i]);
	if (opt.json)
		putchar(']');
}

/* A quantity of every vCPU: its sum as KEY and the single ones as vcpu_KEY. */
static void emit_vcpus(const char *key, const uint64_t *values)
{
	char name[64] = "vcpu_";
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < opt.vcpus; i++)
		sum += values[i];
	emit(key, sum);
	strncat(name, key, sizeof(name) - 6);
	emit_list(name, values, opt.vcpus);
}

#define EMIT_VCPUS(key, expr) do {					\
	uint64_t values[MAX_VCPUS];					\
	struct vcpu *v;							\
									\
	for_each_vcpu(v)						\
		values[v - vcpus] = (expr);				\
	emit_vcpus(key, values);					\
} while (0)

#define MAX_OF_VCPUS(expr) ({						\
	uint64_t max = 0, value;					\
	struct vcpu *v;							\
									\
	for_each_vcpu(v) {						\
		value = (expr);						\
		if (value > max)					\
			max = value;					\
	}								\
	max;								\
})

static uint64_t total_work(void)
{
	struct vcpu *v;
	uint64_t sum = 0;

	for_each_vcpu(v)
		sum += get(v, PG_WORK);
	return sum;
}

/*
 * Windows: the work done in each span of time, as a share of what it could be (basis points), or
 * plain if the full speed was not measured. A late sample is put in relation to its real length.
 */
static uint64_t windows[MAX_LIST], window_at, window_work;
static size_t nr_windows;

void window_end(void)
{
	uint64_t work = total_work(), t = now_ns();
	double full = rate ? rate * (t - window_at) * opt.vcpus / BP_ONE
			   : (t - window_at) / (double)(opt.windows_ms * NSEC_PER_MSEC);

	if (window_at && nr_windows < MAX_LIST)
		windows[nr_windows++] = (work - window_work) / full + 0.5;
	window_at = t;
	window_work = work;
}

static void emit_windows(void)
{
	double sum = 0, squares = 0, mean;
	uint64_t min = UINT64_MAX, max = 0;
	size_t i;

	if (!nr_windows)
		return;
	for (i = 0; i < nr_windows; i++) {
		sum += windows[i];
		if (windows[i] < min)
			min = windows[i];
		if (windows[i] > max)
			max = windows[i];
	}
	mean = sum / nr_windows;
	for (i = 0; i < nr_windows; i++)
		squares += (windows[i] - mean) * (windows[i] - mean);
	emit("window_ms", opt.windows_ms);
	emit_string("window_unit", rate ? "bp" : "work");
	emit("windows", nr_windows);
	emit("window_min", min);
	emit("window_mean", mean + 0.5);
	emit("window_max", max);
	emit("window_stddev", sqrt(squares / nr_windows) + 0.5);
	emit_list("window_list", windows, nr_windows);
}

void report(bool final)
{
	uint64_t now = now_ns(), demand_ns = 0, least = UINT64_MAX, most;
	struct vcpu *v;

	if (end_ns && now > end_ns)
		now = end_ns;
	for_each_vcpu(v) {
		account_demand(v, now);
		demand_ns += v->demand_bp_ns / BP_ONE;
		if (get(v, PG_WORK) < least)
			least = get(v, PG_WORK);
	}
	most = MAX_OF_VCPUS(get(v, PG_WORK));

	first_key = true;
	if (opt.json)
		putchar('{');
	emit_string("name", opt.name ? opt.name : "kvmguest");
	emit("pid", getpid());
	emit_string("mode", opt.mode);
	emit("final", final);
	emit("vcpus", opt.vcpus);
	emit("wall_ns", now - start_ns);
	EMIT_VCPUS("run_ns", cpu_ns(v));
	EMIT_VCPUS("wait_ns", wait_ns(v));
	EMIT_VCPUS("tick_ns", tick_ns(v));
	EMIT_VCPUS("steal_ns", steal_ns(v));
	EMIT_VCPUS("work", get(v, PG_WORK));
	EMIT_VCPUS("exits", get(v, PG_EXITS));
	EMIT_VCPUS("io_exits", v->io_exits);
	EMIT_VCPUS("wakeups", get(v, PG_WAKEUPS));
	EMIT_VCPUS("stalls", get(v, PG_STALLS));
	EMIT_VCPUS("stalled_ns", tsc_to_ns(get(v, PG_STALLED)));
	emit("max_stall_us", tsc_to_ns(MAX_OF_VCPUS(get(v, PG_GAP_MAX))) / 1000);
	emit("max_late_us", tsc_to_ns(MAX_OF_VCPUS(get(v, PG_LATE_MAX))) / 1000);
	emit("fairness_bp", most ? least * BP_ONE / most : BP_ONE);
	emit("demand_ns", demand_ns);
	emit("process_ns", clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	if (opt.helper_bp)
		emit("helper_ns", __atomic_load_n(&helper_ns, __ATOMIC_RELAXED));
	if (rate)
		emit("work_per_cpu_ms", rate * NSEC_PER_MSEC + 0.5);
	if (opt.count)
		emit("elapsed_ns", now - start_ns);
	if (trace_len)
		emit("trace_steps", trace_pos);
	if (kicks) {
		emit("kicks", kicks);
		emit("max_kick_us", kick_us_max);
	}
	if (get(&vcpus[0], PG_HC_DONE)) {
		emit("hypercalls", get(&vcpus[0], PG_HC_DONE));
		emit_key("hypercall_ret");
		printf("%lld", (long long)get(&vcpus[0], PG_HC_RET));
	}
	if (final)
		emit_windows();
	puts(opt.json ? "}" : "");
	fflush(stdout);
}

/* Full speed: what vCPU 0 does per ns of its CPU time, alone, once it is warm. */
void calibrate(void)
{
	uint64_t cycle = get(&vcpus[0], PG_CYCLE), work, cpu;
	struct vcpu *v = &vcpus[0];

	set_demand(v, cycle, cycle, KIND_SPIN);
	usleep(opt.calibrate_ms * 200);
	cpu = cpu_ns(v);
	work = get(v, PG_WORK);
	usleep(opt.calibrate_ms * 800);
	rate = (double)(get(v, PG_WORK) - work) / (cpu_ns(v) - cpu);
	set_demand(v, 0, cycle, KIND_SPIN);
}
