// SPDX-License-Identifier: GPL-2.0
/*
 * watch - runs the workers, and sees whether the kernel complains, a worker stands still or dies,
 * and whether memory is gone
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define STILL_S		300	/* far more than the slowest case takes on a busy machine */

static struct progress *all;
static int kmsg = -1;
static bool failed;

/* The first complaint since the last look; tests/vm/splats knows all of them */
static bool complaint(char *line, size_t size)
{
	static const char *const signs[] = {
		"WARNING:", "BUG:", "Oops", "UBSAN:", "general protection", "possible circular",
		"INFO: task", "rcu: INFO", "refcount_t:", "kernel tried",
	};
	unsigned int i;
	ssize_t len;

	while ((len = read(kmsg, line, size - 1)) > 0 || (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		line[len] = '\0';
		for (i = 0; i < ARRAY_SIZE(signs); i++)
			if (strstr(line, signs[i]) && !strstr(line, "kvfuzz:"))
				return true;
	}
	return false;
}

static void tell(const char *why)
{
	unsigned int w, i;

	failed = true;
	printf("not ok seed %llu - %s\n", (unsigned long long)opt.seed, why);
	for (w = 0; w < opt.workers; w++) {
		const struct progress *p = &all[w];
		uint64_t nr = __atomic_load_n(&p->nr, __ATOMIC_ACQUIRE);
		uint64_t from = nr > ARRAY_SIZE(p->last) ? nr - ARRAY_SIZE(p->last) : 0;

		printf("# worker %u did last, to be had again by --seed %llu --replay ", w,
		       (unsigned long long)opt.seed);
		for (i = 0; from + i < nr; i++)
			printf("%s%s", i ? "," : "",
			       name_print(&p->last[(from + i) % ARRAY_SIZE(p->last)]));
		putchar('\n');
	}
}

static void start(pid_t *pids, bool filling)
{
	unsigned int w;

	for (w = 0; w < opt.workers; w++) {
		fflush(stdout);
		memset(&all[w].nr, 0, sizeof(all[w].nr));
		pids[w] = fork();
		if (pids[w] < 0) {
			perror("kvfuzz: fork");
			exit(2);
		}
		if (!pids[w]) {
			if (!filling)
				work(&all[w], w);
			else if (!w)
				fill_tables(&all[w]);
			exit(all[w].failed);
		}
	}
}

static uint64_t done(void)
{
	uint64_t sum = 0;
	unsigned int w;

	for (w = 0; w < opt.workers; w++)
		sum += __atomic_load_n(&all[w].nr, __ATOMIC_RELAXED);
	return sum;
}

static void kill_all(const pid_t *pids)
{
	unsigned int w;

	for (w = 0; w < opt.workers; w++)
		if (pids[w] > 0)
			kill(pids[w], SIGKILL);
}

static void take_end(pid_t *pids, pid_t pid, int status)
{
	unsigned int w;
	char why[64];

	for (w = 0; w < opt.workers; w++)
		if (pids[w] == pid)
			pids[w] = 0;
	if (WIFSIGNALED(status)) {
		snprintf(why, sizeof(why), "a worker ended by signal %d", WTERMSIG(status));
		tell(why);
	} else if (WEXITSTATUS(status)) {
		failed = true;
	}
}

/* One round: until all workers have ended */
static void round_run(bool filling)
{
	unsigned int left = opt.workers, still = 0, looks = 0;
	uint64_t last = 0, now;
	pid_t pids[64], pid;
	char line[2048];
	int status;

	start(pids, filling);
	while (left) {
		pid = waitpid(-1, &status, WNOHANG);
		if (pid > 0) {
			take_end(pids, pid, status);
			left--;
			continue;
		}
		if (complaint(line, sizeof(line)))
			tell(line);
		now = done();
		still = now == last ? still + 1 : 0;
		if (!(++looks % 600))
			printf("# %llu cases\n", (unsigned long long)now);
		last = now;
		if (still == STILL_S * 10) {
			tell("no case ends any more");
			kill_all(pids);
		}
		usleep(100000);
	}
	if (complaint(line, sizeof(line)))
		tell(line);
}

static bool vms_left(void)
{
	DIR *dir = opendir("/sys/kernel/kvmeter/vms");
	unsigned int entries = 0;

	if (!dir)
		return false;
	while (readdir(dir))
		entries++;
	closedir(dir);
	return entries > 2;
}

/* What the kernel keeps for itself and cannot give back, once the VMs are gone */
static long long kernel_kib(void)
{
	long long sum = 0, kib;
	char line[256], name[64];
	unsigned int tries;
	FILE *f;

	for (tries = 0; vms_left() && tries < 1200; tries++)
		usleep(100000);
	usleep(1000000);	/* for what RCU frees */
	f = fopen("/proc/meminfo", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63[^:]: %lld", name, &kib) == 2 &&
		    (!strcmp(name, "SUnreclaim") || !strcmp(name, "Percpu") ||
		     !strcmp(name, "VmallocUsed") || !strcmp(name, "PageTables")))
			sum += kib;
	if (f)
		fclose(f);
	return sum;
}

/*
 * All rounds are of the same cases: the first one fills caches and pools, those after it take what
 * it left. What any of them grows by beyond that is lost, and so is half of that if each loses it.
 */
static void judge_memory(const long long *kib)
{
	long long first = kib[1] - kib[0], rest = kib[opt.rounds] - kib[1];
	long long bound = first > 512 ? first : 512;

	printf("# the kernel's memory in KiB: %lld at first, %+lld by round 1, %+lld by the others\n",
	       kib[0], first, rest);
	if (rest > bound)
		tell("rounds of the same cases take ever more memory");
}

int watch(void)
{
	uint64_t cases = 0, accepted = 0, r, w;
	long long kib[64] = { 0 };

	all = mmap(NULL, opt.workers * sizeof(*all), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED)
		return 2;
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	lseek(kmsg, 0, SEEK_END);
	if (opt.rounds > 1)
		round_run(true);
	kib[0] = kernel_kib();
	for (r = 0; r < opt.rounds && !failed; r++) {
		round_run(false);
		kib[r + 1] = kernel_kib();
	}
	if (opt.rounds > 1 && !failed)
		judge_memory(kib);
	for (w = 0; w < opt.workers; w++) {
		cases += all[w].cases;
		accepted += all[w].accepted;
	}
	printf("seed %llu: %llu cases, %llu accepted\n", (unsigned long long)opt.seed,
	       (unsigned long long)cases, (unsigned long long)accepted);
	return failed || !cases || (!accepted && !opt.replay);
}
