// SPDX-License-Identifier: GPL-2.0
/*
 * work - a worker: case after case, each followed by a look at the settings
 */
#include <stdarg.h>
#include <stdlib.h>

#include "fuzz.h"

#define RENEW_EVERY	500	/* cases, until there is another VM */

static const struct target *const targets[] = {
	&target_ioctl, &target_netlink, &target_sysfs,
};

static struct progress *progress;
static struct name now;

void bad(const char *fmt, ...)
{
	va_list ap;

	progress->failed = true;
	printf("not ok case %s of seed %llu - ", name_print(&now), (unsigned long long)opt.seed);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* tenant's VMs end the program by it */
__attribute__((noreturn))
void die(const char *what)
{
	bad("%s: %m", what);
	exit(1);
}

static const struct target *choose(struct tape *t)
{
	unsigned int sum = 0, i, at;

	for (i = 0; i < ARRAY_SIZE(targets); i++)
		sum += opt.only && strcmp(opt.only, targets[i]->name) ? 0 : targets[i]->weight;
	at = below(t, sum);
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		if (opt.only && strcmp(opt.only, targets[i]->name))
			continue;
		if (at < targets[i]->weight)
			break;
		at -= targets[i]->weight;
	}
	return targets[i];
}

static void note_name(const struct name *name)
{
	FILE *f;

	now = *name;
	progress->last[progress->nr % ARRAY_SIZE(progress->last)] = *name;
	__atomic_fetch_add(&progress->nr, 1, __ATOMIC_RELEASE);
	if (!opt.verbose)
		return;
	f = fopen("/dev/kmsg", "w");	/* what is there if the kernel is not, after it */
	if (f) {
		fprintf(f, "kvfuzz: case %s\n", name_print(name));
		fclose(f);
	}
}

static void one(const struct name *name)
{
	struct outcome o = { .what = "" };
	const struct target *target;
	struct tape t;

	note_name(name);
	tape_fill(&t, name);
	target = choose(&t);
	guide_start();
	target->run(&t, &o);
	if (guide_new(&o))
		guide_keep(name);
	progress->cases++;
	progress->accepted += !o.err;
	if (opt.workers > 1)
		return;
	if ((o.err || !o.sets) && settings_changed())
		bad("%s %s: error %d (%s), and a setting changed", target->name, o.what, o.err,
		    strerror(o.err));
	settings_read();
}

static void renew(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(targets); i++)
		if (targets[i]->renew)
			targets[i]->renew();
	settings_read();
}

static void replay(void)
{
	const char *text = opt.replay;
	struct name name;

	while (*text && name_parse(&name, &text)) {
		printf("# case %s\n", name_print(&name));
		one(&name);
	}
}

void work_begin(struct progress *p)
{
	progress = p;
	nl_open(&nl);
	if (nl.down)
		die("no such family");
}

void work(struct progress *p, unsigned int worker)
{
	uint64_t begin = now_ns(), n, stride = opt.workers;
	struct name name;
	unsigned int i;

	work_begin(p);
	host_save();
	for (i = 0; i < ARRAY_SIZE(targets); i++)
		targets[i]->open();
	settings_read();
	guide_open();
	if (opt.replay)
		replay();
	for (n = 0; !opt.replay; n++) {
		if (opt.seconds ? now_ns() - begin > opt.seconds * 1e9 : n >= opt.cases)
			break;
		if (n && !(n % RENEW_EVERY))
			renew();
		guide_name(&name, opt.first + n * stride + worker);
		one(&name);
	}
	host_restore();
	if (!worker)
		guide_report();
}
