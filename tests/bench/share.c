// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: share PID INTERVAL_MS COUNT
 *
 * Samples the CPU time of a process's threads, but its first one, at absolute
 * times.  A line per sample:
 *
 *	sample TIME_NS CLOCK_NS... SCHEDSTAT_NS...
 *
 * schedstat is the scheduler's account; of a thread that runs it is up to a
 * tick old.  The task clock (perf) is read on the thread's CPU and exact at
 * the moment, but starts a little after the scheduler's account and ends a
 * little before.  Who reads takes totals from the one, moments from the other.
 */
#include <dirent.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS	64
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static int clock_open(pid_t tid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
	};

	return syscall(SYS_perf_event_open, &attr, tid, -1, -1, 0);
}

/* KVM's own threads are in the process too: kvm-nx-lpage-recovery */
static int is_kvms(pid_t pid, pid_t tid)
{
	char path[64], name[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", pid, tid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (!fgets(name, sizeof(name), f))
		name[0] = '\0';
	fclose(f);
	return !strncmp(name, "kvm-", 4);
}

static uint64_t schedstat_ns(pid_t pid, pid_t tid)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", pid, tid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	fclose(f);
	return ns;
}

int main(int argc, char **argv)
{
	struct sched_param param = { .sched_priority = 10 };
	pid_t pid, tid, tids[MAX_THREADS];
	int fds[MAX_THREADS], n = 0, i, s, count;
	uint64_t interval, next, ns;
	struct dirent *entry;
	char path[64];
	DIR *dir;

	if (argc != 4) {
		fputs("Usage: share PID INTERVAL_MS COUNT\n", stderr);
		return 2;
	}
	pid = atoi(argv[1]);
	interval = atoi(argv[2]) * NSEC_PER_MSEC;
	count = atoi(argv[3]);

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && n < MAX_THREADS && (entry = readdir(dir))) {
		tid = atoi(entry->d_name);
		if (tid <= 0 || tid == pid || is_kvms(pid, tid))
			continue;
		fds[n] = clock_open(tid);
		if (fds[n] < 0) {
			perror("perf_event_open");
			return 1;
		}
		tids[n++] = tid;
	}
	if (!n) {
		fputs("share: no threads\n", stderr);
		return 1;
	}
	mlockall(MCL_CURRENT | MCL_FUTURE);
	sched_setscheduler(0, SCHED_FIFO, &param);

	next = now_ns();
	for (s = 0; s <= count; s++) {
		struct timespec ts = { next / NSEC_PER_SEC, next % NSEC_PER_SEC };

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		next += interval;
		printf("sample %llu", (unsigned long long)now_ns());
		for (i = 0; i < n; i++) {
			if (read(fds[i], &ns, sizeof(ns)) != sizeof(ns))
				ns = 0;
			printf(" %llu", (unsigned long long)ns);
		}
		for (i = 0; i < n; i++)
			printf(" %llu", (unsigned long long)schedstat_ns(pid, tids[i]));
		putchar('\n');
	}
	return 0;
}
