// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "cli/opt.h"
#include "data/fmt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/json_vm.h"
#include "show/print.h"
#include "show/table.h"
#include "show/value.h"
#include "verb/verb.h"
#include "verb/vm.h"

static void print_times(const struct vm *vm)
{
	const struct times *t = &vm->times;
	char a[FMT_LEN], b[FMT_LEN];

	puts("CPU time");
	printf("  guest           %s\n", fmt_duration(a, t->guest_ns));
	printf("  host            %s, halt polling %s (not billed)\n", fmt_duration(a, t->host_ns),
	       fmt_duration(b, t->halt_poll_ns));
	printf("  other threads   %s\n", fmt_duration(a, t->other_ns));
	printf("  waited          %s, throttled %s\n", fmt_duration(a, t->wait_ns),
	       fmt_duration(b, t->throttled_ns));
	printf("  billed          %s\n", fmt_duration(a, vm->billed_cpu_ns));
	printf("  thread group    %s, by the scheduler's account\n",
	       fmt_duration(a, vm->group_exec_ns));
}

static void print_counts(const struct counts *c)
{
	size_t i;

	printf("Exits\n  all             %llu\n ", (unsigned long long)c->exits);
	for (i = 0; i < NR_EXIT_CLASSES; i++) {
		if (i == 5)
			printf("\n ");
		printf(" %s %llu", exit_class_names[i], (unsigned long long)c->class[i]);
	}
	putchar('\n');
}

static void print_memory(const struct vm *vm)
{
	const struct memory_use *m = &vm->memory;
	size_t i;

	printf("Memory\n  resident        %.1f MiB\n", m->resident_kib / 1024.0);
	printf("  used            %.6f GiB hours\n", m->used_mib_ms / (1024 * 3600000.0));
	printf("  working set     %s%.1f MiB (%s)\n",
	       m->working_set_source == KVMETER_WSET_SOURCE_BOUND ? "at most " : "",
	       m->working_set_kib / 1024.0, WSET_SOURCE_NAME(m->working_set_source));
	printf("  faults          %llu, from storage %llu; guest's:",
	       (unsigned long long)m->minor_faults, (unsigned long long)m->major_faults);
	for (i = 0; i < NR_FAULT_KINDS; i++)
		printf(" %s %llu", fault_kind_names[i], (unsigned long long)m->faults[i]);
	putchar('\n');
	if (m->current_kib != NONE)
		printf("  of the cgroup   %.1f MiB, stood still for %.2f %% of the time\n",
		       m->current_kib / 1024.0, m->full_bp / 100.0);
	printf("  cgroup          %s%s%s\n", *vm->cgroup.path ? vm->cgroup.path : "none",
	       *vm->cgroup.why ? ": " : "", vm->cgroup.why);
}

static void print_nics(const struct vm *vm)
{
	size_t i;

	if (vm->nr_nics)
		puts("Network devices");
	for (i = 0; i < vm->nr_nics; i++) {
		const struct nic *n = &vm->nics[i];

		printf("  %-15s in %llu bytes, %llu packets; out %llu bytes, %llu packets%s\n",
		       n->name, (unsigned long long)n->bytes_in, (unsigned long long)n->packets_in,
		       (unsigned long long)n->bytes_out, (unsigned long long)n->packets_out,
		       n->found ? "" : "; bound");
	}
}

static void print_usage(const struct vm *vm, uint32_t r)
{
	const struct usage *u = &vm->usage[r];
	char a[FMT_LEN], b[FMT_LEN];

	/* what was never seen is not worth ten lines */
	if (!u->usage && !u->mean && !u->used && r < NR_ACT && r && !vm->policy[r].nominal)
		return;
	printf("%s\n", resource_info[r].title);
	printf("  usage           %s", fmt_sample(a, r, u->usage));
	if (u->censored)
		printf(", throttled, demand at least %s", fmt_sample(a, r, u->demand));
	putchar('\n');
	print_forecast("predicted", r, &u->next);
	print_forecast("in six periods", r, &u->ahead);
	printf("  mean            %s\n", fmt_sample(a, r, u->mean));
	printf("  surprise        %s bits, alarm from %s\n", fmt_surprise(a, u),
	       u->alarm == NONE ? "(not known yet)" : fmt_sample(b, r, u->alarm));
	printf("  for this time   %s bits", fmt_bits(a, u->unusual_mbit));
	if (u->alerts)
		printf("; %llu alert%s, the last %s of %s bits", (unsigned long long)u->alerts,
		       u->alerts == 1 ? "" : "s", fmt_time(a, u->alert_real_ns),
		       fmt_bits(b, u->alert_mbit));
	putchar('\n');
	if (r >= NR_ACT)
		return;
	printf("  used            %s, charged %s\n", fmt_used(a, r, u->used),
	       fmt_amount(b, u->charged_ncr));
	if (r != KVMETER_RESOURCE_CPU && !vm->policy[r].nominal)
		return;
	printf("  grant           %s%s", fmt_percent(a, u->grant_bp),
	       u->enforced ? "" : ", not enforced");
	if (u->wanted_bp != u->grant_bp)
		printf(", the policy %s %s",
		       vm->policy[r].mode == KVMETER_MODE_OBSERVE ? "would want" : "wants",
		       fmt_percent(a, u->wanted_bp));
	if (u->rest_bp != 10000)
		printf(", suggested %s", fmt_percent(a, u->rest_bp));
	putchar('\n');
	if (*u->unenforceable)
		printf("  unenforceable   %s\n", u->unenforceable);
	if (vm->knob_conflict && r == KVMETER_RESOURCE_CPU)
		puts("  conflict        someone else changed a setting that kvmeter had made");
}

static void print_price(const struct vm *vm)
{
	char a[FMT_LEN], b[FMT_LEN];

	printf("Price\n  now             %s\n", fmt_price(a, vm->price_ncr_h));
	if (vm->pending_real_ns)
		printf("  next            %s from %s\n", fmt_price(a, vm->pending_ncr_h),
		       fmt_time(b, vm->pending_real_ns));
	printf("  charged         %s", fmt_amount(a, vm->charged_ncr));
	printf(" (%s of it for time)\n", fmt_amount(a, vm->charged_time_ncr));
	printf("  waived          %s\n", fmt_amount(a, vm->waived_ncr));
}

static void print_vm(const struct vm *vm)
{
	char a[FMT_LEN];
	uint32_t r;

	printf("VM %u%s%s%s%s\n", vm->id, *vm->name ? " \"" : "", vm->name,
	       *vm->name ? "\"" : "", vm->gone ? ", gone: these are its records" : "");
	printf("  image           %s\n", *vm->image ? vm->image : "-");
	if (vm->has_model)
		printf("  model           %s, %08x\n", *vm->model_image ? vm->model_image :
		       "(default)", vm->model_checksum);
	printf("  process         %u, %u vCPUs\n", vm->tgid, vm->nr_vcpus);
	printf("  since           %s\n", fmt_time(a, vm->created_real_ns));
	for (r = 0; r < NR_RESOURCES; r++)
		print_usage(vm, r);
	print_times(vm);
	print_counts(&vm->counts);
	print_memory(vm);
	print_nics(vm);
	print_policies(vm->policy, NR_ACT);
	print_price(vm);
	puts("Tariff");
	print_tariff(&vm->tariff);
	puts("Budget");
	print_budget(&vm->budget, true);
	fputs("Guest\n  ", stdout);
	print_hints(vm);
	printf("Records\n  adjustments     last is #%llu\n",
	       (unsigned long long)vm->adjustment_seq);
	printf("  ledger          next is %llu, acknowledged up to %llu, %llu merges\n",
	       (unsigned long long)vm->ledger_next_seq, (unsigned long long)vm->ledger_acked_seq,
	       (unsigned long long)vm->ledger_merged);
}

static const struct column vcpu_columns[] = {
	{ "VCPU", false, 0 }, { "TID", false, 0 }, { "GUEST", false, 0 }, { "HOST", false, 0 },
	{ "POLL", false, 0 }, { "WAIT", false, 0 }, { "THROTTLED", false, 0 },
	{ "EXITS", false, 0 }, { "CPU-MEAN%", false, 0 }, { "STDDEV", false, 0 },
	{ "EXITS-MEAN", false, 0 }, { "SAMPLES", false, 0 },
};

static void print_vcpus(const struct vcpu *vcpus, size_t nr)
{
	char buf[FMT_LEN];
	size_t i;

	table_begin(vcpu_columns, ARRAY_SIZE(vcpu_columns));
	for (i = 0; i < nr; i++) {
		const struct vcpu *v = &vcpus[i];
		const struct moments *cpu = &v->moments[KVMETER_RESOURCE_CPU];

		table_cell("%u", v->vcpu_id);
		table_cell("%u", v->tid);
		table_cell("%s", fmt_duration(buf, v->times.guest_ns));
		table_cell("%s", fmt_duration(buf, v->times.host_ns));
		table_cell("%s", fmt_duration(buf, v->times.halt_poll_ns));
		table_cell("%s", fmt_duration(buf, v->times.wait_ns));
		table_cell("%s", fmt_duration(buf, v->times.throttled_ns));
		table_cell("%llu", (unsigned long long)v->counts.exits);
		table_cell("%.2f", moments_mean(cpu) / 100);
		table_cell("%.2f", moments_stddev(cpu) / 100);
		table_cell("%.0f", moments_mean(&v->moments[KVMETER_RESOURCE_EXITS]));
		table_cell("%llu", (unsigned long long)cpu->samples);
	}
	table_print();
}

static int show_vcpus(const struct vm *vm, bool json)
{
	struct vcpu *vcpus;
	size_t nr, i;
	int rc;

	rc = ipc_vcpu_list(vm->id, &vcpus, &nr);
	if (rc)
		return report(rc);
	if (json) {
		json_open(NULL, '[');
		for (i = 0; i < nr; i++)
			json_vcpu(&vcpus[i]);
		json_close(']');
	} else {
		print_vcpus(vcpus, nr);
	}
	free(vcpus);
	return EXIT_OK;
}

int show_main(int argc, char **argv)
{
	bool json = false, with_vcpus = false;
	const struct opt opts[] = {
		{ "vcpus", 'v', NULL, "show the vCPU threads instead", OPT_FLAG, &with_vcpus },
		OPT_JSON(json),
	};
	struct vm vm;
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, 1);
	rc = vm_open(argv[0], &vm);
	if (rc)
		return rc;
	if (with_vcpus)
		return show_vcpus(&vm, json);
	if (json)
		json_vm(NULL, &vm);
	else
		print_vm(&vm);
	return EXIT_OK;
}
