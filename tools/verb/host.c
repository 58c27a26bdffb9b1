// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "cli/opt.h"
#include "data/fmt.h"
#include "data/names.h"
#include "data/scheduler.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/json_settings.h"
#include "show/json_vm.h"
#include "show/print.h"
#include "verb/verb.h"
#include "verb/vm.h"

static void print_json(const struct host *h)
{
	char scheduler[64];
	bool ext = scheduler_ext(SCHEDULER_DIR, scheduler, sizeof(scheduler));
	size_t i;

	json_open(NULL, '{');
	json_str("version", h->version);
	json_u64("epoch", h->epoch);
	json_u64("nr_vms", h->nr_vms);
	json_settings(IN_HOST, h);
	json_u64("adjustment_seq", h->adjustment_seq);
	json_u64("gap_max_ns", h->gap_max_ns);
	json_u64("periods_late", h->periods_late);
	json_u64("periods_lapsed", h->periods_lapsed);
	json_policies("policy", h->policy);
	json_tariff("tariff", &h->tariff);
	json_budget("budget", &h->budget, false);
	json_open("knobs", '[');
	for (i = 0; i < h->nr_knobs; i++) {
		json_open(NULL, '{');
		json_str("name", h->knobs[i].name);
		json_bool("enforceable", h->knobs[i].enforceable);
		json_str("why", *h->knobs[i].why ? h->knobs[i].why : NULL);
		json_close('}');
	}
	json_close(']');
	json_str("sched_ext", ext ? scheduler : NULL);
	json_close('}');
}

static void print_text(const struct host *h)
{
	char a[FMT_LEN], b[FMT_LEN];

	printf("Module %s, loaded %s, %u VMs, last adjustment #%llu\n", h->version,
	       fmt_time(a, h->epoch), h->nr_vms, (unsigned long long)h->adjustment_seq);
	printf("  period          %s, ledger records of %s", fmt_duration(a, h->period_ns),
	       fmt_duration(b, h->record_ns));
	printf(", burst %s\n", fmt_duration(a, h->burst_ns));
	printf("  longest gap     %s between two periods, %llu late, %llu lapsed\n",
	       fmt_duration(a, h->gap_max_ns), (unsigned long long)h->periods_late,
	       (unsigned long long)h->periods_lapsed);
	puts("Of VMs to come");
	print_policies(h->policy, NR_ACT);
	puts("Tariff of VMs to come");
	print_tariff(&h->tariff);
	puts("Budget of VMs to come");
	print_budget(&h->budget, false);
}

static void print_knobs(const struct host *h)
{
	size_t i;

	for (i = 0; i < h->nr_knobs; i++) {
		const struct knob *k = &h->knobs[i];

		printf("%-4s %s%s%s\n", k->enforceable ? "yes" : "no", k->name,
		       k->enforceable ? "" : ": ", k->why);
	}
}

/* What a scheduler loaded by BPF makes of it: it orders threads by rules of its own. */
static void print_scheduler(void)
{
	char name[64];

	if (scheduler_ext(SCHEDULER_DIR, name, sizeof(name)))
		printf("no   boosts by weight and priority, cpu.weight, cpu.max: the scheduler %s "
		       "(sched_ext) may ignore them; throttles hold\n", name);
}

int host_main(int argc, char **argv)
{
	struct changes changes = { .nr = 0 };
	bool json = false;
	const struct opt opts[] = {
		opt_set(IN_HOST, KVMETER_A_HOST_PERIOD_NS, 0, 'p',
			"length of a period, 10ms to 10s"),
		opt_set(IN_HOST, KVMETER_A_HOST_RECORD_NS, 0, 'r',
			"length of a ledger record, 100ms to 1h"),
		opt_set(IN_HOST, KVMETER_A_HOST_BURST_NS, 0, 'b',
			"CPU that a VM may bank, 0 to 10s"),
		OPT_JSON(json),
	};
	struct host host;
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), &changes, 0, 0);
	rc = ipc_open();
	if (!rc && changes.nr)
		rc = ipc_host_set(&changes);
	if (!rc && (!changes.nr || json))
		rc = ipc_host_get(&host);
	if (rc || (changes.nr && !json))
		return report(rc);
	if (json)
		print_json(&host);
	else
		print_text(&host);
	return EXIT_OK;
}

/* what works here, and what would have to be done where it does not */
int doctor_main(int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = { OPT_JSON(json) };
	struct host host;
	struct vm *vms;
	char a[FMT_LEN];
	size_t nr, i;
	uint32_t r;
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 0);
	rc = ipc_open();
	if (!rc)
		rc = ipc_host_get(&host);
	if (rc)
		return report(rc);
	if (json) {
		print_json(&host);
		return EXIT_OK;
	}
	printf("yes  module kvmeter %s, loaded %s\n", host.version, fmt_time(a, host.epoch));
	if (host.periods_lapsed)
		printf("no   periods: none for up to %s; %llu times nothing was limited\n",
		       fmt_duration(a, host.gap_max_ns), (unsigned long long)host.periods_lapsed);
	print_knobs(&host);
	print_scheduler();
	if (!host.nr_vms)
		puts("     no VM has run since: VMs are found at their next guest entry");
	rc = ipc_vm_list(&vms, &nr);
	for (i = 0; i < nr; i++) {
		for (r = 0; r < NR_ACT; r++)
			if (*vms[i].usage[r].unenforceable && (!r || vms[i].policy[r].nominal))
				printf("no   VM %u: %s: %s\n", vms[i].id, resource_names[r],
				       vms[i].usage[r].unenforceable);
		if (vms[i].knob_conflict)
			printf("no   VM %u: someone else changed a setting that kvmeter had made\n",
			       vms[i].id);
	}
	free(vms);
	return report(rc);
}
