// SPDX-License-Identifier: GPL-2.0
/*
 * The ledger, reconciled: what the records add up to must be what their
 * cumulative totals say.  The totals may not exceed what the VM was charged.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/error.h"
#include "cli/opt.h"
#include "data/fmt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "show/csv.h"
#include "show/json.h"
#include "show/table.h"
#include "verb/verb.h"
#include "verb/vm.h"

struct sums {
	uint64_t opening_ncr;	/* before the first record */
	uint64_t sum_ncr;
	uint64_t sum_used[NR_ACT];
	uint64_t sum_waived_ncr;
	uint64_t last_ncr;	/* the last record's total */
	uint64_t open_ncr;	/* charged since, not yet in a record */
	uint64_t missing;	/* records that lack */
	bool ok;
};

static uint64_t record_ncr(const struct record *r)
{
	uint64_t sum = r->time_ncr;
	uint32_t i;

	for (i = 0; i < NR_ACT; i++)
		sum += r->used_ncr[i];
	return sum;
}

static struct sums reconcile(const struct record *r, size_t nr, const struct vm *vm)
{
	struct sums s = { .ok = true };
	size_t i, j;

	for (i = 0; i < nr; i++) {
		s.sum_ncr += record_ncr(&r[i]);
		for (j = 0; j < NR_ACT; j++)
			s.sum_used[j] += r[i].used[j];
		s.sum_waived_ncr += r[i].waived_ncr;
		if (i && r[i].first_seq != r[i - 1].seq + 1)
			s.missing += r[i].first_seq - r[i - 1].seq - 1;
	}
	if (nr) {
		const struct record *last = &r[nr - 1];

		s.opening_ncr = r->total_ncr - record_ncr(r);
		s.last_ncr = last->total_ncr;
		s.ok = !s.missing && s.opening_ncr + s.sum_ncr == last->total_ncr &&
		       r->total_waived_ncr - r->waived_ncr + s.sum_waived_ncr ==
				last->total_waived_ncr &&
		       last->total_ncr <= vm->charged_ncr;
		for (j = 0; j < NR_ACT; j++)
			if (r->total_used[j] - r->used[j] + s.sum_used[j] != last->total_used[j])
				s.ok = false;
		/* the first of all starts from nothing */
		if (r->first_seq == 1 && s.opening_ncr)
			s.ok = false;
		s.open_ncr = vm->charged_ncr - last->total_ncr;
	}
	return s;
}

static void json_record(const struct record *r)
{
	char name[32];
	uint32_t i;

	json_open(NULL, '{');
	json_u64("epoch", r->epoch);
	json_u64("vm_id", r->vm_id);
	json_u64("seq", r->seq);
	json_u64("first_seq", r->first_seq);
	json_u64("start_real_ns", r->start_real_ns);
	json_u64("end_real_ns", r->end_real_ns);
	json_u64("span_ns", r->span_ns);
	json_u64("price_ncr_h", r->price_ncr_h);
	for (i = 0; i < NR_ACT; i++)
		json_u64(resource_info[i].amount, r->used[i]);
	json_u64("time_ncr", r->time_ncr);
	for (i = 0; i < NR_ACT; i++) {
		snprintf(name, sizeof(name), "%s_ncr", resource_names[i]);
		json_u64(name, r->used_ncr[i]);
	}
	json_u64("waived_ncr", r->waived_ncr);
	json_u64("total_ncr", r->total_ncr);
	for (i = 0; i < NR_ACT; i++) {
		snprintf(name, sizeof(name), "total_%s", resource_info[i].amount);
		json_u64(name, r->total_used[i]);
	}
	json_u64("total_waived_ncr", r->total_waived_ncr);
	json_close('}');
}

static void print_json(const struct record *r, size_t nr, const struct vm *vm,
		       const struct sums *s)
{
	size_t i;

	json_open(NULL, '{');
	json_u64("vm_id", vm->id);
	json_open("records", '[');
	for (i = 0; i < nr; i++)
		json_record(&r[i]);
	json_close(']');
	json_open("reconciliation", '{');
	json_bool("ok", s->ok);
	json_u64("records", nr);
	json_u64("missing_records", s->missing);
	if (nr) {
		json_u64("opening_ncr", s->opening_ncr);
		json_u64("sum_ncr", s->sum_ncr);
		json_u64("total_ncr", s->last_ncr);
		json_u64("open_ncr", s->open_ncr);
	}
	json_u64("charged_ncr", vm->charged_ncr);
	json_close('}');
	json_close('}');
}

static const char * const csv_names[] = {
	"epoch", "vm_id", "seq", "first_seq", "start_real_ns", "end_real_ns", "span_ns",
	"price_ncr_h", "cpu_ns", "time_ncr", "cpu_ncr", "waived_ncr", "total_ncr",
	"total_cpu_ns", "total_waived_ncr",
	"memory_mib_ms", "memory_ncr", "total_memory_mib_ms",
	"network_bytes", "network_ncr", "total_network_bytes",
	"disk_cost_bytes", "disk_ncr", "total_disk_cost_bytes",
};

static void print_csv(const struct record *r, size_t nr)
{
	size_t i, j;

	csv_heads(csv_names, ARRAY_SIZE(csv_names));
	for (i = 0; i < nr; i++) {
		csv_u64(r[i].epoch);
		csv_u64(r[i].vm_id);
		csv_u64(r[i].seq);
		csv_u64(r[i].first_seq);
		csv_u64(r[i].start_real_ns);
		csv_u64(r[i].end_real_ns);
		csv_u64(r[i].span_ns);
		csv_u64(r[i].price_ncr_h);
		csv_u64(r[i].used[KVMETER_RESOURCE_CPU]);
		csv_u64(r[i].time_ncr);
		csv_u64(r[i].used_ncr[KVMETER_RESOURCE_CPU]);
		csv_u64(r[i].waived_ncr);
		csv_u64(r[i].total_ncr);
		csv_u64(r[i].total_used[KVMETER_RESOURCE_CPU]);
		csv_u64(r[i].total_waived_ncr);
		for (j = KVMETER_RESOURCE_MEMORY; j < NR_ACT; j++) {
			csv_u64(r[i].used[j]);
			csv_u64(r[i].used_ncr[j]);
			csv_u64(r[i].total_used[j]);
		}
		csv_row();
	}
}

static const struct column columns[] = {
	{ "SEQ", false, 0 }, { "START", true, 0 }, { "SPAN", false, 0 }, { "PRICE/h", false, 0 },
	{ "CPU", false, 0 }, { "FOR-TIME", false, 0 }, { "FOR-CPU", false, 0 },
	{ "FOR-MEMORY", false, 0 }, { "FOR-NETWORK", false, 0 }, { "FOR-DISK", false, 0 },
	{ "WAIVED", false, 0 }, { "TOTAL", false, 0 },
};

static void print_table(const struct record *r, size_t nr, const struct vm *vm,
			const struct sums *s)
{
	char a[FMT_LEN], b[FMT_LEN];
	size_t i, j;

	table_begin(columns, ARRAY_SIZE(columns));
	for (i = 0; i < nr; i++) {
		if (r[i].first_seq == r[i].seq)
			table_cell("%llu", (unsigned long long)r[i].seq);
		else
			table_cell("%llu-%llu", (unsigned long long)r[i].first_seq,
				   (unsigned long long)r[i].seq);
		table_cell("%s", fmt_time(a, r[i].start_real_ns));
		table_cell("%s", fmt_duration(a, r[i].span_ns));
		table_cell("%s", fmt_amount(a, r[i].price_ncr_h));
		table_cell("%s", fmt_duration(a, r[i].used[KVMETER_RESOURCE_CPU]));
		table_cell("%s", fmt_amount_whole(a, r[i].time_ncr));
		for (j = 0; j < NR_ACT; j++)
			table_cell("%s", fmt_amount_whole(a, r[i].used_ncr[j]));
		table_cell("%s", fmt_amount_whole(a, r[i].waived_ncr));
		table_cell("%s", fmt_amount_whole(a, r[i].total_ncr));
	}
	table_print();
	if (!nr) {
		printf("no record to reconcile; charged %s\n",
		       fmt_amount_whole(a, vm->charged_ncr));
		return;
	}
	printf("%s: opening %s", s->ok ? "reconciled" : "NOT RECONCILED",
	       fmt_amount_whole(a, s->opening_ncr));
	printf(" + %zu records %s %s total %s", nr, fmt_amount_whole(a, s->sum_ncr),
	       s->opening_ncr + s->sum_ncr == s->last_ncr ? "=" : "!=",
	       fmt_amount_whole(b, s->last_ncr));
	printf("; open %s; charged %s\n", fmt_amount_whole(a, s->open_ncr),
	       fmt_amount_whole(b, vm->charged_ncr));
}

static int show(struct vm *vm, uint64_t since, bool json, bool csv)
{
	struct record *records;
	struct sums s;
	size_t nr;
	int rc;

	rc = ipc_ledger(vm->id, since, &records, &nr);
	if (rc)
		return report(rc);
	/* read after the records, so that the charges cover them */
	rc = report(ipc_vm_get(vm->id, vm));
	if (!rc) {
		s = reconcile(records, nr, vm);
		if (json)
			print_json(records, nr, vm, &s);
		else if (csv)
			print_csv(records, nr);
		else
			print_table(records, nr, vm, &s);
		if (!s.ok) {
			error("the ledger of VM %u does not add up: %llu records are missing",
			      vm->id, (unsigned long long)s.missing);
			rc = EXIT_UNRECONCILED;
		}
	}
	free(records);
	return rc;
}

int ledger_main(int argc, char **argv)
{
	bool json = false, csv = false;
	uint64_t since = 0, ack = 0;
	const struct opt opts[] = {
		{ "since", 's', "SEQ", "only records after this number", OPT_U64, &since },
		{ "ack", 'a', "SEQ", "acknowledge records up to this number", OPT_U64, &ack },
		OPT_JSON(json), OPT_CSV(csv),
	};
	struct vm vm;
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, 1);
	rc = vm_open(argv[0], &vm);
	if (rc)
		return rc;
	if (ack)
		return report(ipc_ledger_ack(vm.id, ack));
	return show(&vm, since, json, csv);
}
