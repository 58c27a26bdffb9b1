// SPDX-License-Identifier: GPL-2.0
#include "show/notice.h"

#include <stdio.h>

#include "data/fmt.h"
#include "show/json.h"
#include "show/json_log.h"
#include "show/json_vm.h"
#include "show/print.h"
#include "show/value.h"

static const char * const event_words[] = {
	[EVENT_VM_NEW] = "vm-new",
	[EVENT_VM_GONE] = "vm-gone",
	[EVENT_PRICE] = "price",
	[EVENT_ADJUST] = "adjust",
	[EVENT_BUDGET] = "budget",
	[EVENT_ALERT] = "alert",
	[EVENT_LAPSED] = "lapsed",
};

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

void print_notice(const struct notice *n)
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
		       fmt_cap(b, n->vm.budget.conf.cap_ncr));
		break;
	case EVENT_ALERT:
		print_alerts(n);
		break;
	case EVENT_LAPSED:
		printf("no period for up to %s: nothing was limited meanwhile\n",
		       fmt_duration(a, n->host.gap_max_ns));
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

static void json_budget_events(uint32_t events)
{
	json_open("budget_events", '[');
	if (events & KVMETER_BUDGET_EVENT_RENEWED)
		json_str(NULL, "renewed");
	if (events & KVMETER_BUDGET_EVENT_WARN)
		json_str(NULL, "warn");
	if (events & KVMETER_BUDGET_EVENT_CAPPED)
		json_str(NULL, "capped");
	json_close(']');
}

static void json_of_vm(const struct notice *n)
{
	json_u64("vm_id", n->vm.id);
	json_vm("vm", &n->vm);
}

void json_notice(const struct notice *n)
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
		json_budget_events(n->budget_events);
		json_of_vm(n);
		break;
	case EVENT_LAPSED:
		json_u64("gap_max_ns", n->host.gap_max_ns);
		json_u64("periods_late", n->host.periods_late);
		json_u64("periods_lapsed", n->host.periods_lapsed);
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

void print_lost(enum group g, uint64_t nr)
{
	if (nr)
		printf("lost    %llu notices of %s; repairing\n", (unsigned long long)nr,
		       group_info[g].word);
	else
		printf("lost    notices of %s; repairing\n", group_info[g].word);
}

void json_lost(enum group g, uint64_t nr)
{
	json_open(NULL, '{');
	json_str("event", "lost");
	json_str("group", group_info[g].word);
	if (nr)
		json_u64("notices", nr);
	json_close('}');
}
