// SPDX-License-Identifier: GPL-2.0
/*
 * init - the only program of the Linux test guest
 *
 * The same load as kvmguest, but below a real kernel: with its timer, its idle loop, its memory
 * management and its own account of stolen time. One thread per CPU is busy for a share of each
 * cycle; commands come line by line on the console, answers go there:
 *
 *   duty BP [CPU]	be busy for BP basis points of the time
 *   spin, idle		duty 10000, duty 0
 *   touch MB		own and dirty so much memory; 0 gives it back
 *   report		print a line of key=value
 *   quit		end the machine
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MAX_CPUS	64
#define NSEC_PER_SEC	1000000000ull
#define CYCLE_NS	10000000ull
#define IDLE_NS		100000000ull	/* an idle thread looks so often for work */
#define SPIN_LOOPS	1000
#define BP_ONE		10000

static struct worker {
	uint64_t	duty_bp;	/* written by main, all else by the worker */
	uint64_t	work;
	uint64_t	max_stall_ns;
} __attribute__((aligned(64))) workers[MAX_CPUS];

static int nr_cpus;
static char *touched;
static size_t touched_mb;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	struct timespec ts = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* Busy until the given moment of wall time: what is stolen meanwhile is lost, not made up for. */
static void spin_until(struct worker *w, uint64_t end)
{
	uint64_t last = now_ns(), now;

	do {
		for (int i = 0; i < SPIN_LOOPS; i++)
			__asm__ volatile("");
		__atomic_store_n(&w->work, w->work + 1, __ATOMIC_RELAXED);
		now = now_ns();
		if (now - last > w->max_stall_ns)
			w->max_stall_ns = now - last;
		last = now;
	} while (now < end);
}

static void *worker(void *arg)
{
	struct worker *w = arg;
	uint64_t start, duty;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(w - workers, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);

	for (;;) {
		start = now_ns() / CYCLE_NS * CYCLE_NS;
		duty = __atomic_load_n(&w->duty_bp, __ATOMIC_RELAXED);
		if (duty)
			spin_until(w, start + CYCLE_NS * duty / BP_ONE);
		if (duty < BP_ONE)
			sleep_until(start + (duty ? CYCLE_NS : IDLE_NS));
	}
	return NULL;
}

static void set_duty(uint64_t bp, int cpu)
{
	int i;

	for (i = 0; i < nr_cpus; i++)
		if (cpu < 0 || cpu == i)
			__atomic_store_n(&workers[i].duty_bp, bp > BP_ONE ? BP_ONE : bp,
					 __ATOMIC_RELAXED);
}

static void touch(size_t mb)
{
	size_t i;

	if (touched)
		munmap(touched, touched_mb << 20);
	touched = NULL;
	touched_mb = 0;
	if (!mb)
		return;
	touched = mmap(NULL, mb << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (touched == MAP_FAILED) {
		touched = NULL;
		printf("error: no memory\n");
		return;
	}
	touched_mb = mb;
	for (i = 0; i < mb << 20; i += 4096)
		touched[i] = 1;
}

static void report(void)
{
	unsigned long long user = 0, system = 0, idle = 0, steal = 0;
	uint64_t work = 0, stall = 0;
	char buf[256] = "";
	FILE *f;
	int i;

	f = fopen("/proc/stat", "r");
	if (f) {
		if (fgets(buf, sizeof(buf), f))
			sscanf(buf, "cpu %llu %*u %llu %llu %*u %*u %*u %llu", &user, &system,
			       &idle, &steal);
		fclose(f);
	}
	for (i = 0; i < nr_cpus; i++) {
		work += workers[i].work;
		if (workers[i].max_stall_ns > stall)
			stall = workers[i].max_stall_ns;
	}
	printf("report uptime_ms=%llu cpus=%d duty_bp=%llu work=%llu user_ticks=%llu "
	       "system_ticks=%llu idle_ticks=%llu steal_ticks=%llu max_stall_us=%llu "
	       "touched_mb=%zu cpu_work=", (unsigned long long)now_ns() / 1000000, nr_cpus,
	       (unsigned long long)workers[0].duty_bp, (unsigned long long)work, user, system,
	       idle, steal, (unsigned long long)stall / 1000, touched_mb);
	for (i = 0; i < nr_cpus; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)workers[i].work);
	putchar('\n');
}

static void command(const char *line)
{
	char word[16] = "";
	unsigned int n = 0;
	int cpu = -1;

	if (sscanf(line, "%15s %u %d", word, &n, &cpu) < 1)
		return;
	if (!strcmp(word, "duty"))
		set_duty(n, cpu);
	else if (!strcmp(word, "spin"))
		set_duty(BP_ONE, -1);
	else if (!strcmp(word, "idle"))
		set_duty(0, -1);
	else if (!strcmp(word, "touch"))
		touch(n);
	else if (!strcmp(word, "report"))
		report();
	else if (!strcmp(word, "quit"))
		reboot(RB_AUTOBOOT);	/* the VMM was told not to */
	else
		printf("error: not a command: %s\n", word);
}

/* The console carries commands, not a terminal's conversation. */
static void raw_console(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t))
		return;
	t.c_lflag &= ~(ECHO | ISIG);
	t.c_oflag &= ~OPOST;
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

int main(void)
{
	char line[128];
	pthread_t t;
	int i;

	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	raw_console();

	nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (nr_cpus > MAX_CPUS)
		nr_cpus = MAX_CPUS;
	for (i = 0; i < nr_cpus; i++)
		pthread_create(&t, NULL, worker, &workers[i]);

	printf("ready uptime_ms=%llu cpus=%d\n", (unsigned long long)now_ns() / 1000000, nr_cpus);
	while (fgets(line, sizeof(line), stdin))
		command(line);
	printf("error: console closed\n");
	reboot(RB_AUTOBOOT);
	return 1;
}
