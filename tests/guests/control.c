// SPDX-License-Identifier: GPL-2.0
/*
 * Control of kvmguest: the commands that it takes while the guest runs, and the file that they
 * come from.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kvmguest.h"

int control_fd = -1;

/* Whoever commands ends what the mode would go on to do by itself. */
static void take_over(void)
{
	stop_mode_timers();
	stop_mode();
}

static void obey(char *line)
{
	char *save, *word = strtok_r(line, " \t\r\n", &save);
	unsigned long long n[5] = { 0 };
	char *arg, *first = NULL;
	int args = 0, i;

	if (!word)
		return;
	while (args < 5 && (arg = strtok_r(NULL, " \t\r\n", &save))) {
		if (!first)
			first = arg;
		n[args++] = strtoull(arg, NULL, 0);
	}

	if (!strcmp(word, "duty") && args == 1) {
		take_over();
		demand_duty(n[0]);
	} else if (!strcmp(word, "duty") && args == 2 && n[1] < opt.vcpus) {
		take_over();
		set_demand(&vcpus[n[1]], duty_tsc(n[0]), cycle_tsc(), KIND_SPIN);
	} else if (!strcmp(word, "onoff") && args == 2) {
		take_over();
		demand_onoff(n[0], n[1]);
	} else if (!strcmp(word, "spin") || !strcmp(word, "idle") || !strcmp(word, "hlt")) {
		take_over();
		start_mode(word);
	} else if (!strcmp(word, "exits")) {
		i = exit_kind(first ? first : opt.exit_kind);
		if (i < 0) {
			fprintf(stderr, "kvmguest: no such kind of exit: %s\n", first);
			return;
		}
		take_over();
		demand_exits(i);
	} else if (!strcmp(word, "hypercall") && args) {
		for (i = 0; i < 5; i++)
			set(&vcpus[0], PG_HC_NR + i, n[i]);
		set(&vcpus[0], PG_HC_WANTED, get(&vcpus[0], PG_HC_WANTED) + 1);
		nudge(&vcpus[0]);
	} else if (!strcmp(word, "kick")) {
		kick_vcpus();
	} else if (!strcmp(word, "fork")) {
		fork_vcpu(&vcpus[0]);
	} else if (!strcmp(word, "report")) {
		report(false);
	} else if (!strcmp(word, "quit")) {
		quit = true;
	} else {
		fprintf(stderr, "kvmguest: not a command: %s\n", word);
	}
}

void open_control(void)
{
	if (!strcmp(opt.control, "-"))
		control_fd = STDIN_FILENO;
	else	/* read-write: a FIFO must not end when its writer of the moment does */
		control_fd = open(opt.control, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (control_fd < 0)
		die("%s: %m", opt.control);
}

void read_control(void)
{
	static char buf[1024];
	static size_t used;
	char *newline;
	ssize_t len;

	len = read(control_fd, buf + used, sizeof(buf) - 1 - used);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {		/* whoever controlled us is gone */
		control_fd = -1;
		quit = !opt.seconds;
		return;
	}
	used += len;
	buf[used] = '\0';
	while ((newline = strchr(buf, '\n'))) {
		*newline = '\0';
		obey(buf);
		used -= newline + 1 - buf;
		memmove(buf, newline + 1, used + 1);
	}
	if (used == sizeof(buf) - 1)	/* no line is that long */
		used = 0;
}
