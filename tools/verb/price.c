// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "cli/opt.h"
#include "data/fmt.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/json_log.h"
#include "show/table.h"
#include "show/value.h"
#include "verb/verb.h"
#include "verb/vm.h"

static const struct column columns[] = {
	{ "SEQ", false, 0 }, { "ANNOUNCED", true, 0 }, { "EFFECTIVE", true, 0 },
	{ "OLD/h", false, 0 }, { "NEW/h", false, 0 }, { "ADJUSTMENT", false, 0 },
};

static void print_history(const struct price_change *p, size_t nr)
{
	char buf[FMT_LEN];
	size_t i;

	table_begin(columns, ARRAY_SIZE(columns));
	for (i = 0; i < nr; i++) {
		table_cell("%llu", (unsigned long long)p[i].seq);
		table_cell("%s", fmt_time(buf, p[i].real_ns));
		table_cell("%s", fmt_time(buf, p[i].effective_real_ns));
		table_cell("%s", fmt_amount(buf, p[i].old_ncr_h));
		table_cell("%s", fmt_amount(buf, p[i].new_ncr_h));
		if (p[i].adjustment_seq)
			table_cell("#%llu", (unsigned long long)p[i].adjustment_seq);
		else
			table_cell("-");
	}
	table_print();
}

static int show_history(const struct vm *vm, uint64_t since, bool json)
{
	struct price_change *p;
	size_t nr, i;
	int rc;

	rc = ipc_prices(vm->id, since, &p, &nr);
	if (rc)
		return report(rc);
	if (json) {
		json_open(NULL, '[');
		for (i = 0; i < nr; i++) {
			json_open(NULL, '{');
			json_price_fields(&p[i]);
			json_close('}');
		}
		json_close(']');
	} else {
		print_history(p, nr);
	}
	free(p);
	return EXIT_OK;
}

static void show_price(const struct vm *vm, bool json)
{
	char a[FMT_LEN], b[FMT_LEN];

	if (json) {
		json_open(NULL, '{');
		json_u64("vm_id", vm->id);
		json_u64("price_ncr_h", vm->price_ncr_h);
		if (vm->pending_real_ns) {
			json_u64("pending_ncr_h", vm->pending_ncr_h);
			json_u64("pending_real_ns", vm->pending_real_ns);
		}
		json_u64("charged_ncr", vm->charged_ncr);
		json_u64("waived_ncr", vm->waived_ncr);
		json_close('}');
		return;
	}
	printf("%s", fmt_price(a, vm->price_ncr_h));
	if (vm->pending_real_ns)
		printf(", %s from %s", fmt_price(a, vm->pending_ncr_h),
		       fmt_time(b, vm->pending_real_ns));
	putchar('\n');
}

int price_main(int argc, char **argv)
{
	bool history = false, json = false;
	uint64_t since = 0;
	const struct opt opts[] = {
		{ "history", 'H', NULL, "show the changes that are kept", OPT_FLAG, &history },
		{ "since", 's', "SEQ", "only changes after this number", OPT_U64, &since },
		OPT_JSON(json),
	};
	struct vm vm;
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, 1);
	rc = vm_open(argv[0], &vm);
	if (rc)
		return rc;
	if (history || since)
		return show_history(&vm, since, json);
	show_price(&vm, json);
	return EXIT_OK;
}
