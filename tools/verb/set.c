// SPDX-License-Identifier: GPL-2.0
/* budget, policy, tariff: without options they show, with options they set what was given. */
#include <string.h>

#include "cli/opt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "show/json_settings.h"
#include "show/json_vm.h"
#include "show/print.h"
#include "verb/verb.h"
#include "verb/vm.h"

enum what {
	WHAT_BUDGET,
	WHAT_POLICY,
	WHAT_TARIFF,
};

static void show(enum what what, const struct kmc_policy *p, uint32_t r, const struct kmc_tariff *t,
		 const struct budget *b, bool state, bool json)
{
	switch (what) {
	case WHAT_BUDGET:
		if (json)
			json_budget(NULL, b, state);
		else
			print_budget(b, state);
		break;
	case WHAT_POLICY:
		if (json)
			json_policies(NULL, p);
		else
			print_policies(p, r);
		break;
	case WHAT_TARIFF:
		if (json)
			json_tariff(NULL, t);
		else
			print_tariff(t);
		break;
	}
}

/* show or change the defaults; with --json also what came of a change */
static int run_default(enum what what, const struct changes *changes, uint32_t r, bool json)
{
	struct host host;
	int rc = EXIT_OK;

	if (changes->nr)
		rc = ipc_host_set(changes);
	if (!rc && (!changes->nr || json))
		rc = ipc_host_get(&host);
	if (rc)
		return report(rc);
	if (!changes->nr || json)
		show(what, host.policy, r, &host.tariff, &host.budget, false, json);
	return EXIT_OK;
}

/* the same of one VM */
static int run(enum what what, const char *whose, const struct changes *changes, uint32_t r,
	       bool json)
{
	struct vm vm;
	int rc;

	rc = module_open();
	if (rc)
		return rc;
	if (!strcmp(whose, "default"))
		return run_default(what, changes, r, json);
	rc = vm_open(whose, &vm);
	if (rc)
		return rc;
	if (changes->nr) {
		rc = ipc_vm_set(vm.id, changes);
		if (!rc && json)
			rc = ipc_vm_get(vm.id, &vm);
		if (rc || !json)
			return report(rc);
	}
	show(what, vm.policy, r, &vm.tariff, &vm.budget, true, json);
	return EXIT_OK;
}

#define BUDGET_OPT(attr, help)	opt_set(IN_BUDGET, KVMETER_A_BUDGET_##attr, 0, 0, help)

int budget_main(int argc, char **argv)
{
	struct changes changes = { .nr = 0 };
	bool json = false;
	const struct opt opts[] = {
		BUDGET_OPT(CAP_NCR, "charges allowed per budget period"),
		BUDGET_OPT(PERIOD_S, "length of a budget period, 0: one that never ends"),
		BUDGET_OPT(ACTION, "what happens at the cap"),
		BUDGET_OPT(PACE, "spread what is left over the time left"),
		OPT_JSON(json),
	};

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), &changes, 1, 1);
	return run(WHAT_BUDGET, argv[0], &changes, NR_ACT, json);
}

#define POLICY_OPT(attr, help)	opt_set(IN_POLICY, KVMETER_A_POLICY_##attr, 0, 0, help)

static int policy_resource(const char *name)
{
	int r = resource_by_name(name);

	if (r < 0 || r >= NR_ACT)
		usage_error("--resource %s: must be cpu, memory, network or disk", name);
	return r;
}

/* in the resource's unit: bp of the vCPUs' time, MiB, KiB/s */
static void policy_nominal(struct changes *changes, int r, const char *s)
{
	bool is_share = r == NR_ACT || r == KVMETER_RESOURCE_CPU;
	struct change c = { .place = IN_POLICY, .typed = s };
	const char *why;

	c.attr = is_share ? KVMETER_A_POLICY_NOMINAL_BP : KVMETER_A_POLICY_NOMINAL;
	c.setting = setting_by_attr(IN_POLICY, c.attr, 0);
	c.unit = is_share ? UNIT_BP : r == KVMETER_RESOURCE_MEMORY ? UNIT_MIB : UNIT_KIB;
	why = unit_parse(c.unit, s, &c.value);
	if (!why && is_share && c.value > UINT32_MAX)
		why = "too large";
	if (why)
		usage_error("--nominal %s: %s%s", s, why,
			    r == NR_ACT ? " (another resource: --resource)" : "");
	change_add(changes, &c);
}

static void policy_mode(struct changes *changes, const char *name)
{
	const char *why;
	uint64_t mode;

	why = unit_parse(UNIT_MODE, name, &mode);
	if (why)
		usage_error("%s: %s", name, why);
	change_set(changes, IN_POLICY, setting_by_attr(IN_POLICY, KVMETER_A_POLICY_MODE, 0), mode,
		   name);
}

int policy_main(int argc, char **argv)
{
	const char *resource = NULL, *nominal = NULL;
	struct changes changes = { .nr = 0 };
	bool json = false;
	const struct opt opts[] = {
		POLICY_OPT(THRESHOLD_MBIT, "surprise that makes an alarm"),
		POLICY_OPT(SENSITIVITY_MBIT, "surprise that moves a grant by its whole"),
		POLICY_OPT(FLOOR_BP, "smallest grant"),
		POLICY_OPT(CEILING_BP, "largest grant"),
		POLICY_OPT(STEP_BP, "largest change per period"),
		POLICY_OPT(DEAD_BAND_BP, "smallest change worth an adjustment"),
		POLICY_OPT(DWELL_MS, "shortest time between opposite adjustments"),
		POLICY_OPT(HALF_LIFE_S, "half-life of what is learned"),
		{ "resource", 'r', "RESOURCE", "whose policy; else all that are adjusted", OPT_STR,
		  &resource },
		{ "nominal", 0, "SHARE|SIZE", "what a 100% grant is: vCPU time, memory, bytes/s",
		  OPT_STR, &nominal },
		POLICY_OPT(FOLLOW, "whose surprising rises to follow, too"),
		POLICY_OPT(SHADOW, "under observe, whose decisions to log"),
		POLICY_OPT(CONTENDED_ONLY, "guard only while others wait for CPU"),
		OPT_JSON(json),
	};
	struct change of = { .place = IN_POLICY, .attr = KVMETER_A_POLICY_RESOURCE };
	int n, r = NR_ACT;

	n = opts_parse(argc, argv, opts, ARRAY_SIZE(opts), &changes, 1, 2);
	if (resource)
		r = policy_resource(resource);
	if (nominal)
		policy_nominal(&changes, r, nominal);
	if (n == 2)
		policy_mode(&changes, argv[1]);
	if (resource && changes.nr) {
		of.value = r;
		change_add(&changes, &of);
	}
	return run(WHAT_POLICY, argv[0], &changes, r, json);
}

#define TARIFF_OPT(attr, help)	opt_set(IN_TARIFF, KVMETER_A_TARIFF_##attr, 0, 0, help)
#define TARIFF_OPT_OF(res, attr, help)	\
	opt_set(IN_TARIFF, KVMETER_A_TARIFF_##attr, KVMETER_RESOURCE_##res, 0, help)
#define COST_OPT(res)	TARIFF_OPT_OF(res, COST, "price per hour of one whole grant of it")

int tariff_main(int argc, char **argv)
{
	struct changes changes = { .nr = 0 };
	bool json = false;
	const struct opt opts[] = {
		TARIFF_OPT(BASE_NCR_H, "price per hour with every grant nominal"),
		TARIFF_OPT(FLOOR_NCR_H, "lowest price per hour"),
		TARIFF_OPT(CEILING_NCR_H, "highest price per hour"),
		TARIFF_OPT(SLEW_NCR_H_MIN, "largest change of the price per minute, 0: any"),
		TARIFF_OPT(NOTICE_MS, "a rise takes effect so much later"),
		COST_OPT(CPU), COST_OPT(MEMORY), COST_OPT(NETWORK), COST_OPT(DISK),
		TARIFF_OPT_OF(CPU, CPU_NCR_H, "price of a vCPU-hour used"),
		TARIFF_OPT_OF(MEMORY, MEMORY_NCR_GIB_H, "price of a GiB-hour resident"),
		TARIFF_OPT_OF(NETWORK, NETWORK_NCR_GIB, "price of a GiB sent or received"),
		TARIFF_OPT_OF(DISK, DISK_NCR_GIB, "price of a GiB read or written, by cost"),
		OPT_JSON(json),
	};

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), &changes, 1, 1);
	return run(WHAT_TARIFF, argv[0], &changes, NR_ACT, json);
}
