// SPDX-License-Identifier: GPL-2.0
/*
 * init - the only program of the Linux test guest
 *
 * The same load as kvmguest, but below a real kernel: with its timer, its idle loop, its memory
 * management, its drivers and its own account of stolen time. One thread per CPU is busy for a share
 * of each cycle; commands come line by line on the console, answers go there:
 *
 *   duty BP [CPU]	be busy for BP basis points of the time
 *   spin, idle		duty 10000, duty 0
 *   touch MB [again]	own and dirty so much memory, what is owned already anew, and again and
 *			again until the next touch; 0 gives it back
 *   net send HOST-IP PORT RATE|bulk SECONDS
 *   net recv HOST-IP PORT RATE|bulk SECONDS
 *			TCP to or from netpeer, RATE in bytes/s, with k, M or G; net stop
 *   disk write|read MB [direct|buffered] [random] [BLOCK-SIZE] [rate=BYTES-PER-SECOND]
 *			of /dev/vda, buffered, in order, of 64k each; disk stop
 *   hint BP MS		hint at a need of CPU, from user mode
 *   batch		run guest-example
 *   report		print a line of key=value
 *   quit		end the machine
 *
 * What takes time is done beside the console: "begun WHAT", "done WHAT bytes=N ms=N". From the
 * kernel's command line: address=IP/BITS[,IP/BITS] of the network; drivers=1 to load those in /modules.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <kvmeter_tenant.h>

#include "init.h"

#define MAX_CPUS	64
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

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

void sleep_until(uint64_t ns)
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

void pace_wait(struct pace *p, size_t bytes)
{
	uint64_t now;

	if (!p->rate)
		return;
	now = now_ns();
	if (p->next_ns > now)
		sleep_until(p->next_ns);
	else
		p->next_ns = now;	/* what was missed is lost */
	p->next_ns += bytes * NSEC_PER_SEC / p->rate;
}

bool job_start(struct job *job, void *(*work)(void *))
{
	pthread_t t;

	job->stop = false;
	job->error = 0;
	job->bytes = 0;
	job->start_ns = now_ns();
	__atomic_store_n(&job->running, true, __ATOMIC_RELEASE);
	printf("begun %s\n", job->name);
	if (pthread_create(&t, NULL, work, job)) {
		job->running = false;
		return false;
	}
	pthread_detach(t);
	return true;
}

void job_stop(struct job *job)
{
	__atomic_store_n(&job->stop, true, __ATOMIC_RELAXED);
	while (__atomic_load_n(&job->running, __ATOMIC_ACQUIRE))
		sleep_until(now_ns() + NSEC_PER_SEC / 1000);
}

void job_done(struct job *job)
{
	printf("%s %s bytes=%llu ms=%llu%s%s\n", job->error ? "failed" : "done", job->name,
	       (unsigned long long)job->bytes,
	       (unsigned long long)(now_ns() - job->start_ns) / 1000000,
	       job->error ? " error: " : "", job->error ? strerror(job->error) : "");
	__atomic_store_n(&job->running, false, __ATOMIC_RELEASE);
}

bool parse_size(const char *word, uint64_t *value)
{
	char *end;

	*value = strtoull(word, &end, 10);
	if (end == word)
		return false;
	switch (*end) {
	case 'G':
		*value <<= 10;
		/* fall through */
	case 'M':
		*value <<= 10;
		/* fall through */
	case 'k':
		*value <<= 10;
		end++;
	}
	return !*end;
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
	       "system_ticks=%llu idle_ticks=%llu steal_ticks=%llu max_stall_us=%llu cpu_work=", (unsigned long long)now_ns() / 1000000, nr_cpus,
	       (unsigned long long)workers[0].duty_bp, (unsigned long long)work, user, system,
	       idle, steal, (unsigned long long)stall / 1000);
	for (i = 0; i < nr_cpus; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)workers[i].work);
	memory_report();
	net_report();
	disk_report();
	putchar('\n');
}

static void batch(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/guest-example", "guest-example", "3", NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static void command(char *line)
{
	char *words[MAX_WORDS + 1], *save, *word;
	unsigned int n;
	int nr = 0;

	for (word = strtok_r(line, " \n", &save); word && nr <= MAX_WORDS;
	     word = strtok_r(NULL, " \n", &save))
		words[nr++] = word;
	if (!nr)
		return;
	word = words[0];
	n = nr > 1 ? strtoul(words[1], NULL, 10) : 0;
	if (!strcmp(word, "duty"))
		set_duty(n, nr > 2 ? atoi(words[2]) : -1);
	else if (!strcmp(word, "spin"))
		set_duty(BP_ONE, -1);
	else if (!strcmp(word, "idle"))
		set_duty(0, -1);
	else if (!strcmp(word, "touch"))
		touch(n, nr > 2 && !strcmp(words[2], "again"));
	else if (!strcmp(word, "hint"))
		kvmeter_hint(KVMETER_RES_CPU, n, nr > 2 ? strtoul(words[2], NULL, 10) : 0);
	else if (!strcmp(word, "batch"))
		batch();
	else if (!strcmp(word, "report"))
		report();
	else if (!strcmp(word, "quit"))
		reboot(RB_AUTOBOOT);	/* the VMM was told not to */
	else if (!(!strcmp(word, "net") && net_command(nr - 1, words + 1)) &&
		 !(!strcmp(word, "disk") && disk_command(nr - 1, words + 1)))
		printf("error: not a command: %s\n", word);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Drivers, in the order of their names: each needs only those before it. */
static void load_modules(void)
{
	struct dirent **list;
	char path[PATH_MAX];
	int i, fd, n;

	n = scandir("/modules", &list, NULL, by_name);
	for (i = 0; i < n; i++) {
		if (list[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/modules/%s", list[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (syscall(SYS_finit_module, fd, "", 0))
			printf("error: %s: %m\n", path);
		close(fd);
	}
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
	char *address = getenv("address");
	char line[128];
	pthread_t t;
	int i;

	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	raw_console();
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	if (getenv("drivers"))
		load_modules();
	if (address)
		net_up(address);

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
