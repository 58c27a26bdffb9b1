// SPDX-License-Identifier: GPL-2.0
/* budget, policy, tariff: without options they show, with options they set what was given. */
#include <string.h>

#include "subcommands.h"
#include "tool.h"

enum what {
	WHAT_BUDGET,
	WHAT_POLICY,
	WHAT_TARIFF,
};

static void show(enum what what, const struct policy *p, const struct tariff *t,
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
			json_policy(NULL, p);
		else
			print_policy(p);
		break;
	case WHAT_TARIFF:
		if (json)
			json_tariff(NULL, t);
		else
			print_tariff(t);
		break;
	}
}

/* show or change one VM, or the defaults; with --json also what came of a change */
static int run(enum what what, const char *whose, const struct changes *changes, bool json)
{
	struct host host;
	struct vm vm;
	int rc;

	rc = ipc_open();
	if (rc)
		return rc;
	if (!strcmp(whose, "default")) {
		if (changes->nr)
			rc = ipc_host_set(changes);
		if (!rc && (!changes->nr || json))
			rc = ipc_host_get(&host);
		if (!rc && (!changes->nr || json))
			show(what, &host.policy, &host.tariff, &host.budget, false, json);
		return rc;
	}
	rc = ipc_vm_find(whose, &vm);
	if (rc)
		return rc;
	if (changes->nr) {
		rc = ipc_vm_set(vm.id, changes);
		if (!rc && json)
			rc = ipc_vm_get(vm.id, &vm);
		if (rc || !json)
			return rc;
	}
	show(what, &vm.policy, &vm.tariff, &vm.budget, true, json);
	return EXIT_OK;
}

int budget_main(int argc, char **argv)
{
	struct changes changes = { .nr = 0 };
	bool json = false;
	const struct opt opts[] = {
		{ "cap", 0, "AMOUNT|none", "charges allowed per budget period", OPT_SET_CAP, NULL,
		  TO_BUDGET, KVMETER_A_BUDGET_CAP_NCR },
		{ "period", 0, "TIME", "length of a budget period, 0: one that never ends",
		  OPT_SET_S, NULL, TO_BUDGET, KVMETER_A_BUDGET_PERIOD_S },
		{ "action", 0, "floor|pause", "what happens at the cap", OPT_SET_ACTION, NULL,
		  TO_BUDGET, KVMETER_A_BUDGET_ACTION },
		{ "pace", 0, "on|off", "spread what is left over the time left", OPT_SET_ONOFF,
		  NULL, TO_BUDGET, KVMETER_A_BUDGET_PACE },
		OPT_JSON(json),
	};

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), &changes, 1, 1);
	return run(WHAT_BUDGET, argv[0], &changes, json);
}

#define POLICY_OPT(name, arg, help, kind, attr)	\
	{ name, 0, arg, help, kind, NULL, TO_POLICY, KVMETER_A_POLICY_##attr }

int policy_main(int argc, char **argv)
{
	struct changes changes = { .nr = 0 };
	bool json = false;
	const struct opt opts[] = {
		POLICY_OPT("threshold", "BITS", "surprise that makes an alarm", OPT_SET_BITS,
			   THRESHOLD_MBIT),
		POLICY_OPT("sensitivity", "BITS", "surprise that moves a grant by its whole",
			   OPT_SET_BITS, SENSITIVITY_MBIT),
		POLICY_OPT("floor", "SHARE", "smallest grant", OPT_SET_PERCENT, FLOOR_BP),
		POLICY_OPT("ceiling", "SHARE", "largest grant", OPT_SET_PERCENT, CEILING_BP),
		POLICY_OPT("step", "SHARE", "largest change per period", OPT_SET_PERCENT, STEP_BP),
		POLICY_OPT("dead-band", "SHARE", "smallest change worth an adjustment",
			   OPT_SET_PERCENT, DEAD_BAND_BP),
		POLICY_OPT("dwell", "TIME", "shortest time between opposite adjustments",
			   OPT_SET_MS, DWELL_MS),
		POLICY_OPT("half-life", "TIME", "half-life of what is learned", OPT_SET_S,
			   HALF_LIFE_S),
		POLICY_OPT("nominal", "SHARE", "vCPU time that a 100% grant stands for",
			   OPT_SET_PERCENT, NOMINAL_BP),
		POLICY_OPT("shadow", "MODE", "under observe, whose decisions to log", OPT_SET_MODE,
			   SHADOW),
		POLICY_OPT("contended-only", "on|off", "guard only while others wait for CPU",
			   OPT_SET_ONOFF, CONTENDED_ONLY),
		OPT_JSON(json),
	};
	int mode, n;

	n = opts_parse(argc, argv, opts, ARRAY_SIZE(opts), &changes, 1, 2);
	if (n == 2) {
		mode = mode_by_name(argv[1]);
		if (mode < 0)
			usage_error("%s: must be observe, elastic or guard", argv[1]);
		change_add(&changes, TO_POLICY, KVMETER_A_POLICY_MODE, CHANGE_U32, mode, NULL);
	}
	return run(WHAT_POLICY, argv[0], &changes, json);
}

#define TARIFF_OPT(name, arg, help, kind, attr)	\
	{ name, 0, arg, help, kind, NULL, TO_TARIFF, KVMETER_A_TARIFF_##attr }

int tariff_main(int argc, char **argv)
{
	struct changes changes = { .nr = 0 };
	bool json = false;
	const struct opt opts[] = {
		TARIFF_OPT("base", "AMOUNT", "price per hour with every grant nominal",
			   OPT_SET_AMOUNT, BASE_NCR_H),
		TARIFF_OPT("floor", "AMOUNT", "lowest price per hour", OPT_SET_AMOUNT, FLOOR_NCR_H),
		TARIFF_OPT("ceiling", "AMOUNT", "highest price per hour", OPT_SET_AMOUNT,
			   CEILING_NCR_H),
		TARIFF_OPT("slew", "AMOUNT", "largest change of the price per minute, 0: any",
			   OPT_SET_AMOUNT, SLEW_NCR_H_MIN),
		TARIFF_OPT("notice", "TIME", "a rise takes effect so much later", OPT_SET_MS,
			   NOTICE_MS),
		{ "cost-cpu", 0, "AMOUNT", "price per hour of one whole grant of CPU",
		  OPT_SET_AMOUNT, NULL, TO_COST, KVMETER_RESOURCE_CPU },
		TARIFF_OPT("cpu", "AMOUNT", "price of a vCPU-hour used", OPT_SET_AMOUNT, CPU_NCR_H),
		OPT_JSON(json),
	};

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), &changes, 1, 1);
	return run(WHAT_TARIFF, argv[0], &changes, json);
}
