// SPDX-License-Identifier: GPL-2.0
/* forecast: what a VM, and each of its vCPUs if asked for, will want. */
#include <stdio.h>
#include <stdlib.h>

#include "data/fmt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/json_vm.h"
#include "show/table.h"
#include "show/value.h"
#include "verb/switch.h"
#include "verb/verb.h"
#include "verb/vm.h"

static const struct column columns[] = {
	{ "WHO", true, 0 }, { "RESOURCE", true, 0 },
	{ "NEXT", false, 0 }, { "95%", false, 0 }, { "99%", false, 0 },
	{ "IN-SIX", false, 0 }, { "95%", false, 0 }, { "99%", false, 0 },
};

static void cells(uint32_t r, const struct forecast *f)
{
	char buf[FMT_LEN];

	table_cell("%s", fmt_sample(buf, r, f->predicted));
	table_cell("%s", fmt_sample(buf, r, f->p95));
	table_cell("%s", fmt_sample(buf, r, f->p99));
}

static void row(const char *who, uint32_t r, const struct forecast *next,
		const struct forecast *ahead)
{
	table_cell("%s", who);
	table_cell("%s", resource_names[r]);
	cells(r, next);
	cells(r, ahead);
}

static void show_text(const struct vm *vm, const struct vcpu *vcpus, size_t nr)
{
	char who[24];
	uint32_t r;
	size_t i;

	table_begin(columns, ARRAY_SIZE(columns));
	for (r = 0; r < NR_RESOURCES; r++)
		row("VM", r, &vm->usage[r].next, &vm->usage[r].ahead);
	for (i = 0; i < nr; i++) {
		snprintf(who, sizeof(who), "vCPU %u", vcpus[i].vcpu_id);
		for (r = 0; r < NR_RESOURCES; r++)
			if (vcpus[i].has_forecasts & 1U << r)
				row(who, r, &vcpus[i].next[r], &vcpus[i].ahead[r]);
	}
	table_print();
}

static void show_json(const struct vm *vm, const struct vcpu *vcpus, size_t nr)
{
	uint32_t r;
	size_t i;

	json_open(NULL, '{');
	json_u64("vm_id", vm->id);
	json_bool("vcpu_forecasts", vm->vcpu_forecasts);
	json_open("vm", '{');
	for (r = 0; r < NR_RESOURCES; r++)
		json_outlook(r, &vm->usage[r].next, &vm->usage[r].ahead);
	json_close('}');
	json_open("vcpus", '[');
	for (i = 0; i < nr; i++)
		json_vcpu(&vcpus[i]);
	json_close(']');
	json_close('}');
}

static int show(const struct vm *vm, bool json)
{
	struct vcpu *vcpus;
	size_t nr;
	int rc;

	rc = ipc_vcpu_list(vm->id, &vcpus, &nr);
	if (rc)
		return report(rc);
	if (json)
		show_json(vm, vcpus, nr);
	else
		show_text(vm, vcpus, nr);
	free(vcpus);
	return EXIT_OK;
}

int forecast_main(int argc, char **argv)
{
	return switch_run(argc, argv, KVMETER_A_VM_VCPU_FORECASTS, show);
}
