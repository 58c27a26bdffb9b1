// SPDX-License-Identifier: GPL-2.0
/* The VMs, again and again; rates are over the time between two readings. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/error.h"
#include "cli/opt.h"
#include "data/fmt.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/json_vm.h"
#include "show/table.h"
#include "show/value.h"
#include "verb/verb.h"
#include "verb/vm.h"

#define FIRST_NS	250000000

static const struct column columns[] = {
	{ "ID", false, 0 },
	{ "NAME", true, 16 },
	{ "VCPUS", false, 0 },
	{ "CPU%", false, 0 },
	{ "GUEST%", false, 0 },
	{ "HOST%", false, 0 },
	{ "WAIT%", false, 0 },
	{ "THROT%", false, 0 },
	{ "EXITS/s", false, 0 },
	{ "SURPRISE", false, 0 },
	{ "GRANT%", false, 0 },
	{ "PRICE/h", false, 0 },
	{ "SPENT", false, 0 },
	{ "POLICY", true, 0 },
};

struct reading {
	struct vm *vms;
	size_t nr;
	uint64_t at_ns;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int read_vms(struct reading *r)
{
	r->at_ns = now_ns();
	return ipc_vm_list(&r->vms, &r->nr);
}

static const struct vm *vm_in(const struct reading *r, uint32_t id)
{
	size_t i;

	for (i = 0; i < r->nr; i++)
		if (r->vms[i].id == id)
			return &r->vms[i];
	return NULL;
}

/* share in percent of the vCPUs' time */
static void cell_share(uint64_t now, uint64_t before, double capacity_ns)
{
	if (capacity_ns > 0 && now >= before)
		table_cell("%.1f", 100 * (now - before) / capacity_ns);
	else
		table_cell("-");
}

static void row(const struct vm *vm, const struct vm *old, uint64_t elapsed_ns)
{
	const struct usage *cpu = &vm->usage[KVMETER_RESOURCE_CPU];
	const struct times zero = { 0 };
	const struct times *t = &vm->times, *o = old ? &old->times : &zero;
	/* without an earlier reading there is no rate */
	double capacity = old ? (double)elapsed_ns * vm->nr_vcpus : 0;
	char buf[FMT_LEN];

	table_cell("%u", vm->id);
	table_cell("%s", *vm->name ? vm->name : "-");
	table_cell("%u", vm->nr_vcpus);
	cell_share(vm_cpu_ns(t), vm_cpu_ns(o), capacity);
	cell_share(t->guest_ns, o->guest_ns, capacity);
	cell_share(t->host_ns + t->other_ns, o->host_ns + o->other_ns, capacity);
	cell_share(t->wait_ns, o->wait_ns, capacity);
	cell_share(t->throttled_ns, o->throttled_ns, capacity);
	if (old && elapsed_ns)
		table_cell("%.0f", (vm->counts.exits - old->counts.exits) * 1e9 / elapsed_ns);
	else
		table_cell("-");
	table_cell("%s", fmt_surprise(buf, cpu));
	table_cell("%s", fmt_percent_short(buf, cpu->grant_bp));
	table_cell("%s", fmt_amount_short(buf, vm->price_ncr_h));
	table_cell("%s", fmt_amount_short(buf, vm->budget.spent_ncr));
	table_cell("%s", vm_policy_name(vm));
}

static uint64_t busy(const struct vm *vm, const struct reading *old)
{
	const struct vm *o = vm_in(old, vm->id);

	return vm_cpu_ns(&vm->times) - (o ? vm_cpu_ns(&o->times) : 0);
}

/* busiest first; few VMs, so the plain way */
static void sort(struct reading *r, const struct reading *old)
{
	size_t i, j;

	for (i = 1; i < r->nr; i++) {
		struct vm vm = r->vms[i];

		for (j = i; j && busy(&r->vms[j - 1], old) < busy(&vm, old); j--)
			r->vms[j] = r->vms[j - 1];
		r->vms[j] = vm;
	}
}

static void fill(struct reading *r, const struct reading *old)
{
	size_t i;

	sort(r, old);
	table_begin(columns, ARRAY_SIZE(columns));
	for (i = 0; i < r->nr; i++)
		row(&r->vms[i], vm_in(old, r->vms[i].id), r->at_ns - old->at_ns);
}

static void draw(const struct reading *r)
{
	char buf[FMT_LEN];
	struct timespec ts;
	size_t i;

	clock_gettime(CLOCK_REALTIME, &ts);
	erase();
	mvprintw(0, 0, "kvmeter top  %s  %zu VMs  (q: quit)",
		 fmt_time(buf, ts.tv_sec * 1000000000ULL), r->nr);
	for (i = 0; i < table_rows() && (int)i + 2 < LINES; i++) {
		if (!i)
			attron(A_REVERSE);
		mvprintw(i + 2, 0, "%-*.*s", i ? 0 : COLS, COLS, table_line(i));
		attroff(A_REVERSE);
	}
	refresh();
	table_end();
}

static void print_json(const struct reading *r)
{
	size_t i;

	json_open(NULL, '[');
	for (i = 0; i < r->nr; i++)
		json_vm(NULL, &r->vms[i]);
	json_close(']');
}

static void pause_ns(uint64_t ns)
{
	struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	nanosleep(&ts, NULL);
}

/* true: go on */
static bool wait_key(uint64_t ns)
{
	int key;

	timeout(ns / 1000000 > 3600000 ? 3600000 : (int)(ns / 1000000));
	key = getch();
	return key != 'q' && key != 'Q' && key != 27;
}

static void show(struct reading *r, const struct reading *old, bool batch, bool json)
{
	if (json) {
		print_json(r);
	} else {
		fill(r, old);
		if (batch)
			table_print();
		else
			draw(r);
	}
	fflush(stdout);
}

static int run(bool batch, bool json, uint64_t count, uint64_t delay_ns)
{
	struct reading r = { 0 }, old = { 0 };
	bool go = true;
	uint64_t i;
	int rc;

	/* one reading before the first, so that it has rates */
	rc = read_vms(&old);
	if (!rc)
		pause_ns(delay_ns < FIRST_NS ? delay_ns : FIRST_NS);
	for (i = 0; !rc && go && (!count || i < count); i++) {
		if (i && batch)
			pause_ns(delay_ns);
		rc = read_vms(&r);
		if (rc)
			break;
		if (i && batch && !json)
			putchar('\n');
		show(&r, &old, batch, json);
		free(old.vms);
		old = r;
		if (!batch && (!count || i + 1 < count))
			go = wait_key(delay_ns);
	}
	free(old.vms);
	return rc;
}

int top_main(int argc, char **argv)
{
	uint64_t count = 0, delay_ns = 1000000000;
	bool batch = false, json = false;
	const struct opt opts[] = {
		{ "batch", 'b', NULL, "print tables, draw nothing", OPT_FLAG, &batch, 0, 0 },
		{ "count", 'n', "N", "end after N refreshes", OPT_U64, &count, 0, 0 },
		{ "delay", 'd', "TIME", "time between refreshes, 1s", OPT_NS, &delay_ns, 0, 0 },
		OPT_JSON(json),
	};
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 0);
	batch |= json;
	rc = module_open();
	if (rc)
		return rc;
	if (!batch) {
		if (!newterm(NULL, stdout, stdin)) {
			error("this terminal can not be drawn on: use --batch");
			return EXIT_FAILED;
		}
		cbreak();
		noecho();
		curs_set(0);
	}
	rc = run(batch, json, count, delay_ns);
	if (batch)
		return report(rc);
	endwin();
	if (rc)
		error("the module does not answer any more: is it still loaded?");
	return rc;
}
