// SPDX-License-Identifier: GPL-2.0
/* budget, policy, tariff: without options they show, with options they set what was given. */
#include <string.h>

#include "verb/verb.h"
#include "show/print.h"

enum what {
	WHAT_BUDGET,
	WHAT_POLICY,
	WHAT_TARIFF,
};

static void show(enum what what, const struct policy *p, uint32_t r, const struct tariff *t,
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

/* show or change one VM, or the defaults; with --json also what came of a change */
static int run(enum what what, const char *whose, const struct changes *changes, uint32_t r,
	       bool json)
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
			show(what, host.policy, r, &host.tariff, &host.budget, false, json);
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
	show(what, vm.policy, r, &vm.tariff, &vm.budget, true, json);
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
	return run(WHAT_BUDGET, argv[0], &changes, NR_ACT, json);
}

#define POLICY_OPT(name, arg, help, kind, attr)	\
	{ name, 0, arg, help, kind, NULL, TO_POLICY, KVMETER_A_POLICY_##attr }

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
	unsigned int shift = r == KVMETER_RESOURCE_MEMORY ? 20 : 10;
	const char *why;
	uint64_t v;

	if (r == NR_ACT || r == KVMETER_RESOURCE_CPU) {
		why = parse_percent(s, &v);
		if (why || v > UINT32_MAX)
			usage_error("--nominal %s: %s%s", s, why ? why : "too large",
				    r == NR_ACT ? " (another resource: --resource)" : "");
		change_add(changes, TO_POLICY, KVMETER_A_POLICY_NOMINAL_BP, CHANGE_U32, v, NULL);
		return;
	}
	why = parse_size(s, &v);
	if (!why && v & ((1ULL << shift) - 1))
		why = r == KVMETER_RESOURCE_MEMORY ? "must be whole MiB" : "must be whole KiB/s";
	if (why)
		usage_error("--nominal %s: %s", s, why);
	change_add(changes, TO_POLICY, KVMETER_A_POLICY_NOMINAL, CHANGE_U64, v >> shift, NULL);
}

int policy_main(int argc, char **argv)
{
	const char *resource = NULL, *nominal = NULL;
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
		{ "resource", 'r', "RESOURCE", "whose policy; else all that are adjusted", OPT_STR,
		  &resource, 0, 0 },
		{ "nominal", 0, "SHARE|SIZE", "what a 100% grant is: vCPU time, memory, bytes/s",
		  OPT_STR, &nominal, 0, 0 },
		POLICY_OPT("follow", "RESOURCES", "whose surprising rises to follow, too",
			   OPT_SET_RESOURCES, FOLLOW),
		POLICY_OPT("shadow", "MODE", "under observe, whose decisions to log", OPT_SET_MODE,
			   SHADOW),
		POLICY_OPT("contended-only", "on|off", "guard only while others wait for CPU",
			   OPT_SET_ONOFF, CONTENDED_ONLY),
		OPT_JSON(json),
	};
	int mode, n, r = NR_ACT;

	n = opts_parse(argc, argv, opts, ARRAY_SIZE(opts), &changes, 1, 2);
	if (resource)
		r = policy_resource(resource);
	if (nominal)
		policy_nominal(&changes, r, nominal);
	if (n == 2) {
		mode = mode_by_name(argv[1]);
		if (mode < 0)
			usage_error("%s: must be observe, elastic or guard", argv[1]);
		change_add(&changes, TO_POLICY, KVMETER_A_POLICY_MODE, CHANGE_U32, mode, NULL);
	}
	if (resource && changes.nr)
		change_add(&changes, TO_POLICY, KVMETER_A_POLICY_RESOURCE, CHANGE_U32, r, NULL);
	return run(WHAT_POLICY, argv[0], &changes, r, json);
}

#define TARIFF_OPT(name, arg, help, kind, attr)	\
	{ name, 0, arg, help, kind, NULL, TO_TARIFF, KVMETER_A_TARIFF_##attr }

#define COST_OPT(name, resource)	\
	{ name, 0, "AMOUNT", "price per hour of one whole grant of it", OPT_SET_AMOUNT, NULL,	\
	  TO_COST, KVMETER_RESOURCE_##resource }

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
		COST_OPT("cost-cpu", CPU), COST_OPT("cost-memory", MEMORY),
		COST_OPT("cost-network", NETWORK), COST_OPT("cost-disk", DISK),
		TARIFF_OPT("cpu", "AMOUNT", "price of a vCPU-hour used", OPT_SET_AMOUNT, CPU_NCR_H),
		TARIFF_OPT("memory", "AMOUNT", "price of a GiB-hour resident", OPT_SET_AMOUNT,
			   MEMORY_NCR_GIB_H),
		TARIFF_OPT("network", "AMOUNT", "price of a GiB sent or received", OPT_SET_AMOUNT,
			   NETWORK_NCR_GIB),
		TARIFF_OPT("disk", "AMOUNT", "price of a GiB read or written, by cost",
			   OPT_SET_AMOUNT, DISK_NCR_GIB),
		OPT_JSON(json),
	};

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), &changes, 1, 1);
	return run(WHAT_TARIFF, argv[0], &changes, NR_ACT, json);
}
