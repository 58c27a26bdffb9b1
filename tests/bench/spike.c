// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: spike FIFO GRANT_FILE COUNT CALM_MS PERIOD_MS
 *
 * Makes a guest (kvmguest --control FIFO) spin all of a sudden, at any moment
 * of the period, and waits for kvmeter's trace events.  Each spike begins with
 * the nominal grant in force.  A line per spike: ns from the command to
 * deviation noticed, grant adjusted, first throttle sleep; -1: not seen.
 * Trace events must be on and by trace clock "mono".
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS	3000000000LL
#define NR_EVENTS	3
#define NOMINAL_BP	10000

static const char *const events[NR_EVENTS] = {
	"kvmeter_deviation:", "kvmeter_adjustment:", "kvmeter_throttle_begin:",
};

static int pipe_fd;
static char buf[1 << 16];
static size_t used;

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void sleep_us(unsigned int us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

/* "task-pid [cpu] flags seconds.micros: event: ..." */
static int64_t event_ns(const char *line, const char *event)
{
	const char *p = strstr(line, event);
	double s;

	if (!p)
		return 0;
	p -= 2;				/* the colon */
	while (p > line && p[-1] != ' ')
		p--;
	s = strtod(p, NULL);
	return (int64_t)(s * 1e9);
}

/* Look at what the trace has; first times since @since go to @at. */
static void trace_read(int64_t since, int64_t *at)
{
	ssize_t len = read(pipe_fd, buf + used, sizeof(buf) - 1 - used);
	char *line = buf, *end;
	int64_t ns;
	int i;

	if (len <= 0)
		return;
	used += len;
	buf[used] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		for (i = 0; i < NR_EVENTS; i++) {
			ns = event_ns(line, events[i]);
			/* the trace shows whole microseconds */
			if (ns && ns + 1000 >= since && !at[i])
				at[i] = ns;
		}
		line = end + 1;
	}
	used -= line - buf;
	memmove(buf, line, used);
	if (used == sizeof(buf) - 1)
		used = 0;
}

static int grant_bp(const char *path)
{
	FILE *f = fopen(path, "r");
	int bp = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &bp) != 1)
		bp = -1;
	fclose(f);
	return bp;
}

static void tell(int fd, const char *command)
{
	if (write(fd, command, strlen(command)) < 0)
		perror("control");
}

int main(int argc, char **argv)
{
	struct sched_param param = { .sched_priority = 10 };
	struct pollfd pfd = { .events = POLLIN };
	int64_t at[NR_EVENTS], ignored[NR_EVENTS], begin;
	int control, i, n, count, calm_ms, period_ms;

	if (argc != 6) {
		fputs("Usage: spike FIFO GRANT_FILE COUNT CALM_MS PERIOD_MS\n", stderr);
		return 2;
	}
	count = atoi(argv[3]);
	calm_ms = atoi(argv[4]);
	period_ms = atoi(argv[5]);
	control = open(argv[1], O_WRONLY);
	pipe_fd = open("/sys/kernel/tracing/trace_pipe", O_RDONLY | O_NONBLOCK);
	if (control < 0 || pipe_fd < 0) {
		perror("spike");
		return 1;
	}
	pfd.fd = pipe_fd;
	srandom(1);
	sched_setscheduler(0, SCHED_FIFO, &param);

	for (n = 0; n < count; n++) {
		do {
			sleep_us(calm_ms * 1000 + random() % (period_ms * 1000));
		} while (grant_bp(argv[2]) != NOMINAL_BP);
		for (i = 0; i < 64; i++)	/* what is old */
			trace_read(INT64_MAX - 2000, ignored);
		memset(at, 0, sizeof(at));
		begin = now_ns();
		tell(control, "spin\n");
		while (!at[NR_EVENTS - 1] && now_ns() < begin + PATIENCE_NS) {
			poll(&pfd, 1, 20);
			trace_read(begin, at);
		}
		tell(control, "duty 1000\n");
		printf("spike");
		for (i = 0; i < NR_EVENTS; i++)
			printf(" %lld", at[i] ? (long long)(at[i] - begin) : -1LL);
		putchar('\n');
		fflush(stdout);
	}
	return 0;
}
