// SPDX-License-Identifier: GPL-2.0
/*
 * A socket may lose notices.  That shows as a gap in a group's numbers or as an
 * overrun.  It is repaired by a dump from what was seen last: of the log, of
 * the price history, of the VMs.  What a dump brought is not told again when
 * its notice comes late.
 */
#include "verb/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/error.h"
#include "data/clock.h"
#include "ipc/ipc.h"
#include "show/notice.h"
#include "verb/vm.h"

struct known {
	uint32_t id;
	uint64_t price_seq;
	uint32_t warned;
	bool capped;
	uint64_t alerts[NR_RESOURCES];
	bool seen;	/* in the dump at hand */
};

static struct follow w;		/* what is followed */
static uint64_t told;			/* notices printed */
static uint64_t last_seq[NR_GROUPS];	/* 0: none yet */
static struct known *known;
static size_t nr_known;

static struct known *known_vm(uint32_t id)
{
	struct known *k;
	size_t i;

	for (i = 0; i < nr_known; i++)
		if (known[i].id == id)
			return &known[i];
	k = reallocarray(known, nr_known + 1, sizeof(*known));
	if (!k) {
		error("out of memory");
		exit(EXIT_FAILED);
	}
	known = k;
	k = &known[nr_known++];
	memset(k, 0, sizeof(*k));
	k->id = id;
	return k;
}

static void forget_vm(uint32_t id)
{
	struct known *k = known_vm(id);

	*k = known[--nr_known];
}

/* what the VM's own figures tell of what happened so far */
static void know(struct known *k, const struct vm *vm)
{
	uint32_t r;

	k->warned = vm->budget.warned;
	k->capped = vm->budget.capped;
	for (r = 0; r < NR_RESOURCES; r++)
		k->alerts[r] = vm->usage[r].alerts;
}

static bool done(void)
{
	return w.count && told >= w.count;
}

static void tell(const struct notice *n)
{
	if (done())
		return;
	told++;
	if (w.json)
		json_notice(n);
	else
		print_notice(n);
}

static bool wanted(uint32_t vm_id)
{
	return w.vm_id == ALL_VMS || w.vm_id == vm_id;
}

/* each takes an event once, from a notice or from a dump */
static void take_adjustment(const struct notice *n)
{
	if (n->adjustment.seq <= w.last_adjustment || !wanted(n->adjustment.vm_id))
		return;
	w.last_adjustment = n->adjustment.seq;
	tell(n);
}

static void take_price(const struct notice *n)
{
	struct known *k = known_vm(n->price.vm_id);

	if (n->price.seq <= k->price_seq)
		return;
	k->price_seq = n->price.seq;
	if (wanted(n->price.vm_id))
		tell(n);
}

static void take_vm(const struct notice *n)
{
	struct known *k = known_vm(n->vm.id);

	know(k, &n->vm);
	if (n->event == EVENT_VM_GONE)
		forget_vm(n->vm.id);
	if (wanted(n->vm.id))
		tell(n);
}

static void take(const struct notice *n)
{
	if (n->event == EVENT_ADJUST)
		take_adjustment(n);
	else if (n->event == EVENT_PRICE)
		take_price(n);
	else
		take_vm(n);
}

static int repair_log(void)
{
	struct notice n = { .group = GROUP_ADJUST, .event = EVENT_ADJUST };
	struct adjustment *log;
	size_t nr, i;
	int rc;

	rc = ipc_log(w.vm_id, w.last_adjustment, &log, &nr);
	for (i = 0; i < nr; i++) {
		n.adjustment = log[i];
		take(&n);
	}
	free(log);
	return report(rc);
}

static int repair_prices(void)
{
	struct notice n = { .group = GROUP_PRICE, .event = EVENT_PRICE };
	struct price_change *prices;
	size_t nr, i;
	int rc;

	rc = ipc_prices(ALL_VMS, 0, &prices, &nr);
	for (i = 0; i < nr; i++) {
		n.price = prices[i];
		take(&n);
	}
	free(prices);
	return report(rc);
}

static uint32_t budget_events(const struct known *k, const struct vm *vm)
{
	const struct budget *b = &vm->budget;
	uint32_t events = 0;

	if (b->warned < k->warned || (k->capped && !b->capped))
		events |= KVMETER_BUDGET_EVENT_RENEWED;
	if (b->warned > k->warned)
		events |= KVMETER_BUDGET_EVENT_WARN;
	if (b->capped && !k->capped)
		events |= KVMETER_BUDGET_EVENT_CAPPED;
	return events;
}

static uint32_t alerted(const struct known *k, const struct vm *vm)
{
	uint32_t r, mask = 0;

	for (r = 0; r < NR_RESOURCES; r++)
		if (vm->usage[r].alerts > k->alerts[r])
			mask |= 1U << r;
	return mask;
}

static void repair_vm(const struct vm *vm, size_t nr_before, unsigned int groups)
{
	struct notice n = { .vm = *vm };
	struct known *k = known_vm(vm->id);
	bool born = nr_known > nr_before;

	k->seen = true;
	n.budget_events = budget_events(k, vm);
	n.alerted = alerted(k, vm);
	know(k, vm);
	if (born && groups & 1U << GROUP_LIFECYCLE) {
		n.group = GROUP_LIFECYCLE;
		n.event = EVENT_VM_NEW;
		take(&n);
	}
	if (n.budget_events && groups & 1U << GROUP_BUDGET) {
		n.group = GROUP_BUDGET;
		n.event = EVENT_BUDGET;
		take(&n);
	}
	if (n.alerted && groups & 1U << GROUP_ALERT) {
		n.group = GROUP_ALERT;
		n.event = EVENT_ALERT;
		take(&n);
	}
}

/* what changed among the VMs; last figures of one that went, while they are kept */
static int repair_vms(unsigned int groups)
{
	struct notice gone = { .group = GROUP_LIFECYCLE, .event = EVENT_VM_GONE };
	struct vm *vms;
	size_t nr, i;
	int rc;

	rc = ipc_vm_list(&vms, &nr);
	if (rc)
		return report(rc);
	for (i = 0; i < nr_known; i++)
		known[i].seen = false;
	for (i = 0; i < nr; i++)
		repair_vm(&vms[i], nr_known, groups);
	free(vms);
	for (i = 0; i < nr_known;) {
		if (known[i].seen) {
			i++;
			continue;
		}
		if (ipc_vm_get(known[i].id, &gone.vm)) {
			memset(&gone.vm, 0, sizeof(gone.vm));
			gone.vm.id = known[i].id;
		}
		if (groups & 1U << GROUP_LIFECYCLE)
			take(&gone);
		else
			forget_vm(known[i].id);
	}
	return EXIT_OK;
}

/* @nr: how many were lost, 0: not known */
static void tell_lost(enum group g, uint64_t nr)
{
	if (w.json)
		json_lost(g, nr);
	else
		print_lost(g, nr);
}

static int repair(enum group g)
{
	switch (g) {
	case GROUP_ADJUST:
		return repair_log();
	case GROUP_PRICE:
		return repair_prices();
	default:
		return repair_vms(1U << g);
	}
}

static int on_overrun(void)
{
	unsigned int g;
	int rc = EXIT_OK;

	for (g = 0; g < NR_GROUPS && !rc; g++) {
		if (!(w.groups & 1U << g))
			continue;
		tell_lost(g, 0);
		last_seq[g] = 0;	/* the gap that follows is this one */
		rc = repair(g);
	}
	return rc;
}

static int on_notice(const struct notice *n)
{
	uint64_t last = last_seq[n->group];
	int rc = EXIT_OK;

	last_seq[n->group] = n->seq;
	if (last && n->seq > last + 1) {
		tell_lost(n->group, n->seq - last - 1);
		/* a birth or death is told by its notice, not by the dump */
		if (n->group == GROUP_LIFECYCLE && n->event == EVENT_VM_NEW)
			known_vm(n->vm.id);
		rc = repair(n->group);
	}
	if (n->event == EVENT_VM_NEW)
		known_vm(n->vm.id);
	take(n);
	return rc;
}

static int know_vms(void)
{
	struct vm *vms;
	size_t nr, i;
	int rc;

	rc = ipc_vm_list(&vms, &nr);
	for (i = 0; i < nr; i++) {
		struct known *k = known_vm(vms[i].id);

		k->price_seq = vms[i].price_seq;
		know(k, &vms[i]);
	}
	free(vms);
	return report(rc);
}

static int follow_all(void)
{
	int64_t until = clock_ms() + (int64_t)(w.timeout_ns / 1000000);
	struct notice n;
	int rc = EXIT_OK;

	while (!rc && !done()) {
		int64_t left = until - clock_ms();

		if (w.timeout_ns && left <= 0)
			break;
		if (left > 3600000)
			left = 3600000;
		switch (ipc_watch_next(&n, w.timeout_ns ? (int)left : -1)) {
		case WATCH_NOTICE:
			rc = on_notice(&n);
			break;
		case WATCH_OVERRUN:
			rc = on_overrun();
			break;
		case WATCH_TIMEOUT:
			break;
		default:
			rc = report(EXIT_FAILED);
		}
	}
	if (!rc && w.count && !done())
		rc = EXIT_FAILED;
	return rc;
}

int follow_notices(const struct follow *what)
{
	int rc;

	w = *what;
	setvbuf(stdout, NULL, _IOLBF, 0);
	rc = know_vms();
	if (!rc)
		rc = follow_all();
	free(known);
	return rc;
}
