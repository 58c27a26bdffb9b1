// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "cli/opt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "show/csv.h"
#include "show/json.h"
#include "show/json_log.h"
#include "show/print.h"
#include "verb/follow.h"
#include "verb/verb.h"
#include "verb/vm.h"

static const char * const csv_names[] = {
	"seq", "epoch", "vm_id", "real_ns", "resource", "reason", "mode", "would", "enforced",
	"old_grant_bp", "new_grant_bp", "factor_bp", "threshold_mbit", "surprise_mbit",
	"usage_bp", "demand_bp", "predicted_bp", "p99_bp", "old_ncr_h", "new_ncr_h",
	"effective_real_ns",
};

static void print_csv(const struct adjustment *log, size_t nr)
{
	size_t i;

	csv_heads(csv_names, ARRAY_SIZE(csv_names));
	for (i = 0; i < nr; i++) {
		const struct adjustment *a = &log[i];

		csv_u64(a->seq);
		csv_u64(a->epoch);
		csv_u64(a->vm_id);
		csv_u64(a->real_ns);
		csv_cell(RESOURCE_NAME(a->resource));
		csv_cell(REASON_NAME(a->reason));
		csv_cell(MODE_NAME(a->mode));
		csv_u64(a->would);
		csv_u64(a->enforced);
		csv_u64(a->old_grant_bp);
		csv_u64(a->new_grant_bp);
		csv_u64(a->factor_bp);
		csv_u64(a->threshold_mbit);
		csv_u64(a->surprise_mbit);
		csv_u64(a->usage_bp);
		csv_u64(a->demand_bp);
		csv_u64(a->predicted_bp);
		csv_u64(a->p99_bp);
		csv_u64(a->old_ncr_h);
		csv_u64(a->new_ncr_h);
		csv_u64(a->effective_real_ns);
		csv_row();
	}
}

static void print_json(const struct adjustment *log, size_t nr, bool lines)
{
	size_t i;

	if (!lines)
		json_open(NULL, '[');
	for (i = 0; i < nr; i++) {
		json_open(NULL, '{');
		json_adjustment_fields(&log[i]);
		json_close('}');
	}
	if (!lines)
		json_close(']');
}

static int show(struct follow *w, bool follow, bool csv)
{
	struct adjustment *log;
	size_t nr, i;
	int rc;

	rc = ipc_log(w->vm_id, w->last_adjustment, &log, &nr);
	if (rc)
		return report(rc);
	if (w->json)
		print_json(log, nr, follow);
	else if (csv)
		print_csv(log, nr);
	else
		for (i = 0; i < nr; i++)
			print_adjustment(&log[i]);
	if (nr)
		w->last_adjustment = log[nr - 1].seq;
	free(log);
	return EXIT_OK;
}

int log_main(int argc, char **argv)
{
	struct follow w = { .vm_id = ALL_VMS, .groups = 1U << GROUP_ADJUST };
	bool follow = false, csv = false;
	const struct opt opts[] = {
		{ "since", 's', "SEQ", "only adjustments after this number", OPT_U64,
		  &w.last_adjustment },
		{ "follow", 'f', NULL, "go on with those to come", OPT_FLAG, &follow },
		OPT_JSON(w.json), OPT_CSV(csv),
	};
	struct vm vm;
	int rc, n;

	n = opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 1);
	if (follow && csv)
		usage_error("--csv cannot follow");
	rc = ipc_open();
	if (!rc && n) {
		rc = ipc_vm_find(argv[0], &vm);
		w.vm_id = vm.id;
	}
	/* listen first, so that nothing falls between the log and the notices */
	if (!rc && follow)
		rc = ipc_watch(w.groups);
	if (rc)
		return report(rc);
	rc = show(&w, follow, csv);
	return rc || !follow ? rc : follow_notices(&w);
}
