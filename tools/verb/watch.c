// SPDX-License-Identifier: GPL-2.0
/*
 * Notices, each a line.
 *
 * A socket may lose notices.  That shows as a gap in a group's numbers or as
 * an overrun, and is repaired by a dump from what was seen last: of the log,
 * of the price history, of the VMs.  What a dump brought is not told again
 * when its notice comes late.
 */
#include "verb/follow.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "verb/verb.h"
#include "show/print.h"

struct known {
	uint32_t id;
	uint64_t price_seq;
	uint32_t warned;
	bool capped;
	uint64_t alerts[NR_RESOURCES];
	bool seen;	/* in the dump at hand */
};

static const char * const group_words[NR_GROUPS] = {
	[GROUP_LIFECYCLE] = "lifecycle",
	[GROUP_PRICE] = "price",
	[GROUP_ADJUST] = "adjust",
	[GROUP_BUDGET] = "budget",
	[GROUP_ALERT] = "alert",
};

static const char * const event_words[] = {
	[EVENT_VM_NEW] = "vm-new",
	[EVENT_VM_GONE] = "vm-gone",
	[EVENT_PRICE] = "price",
	[EVENT_ADJUST] = "adjust",
	[EVENT_BUDGET] = "budget",
	[EVENT_ALERT] = "alert",
};

static struct watch w;
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

static const char *event_list(uint32_t events)
{
	static char buf[40];

	snprintf(buf, sizeof(buf), "%s%s%s",
		 events & KVMETER_BUDGET_EVENT_RENEWED ? " renewed" : "",
		 events & KVMETER_BUDGET_EVENT_WARN ? " warning" : "",
		 events & KVMETER_BUDGET_EVENT_CAPPED ? " capped" : "");
	return buf;
}

static void print_alerts(const struct notice *n)
{
	char a[FMT_LEN], b[FMT_LEN];
	uint32_t r;

	printf("VM %u %s", n->vm.id, n->vm.name);
	for (r = 0; r < NR_RESOURCES; r++) {
		const struct usage *u = &n->vm.usage[r];

		if (n->alerted & 1U << r)
			printf(", %s %s: unusual by %s bits", resource_names[r],
			       fmt_sample(a, r, u->demand), fmt_bits(b, u->alert_mbit));
	}
	putchar('\n');
}

static void print_text(const struct notice *n)
{
	char a[FMT_LEN], b[FMT_LEN];

	printf("%-7s ", event_words[n->event]);
	switch (n->event) {
	case EVENT_VM_NEW:
		printf("%s VM %u, process %u\n", fmt_time(a, n->vm.created_real_ns), n->vm.id,
		       n->vm.tgid);
		break;
	case EVENT_VM_GONE:
		printf("VM %u %s, charged %s, billed CPU %s\n", n->vm.id, n->vm.name,
		       fmt_amount(a, n->vm.charged_ncr), fmt_duration(b, n->vm.billed_cpu_ns));
		break;
	case EVENT_PRICE:
		printf("%s #%llu VM %u", fmt_time(a, n->price.real_ns),
		       (unsigned long long)n->price.seq, n->price.vm_id);
		printf(" %s -> %s", fmt_price(a, n->price.old_ncr_h),
		       fmt_price(b, n->price.new_ncr_h));
		printf(" from %s\n", fmt_time(a, n->price.effective_real_ns));
		break;
	case EVENT_ADJUST:
		print_adjustment(&n->adjustment);
		break;
	case EVENT_BUDGET:
		printf("VM %u %s%s, spent %s of %s\n", n->vm.id, n->vm.name,
		       event_list(n->budget_events), fmt_amount(a, n->vm.budget.spent_ncr),
		       fmt_cap(b, n->vm.budget.cap_ncr));
		break;
	case EVENT_ALERT:
		print_alerts(n);
		break;
	}
}

static void json_alerted(const struct notice *n)
{
	uint32_t r;

	json_open("alerted", '[');
	for (r = 0; r < NR_RESOURCES; r++)
		if (n->alerted & 1U << r)
			json_str(NULL, resource_names[r]);
	json_close(']');
}

static void json_of_vm(const struct notice *n)
{
	json_u64("vm_id", n->vm.id);
	json_vm("vm", &n->vm);
}

static void print_json(const struct notice *n)
{
	json_open(NULL, '{');
	json_str("event", event_words[n->event]);
	if (n->seq)
		json_u64("notice_seq", n->seq);
	json_bool("repaired", !n->seq);
	switch (n->event) {
	case EVENT_PRICE:
		json_price_fields(&n->price);
		break;
	case EVENT_ADJUST:
		json_adjustment_fields(&n->adjustment);
		break;
	case EVENT_BUDGET:
		json_open("budget_events", '[');
		if (n->budget_events & KVMETER_BUDGET_EVENT_RENEWED)
			json_str(NULL, "renewed");
		if (n->budget_events & KVMETER_BUDGET_EVENT_WARN)
			json_str(NULL, "warn");
		if (n->budget_events & KVMETER_BUDGET_EVENT_CAPPED)
			json_str(NULL, "capped");
		json_close(']');
		json_of_vm(n);
		break;
	case EVENT_ALERT:
		json_alerted(n);
		json_of_vm(n);
		break;
	default:
		json_of_vm(n);
	}
	json_close('}');
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
		print_json(n);
	else
		print_text(n);
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
	return rc;
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
	return rc;
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
		return rc;
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
		error_silent(true);
		if (ipc_vm_get(known[i].id, &gone.vm)) {
			memset(&gone.vm, 0, sizeof(gone.vm));
			gone.vm.id = known[i].id;
		}
		error_silent(false);
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
	if (w.json) {
		json_open(NULL, '{');
		json_str("event", "lost");
		json_str("group", group_words[g]);
		if (nr)
			json_u64("notices", nr);
		json_close('}');
	} else if (nr) {
		printf("lost    %llu notices of %s; repairing\n", (unsigned long long)nr,
		       group_words[g]);
	} else {
		printf("lost    notices of %s; repairing\n", group_words[g]);
	}
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

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
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
	return rc;
}

static int follow(void)
{
	int64_t until = now_ms() + (int64_t)(w.timeout_ns / 1000000);
	struct notice n;
	int rc = EXIT_OK;

	while (!rc && !done()) {
		int64_t left = until - now_ms();

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
			rc = EXIT_FAILED;
		}
	}
	if (!rc && w.count && !done())
		rc = EXIT_FAILED;
	return rc;
}

int watch_run(const struct watch *watch)
{
	int rc;

	w = *watch;
	setvbuf(stdout, NULL, _IOLBF, 0);
	rc = know_vms();
	if (!rc)
		rc = follow();
	free(known);
	return rc;
}

#define GROUP_LIST	"price, adjust, budget, alert, lifecycle"

static unsigned int parse_groups(const char *list)
{
	unsigned int groups = 0, g;
	size_t len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		for (g = 0; g < NR_GROUPS; g++)
			if (strlen(group_words[g]) == len && !strncmp(list, group_words[g], len))
				break;
		if (g == NR_GROUPS)
			usage_error("--groups: %.*s is none of " GROUP_LIST, (int)len, list);
		groups |= 1U << g;
	}
	if (!groups)
		usage_error("--groups: names no group");
	return groups;
}

int watch_main(int argc, char **argv)
{
	struct watch conf = { .vm_id = ALL_VMS, .groups = (1U << NR_GROUPS) - 1 };
	const char *groups = NULL;
	const struct opt opts[] = {
		{ "groups", 'g', "LIST", "of " GROUP_LIST ", by commas; default all",
		  OPT_STR, &groups, 0, 0 },
		{ "count", 'n', "N", "stop after N notices", OPT_U64, &conf.count, 0, 0 },
		{ "timeout", 't', "TIME", "stop after this time", OPT_NS, &conf.timeout_ns, 0, 0 },
		OPT_JSON(conf.json),
	};
	struct host host;
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 0);
	if (groups)
		conf.groups = parse_groups(groups);
	rc = ipc_open();
	if (!rc)
		rc = ipc_watch(conf.groups);
	if (!rc)
		rc = ipc_host_get(&host);
	if (rc)
		return rc;
	conf.last_adjustment = host.adjustment_seq;
	return watch_run(&conf);
}
