// SPDX-License-Identifier: GPL-2.0
/*
 * kv - ask kvmeter over netlink, for shell scripts
 *
 *	kv ask OP [ATTRIBUTE=VALUE...]	one request, as "kv ask vm-set id=1 policy.mode=1"
 *	kv dump OP [ATTRIBUTE=VALUE...]	one line of key=value per object
 *	kv watch [-n N] [-t S] GROUP...	notices; ends after N, or S seconds
 *	kv sample [-s] ID PID		vm-get, and the scheduler's account of PID
 *	kv group GROUP			join it, to see whether one may
 *
 * Fields of a nest are separated by commas: policy.mode=1,floor-bp=500; those
 * of a nest in it by '+': tariff.cost.resource=0+ncr-h=5,notice-ms=0. With
 * -p PREFIX before the command all keys begin so. An error prints
 * "error ERRNO TEXT" to standard error, status 1.
 *
 * sample -s stops PID first: then no thread runs, and what the scheduler says
 * is not as old as its last tick.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nl/nl.h"

static const char *prefix = "";
static struct nl nl;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void usage(void)
{
	fputs("usage: kv [-p PREFIX] ask|dump|watch|sample|group ...\n", stderr);
	exit(2);
}

static void print_reply(const struct nlmsghdr *nlh, void *arg)
{
	nl_print(stdout, nlh, arg, prefix);
	putchar('\n');
}

static int ask(const char *name, bool dump, char **attrs)
{
	const struct op *op = nl_op(name);
	struct answer a;

	if (!op || !(dump ? op->has_dump : op->has_do))
		usage();
	nl_begin(&nl, op->cmd, dump);
	for (; *attrs; attrs++)
		nl_add(nl.nlh, &nl_sets[op->set], *attrs);
	nl_ask(&nl, &a, print_reply, (void *)&nl_sets[op->set]);
	if (a.err)
		fprintf(stderr, "error %d %s\n", a.err, a.text);
	return !!a.err;
}

static int join(const char *name)
{
	uint32_t group = nl_group(&nl, name);

	if (!group) {
		fprintf(stderr, "no group %s\n", name);
		exit(2);
	}
	if (mnl_socket_setsockopt(nl.sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
		fprintf(stderr, "error %d\n", errno);
		return 1;
	}
	return 0;
}

static bool watch_one(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	unsigned int i;

	if (nlh->nlmsg_type != nl.family)
		return false;
	for (i = 0; i < nl_nr_ops; i++)
		if (nl_ops[i].cmd == genl->cmd)
			break;
	if (i == nl_nr_ops)
		return false;
	printf("%snotice=%s %smono_ns=%llu", prefix, nl_ops[i].name, prefix,
	       (unsigned long long)now_ns());
	nl_print(stdout, nlh, &nl_sets[nl_ops[i].set], prefix);
	putchar('\n');
	fflush(stdout);
	return true;
}

static int watch(int argc, char **argv)
{
	static uint8_t buf[65536];
	uint64_t end = UINT64_MAX, seen = 0, want = UINT64_MAX;
	int opt, left;

	optind = 1;
	while ((opt = getopt(argc, argv, "n:t:")) > 0) {
		if (opt == 'n')
			want = strtoull(optarg, NULL, 0);
		else if (opt == 't')
			end = now_ns() + strtod(optarg, NULL) * 1e9;
		else
			usage();
	}
	for (; optind < argc; optind++)
		if (join(argv[optind]))
			return 1;
	puts("watching");
	fflush(stdout);
	while (seen < want && now_ns() < end) {
		struct pollfd fd = { mnl_socket_get_fd(nl.sock), POLLIN, 0 };
		const struct nlmsghdr *nlh;
		ssize_t len;

		if (poll(&fd, 1, 100) <= 0)
			continue;
		len = mnl_socket_recvfrom(nl.sock, buf, sizeof(buf));
		if (len < 0) {
			printf("%snotice=lost\n", prefix);
			continue;
		}
		left = len;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			seen += watch_one(nlh);
	}
	return 0;
}

/* the scheduler's side */

struct sched {
	unsigned long long run, wait, vcpu_run, vcpu_wait;
	unsigned int tasks, stopped;
};

static bool read_file(char *buf, size_t size, const char *dir, const char *tid, const char *file)
{
	char path[320];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, tid, file);
	f = fopen(path, "r");
	if (!f)
		return false;
	len = fread(buf, 1, size - 1, f);
	fclose(f);
	buf[len] = '\0';
	return len;
}

static void read_tasks(int pid, struct sched *s)
{
	char dir[64], stat[1024], comm[64];
	unsigned long long run, wait;
	struct dirent *e;
	DIR *d;

	memset(s, 0, sizeof(*s));
	snprintf(dir, sizeof(dir), "/proc/%d/task", pid);
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' ||
		    !read_file(stat, sizeof(stat), dir, e->d_name, "schedstat") ||
		    sscanf(stat, "%llu %llu", &run, &wait) != 2)
			continue;
		s->tasks++;
		s->run += run;
		s->wait += wait;
		if (read_file(comm, sizeof(comm), dir, e->d_name, "comm") &&
		    (!strncmp(comm, "vcpu", 4) || !strncmp(comm, "CPU ", 4))) {
			s->vcpu_run += run;
			s->vcpu_wait += wait;
		}
		if (read_file(stat, sizeof(stat), dir, e->d_name, "stat")) {
			const char *p = strrchr(stat, ')');

			s->stopped += p && (p[2] == 'T' || p[2] == 't' || p[2] == 'Z' || p[2] == 'X');
		}
	}
	if (d)
		closedir(d);
}

/* What sampling at ticks charged: user, system and guest time of the process */
static void print_ticks(int pid)
{
	unsigned long long utime = 0, stime = 0, gtime = 0;
	char dir[32], stat[1024], *p;
	long hz = sysconf(_SC_CLK_TCK);
	int field;

	snprintf(dir, sizeof(dir), "/proc/%d", pid);
	if (!read_file(stat, sizeof(stat), dir, ".", "stat"))
		return;
	p = strrchr(stat, ')');
	for (field = 2; p && field < 43; field++) {
		p = strchr(p + 1, ' ');
		if (field == 13 && p)
			utime = strtoull(p, NULL, 10);
		if (field == 14 && p)
			stime = strtoull(p, NULL, 10);
	}
	if (p)
		gtime = strtoull(p, NULL, 10);
	printf(" %stick_cpu_ns=%llu %stick_guest_ns=%llu", prefix,
	       (utime + stime) * (1000000000ull / hz), prefix, gtime * (1000000000ull / hz));
}

static int sample(int argc, char **argv)
{
	struct sched before, after;
	bool stop = argc > 1 && !strcmp(argv[1], "-s");
	const struct op *op = nl_op("vm-get");
	uint64_t limit = now_ns() + 10000000000ull;
	struct answer a;
	char id[32];
	int pid;

	argv += stop;
	if (argc - stop != 3)
		usage();
	pid = atoi(argv[2]);
	if (stop)
		kill(pid, SIGSTOP);
	/* a thread shows as stopped a moment before it is off its CPU and accounted for */
	read_tasks(pid, &after);
	do {
		before = after;
		if (stop)
			usleep(10000);
		read_tasks(pid, &after);
	} while (stop && (before.stopped < before.tasks || before.run != after.run) &&
		 now_ns() < limit);

	snprintf(id, sizeof(id), "id=%s", argv[1]);
	nl_begin(&nl, op->cmd, false);
	nl_add(nl.nlh, &nl_sets[op->set], id);
	printf("%smono_ns=%llu", prefix, (unsigned long long)now_ns());
	nl_ask(&nl, &a, print_reply, (void *)&nl_sets[op->set]);
	read_tasks(pid, &after);
	printf("%stasks=%u %sstopped=%u", prefix, after.tasks, prefix, after.stopped);
	printf(" %srun_ns=%llu %srun2_ns=%llu", prefix, before.run, prefix, after.run);
	printf(" %svcpu_run_ns=%llu %svcpu_wait_ns=%llu", prefix, after.vcpu_run, prefix,
	       after.vcpu_wait);
	print_ticks(pid);
	putchar('\n');
	if (stop)
		kill(pid, SIGCONT);
	if (a.err)
		fprintf(stderr, "error %d %s\n", a.err, a.text);
	return !!a.err;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "-p")) {
		prefix = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 3)
		usage();
	nl_open(&nl);
	if (nl.down) {
		fputs("error 2 no such family\n", stderr);
		return 1;
	}
	if (!strcmp(argv[1], "ask"))
		return ask(argv[2], false, argv + 3);
	if (!strcmp(argv[1], "dump"))
		return ask(argv[2], true, argv + 3);
	if (!strcmp(argv[1], "watch"))
		return watch(argc - 1, argv + 1);
	if (!strcmp(argv[1], "sample"))
		return sample(argc - 1, argv + 1);
	if (!strcmp(argv[1], "group"))
		return join(argv[2]);
	usage();
}
