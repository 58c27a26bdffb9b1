// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "cli/opt.h"
#include "data/fmt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "show/csv.h"
#include "show/json.h"
#include "show/json_vm.h"
#include "show/table.h"
#include "show/value.h"
#include "verb/verb.h"
#include "verb/vm.h"

static const struct column columns[] = {
	{ "ID", false, 0 },
	{ "NAME", true, 16 },
	{ "IMAGE", true, 12 },
	{ "VCPUS", false, 0 },
	{ "CPU%", false, 0 },
	{ "PRED%", false, 0 },
	{ "SURPRISE", false, 0 },
	{ "GRANT%", false, 0 },
	{ "PRICE/h", false, 0 },
	{ "SPENT", false, 0 },
	{ "BUDGET", false, 0 },
	{ "POLICY", true, 0 },
};

static void print_table(const struct vm *vms, size_t nr)
{
	char buf[FMT_LEN];
	size_t i;

	table_begin(columns, ARRAY_SIZE(columns));
	for (i = 0; i < nr; i++) {
		const struct usage *cpu = &vms[i].usage[KVMETER_RESOURCE_CPU];
		const struct budget *b = &vms[i].budget;

		table_cell("%u", vms[i].id);
		table_cell("%s", *vms[i].name ? vms[i].name : "-");
		table_cell("%s", *vms[i].image ? vms[i].image : "-");
		table_cell("%u", vms[i].nr_vcpus);
		table_cell("%s", fmt_percent_short(buf, cpu->usage));
		table_cell("%s", fmt_percent_short(buf, cpu->next.predicted));
		table_cell("%s", fmt_surprise(buf, cpu));
		table_cell("%s", fmt_percent_short(buf, cpu->grant_bp));
		table_cell("%s", fmt_amount_short(buf, vms[i].price_ncr_h));
		table_cell("%s", fmt_amount_short(buf, b->spent_ncr));
		table_cell("%s", b->conf.cap_ncr == NONE ? "-" :
			   fmt_amount_short(buf, b->conf.cap_ncr));
		table_cell("%s", vm_policy_name(&vms[i]));
	}
	table_print();
}

static const char * const csv_names[] = {
	"id", "name", "image", "nr_vcpus", "cpu_bp", "predicted_bp", "surprise_mbit",
	"surprise_dir", "grant_bp", "price_ncr_h", "spent_ncr", "cap_ncr", "policy", "capped",
	"charged_ncr", "tgid",
};

static void print_csv(const struct vm *vms, size_t nr)
{
	size_t i;

	csv_heads(csv_names, ARRAY_SIZE(csv_names));
	for (i = 0; i < nr; i++) {
		const struct usage *cpu = &vms[i].usage[KVMETER_RESOURCE_CPU];
		const struct budget *b = &vms[i].budget;

		csv_u64(vms[i].id);
		csv_cell(vms[i].name);
		csv_cell(vms[i].image);
		csv_u64(vms[i].nr_vcpus);
		csv_u64(cpu->usage);
		csv_u64(cpu->next.predicted);
		csv_u64(cpu->surprise_mbit);
		csv_cell(DIR_NAME(cpu->surprise_dir));
		csv_u64(cpu->grant_bp);
		csv_u64(vms[i].price_ncr_h);
		csv_u64(b->spent_ncr);
		if (b->conf.cap_ncr == NONE)
			csv_cell("");
		else
			csv_u64(b->conf.cap_ncr);
		csv_cell(MODE_NAME(vms[i].policy[KVMETER_RESOURCE_CPU].mode));
		csv_u64(b->capped);
		csv_u64(vms[i].charged_ncr);
		csv_u64(vms[i].tgid);
		csv_row();
	}
}

int list_main(int argc, char **argv)
{
	bool json = false, csv = false;
	const struct opt opts[] = { OPT_JSON(json), OPT_CSV(csv) };
	struct vm *vms;
	size_t nr, i;
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 0);
	rc = ipc_open();
	if (!rc)
		rc = ipc_vm_list(&vms, &nr);
	if (rc)
		return report(rc);
	if (json) {
		json_open(NULL, '[');
		for (i = 0; i < nr; i++)
			json_vm(NULL, &vms[i]);
		json_close(']');
	} else if (csv) {
		print_csv(vms, nr);
	} else {
		print_table(vms, nr);
	}
	free(vms);
	return EXIT_OK;
}
