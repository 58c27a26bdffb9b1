// SPDX-License-Identifier: GPL-2.0
/*
 * kvfuzz - requests that nobody would think of, to all that kvmeter listens to
 *
 *	kvfuzz [--seed N] [--cases N | --seconds S] [--workers N] [--rounds N]
 *	       [--only netlink|ioctl|sysfs] [--first N] [--blind] [--verbose]
 *	kvfuzz --seed N --replay CASE[,CASE...]
 *
 * It knows the netlink policies by the tables that are made of the specification, the ioctls by
 * their structs, and sysfs by looking. It makes VMs of its own. Cases come from the seed, and on a
 * kernel with KCOV from what they reached before (guide.c). It checks that
 *
 * - the kernel has no complaint, and each case ends;
 * - the module still answers;
 * - after an error no setting of host or VM has changed, and after a success all that the request
 *   said is in force (one worker only, as several change each other's settings);
 * - rounds after the first, which are of the same cases, take no more memory.
 *
 * A failure is "not ok", with the seed and the case's name, which --replay takes. --verbose also
 * writes each name to the kernel's log, for kernels that do not survive. The exit status is 1 after
 * a failure.
 */
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"

struct options opt = { .seed = 4711, .cases = 2000, .workers = 1, .rounds = 1 };
struct nl nl;
uint32_t vm_id;
size_t page_size;

static const struct option longs[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "cases", required_argument, NULL, 'c' },
	{ "seconds", required_argument, NULL, 't' },
	{ "workers", required_argument, NULL, 'w' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "only", required_argument, NULL, 'o' },
	{ "first", required_argument, NULL, 'f' },
	{ "replay", required_argument, NULL, 'p' },
	{ "blind", no_argument, NULL, 'b' },
	{ "verbose", no_argument, NULL, 'v' },
	{ 0 }
};

static bool take(int option)
{
	switch (option) {
	case 's':
		opt.seed = strtoull(optarg, NULL, 0);
		return true;
	case 'c':
		opt.cases = strtoull(optarg, NULL, 0);
		return true;
	case 't':
		opt.seconds = strtod(optarg, NULL);
		return true;
	case 'w':
		opt.workers = strtoul(optarg, NULL, 0);
		return opt.workers > 0 && opt.workers <= 64;
	case 'r':
		opt.rounds = strtoul(optarg, NULL, 0);
		return opt.rounds > 0 && opt.rounds < 64;
	case 'o':
		opt.only = optarg;
		return !strcmp(optarg, "netlink") || !strcmp(optarg, "ioctl") ||
		       !strcmp(optarg, "sysfs");
	case 'f':
		opt.first = strtoull(optarg, NULL, 0);
		return true;
	case 'p':
		opt.replay = optarg;
		return true;
	case 'b':
		opt.blind = true;
		return true;
	case 'v':
		opt.verbose = true;
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	int option;

	setvbuf(stdout, NULL, _IOLBF, 0);
	page_size = sysconf(_SC_PAGESIZE);
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (!take(option)) {
			fputs("kvfuzz: see the head of its fuzz.c\n", stderr);
			return 2;
		}
	}
	return watch();
}
