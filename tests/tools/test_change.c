// SPDX-License-Identifier: GPL-2.0
/*
 * A refusal speaks of what was typed: of the option, the value and the unit.
 * The texts are those of the core, which refuses the value.
 */
#include "cli/change.h"

#include <stdio.h>
#include <string.h>

#include <linux/kvmeter_nl.h>

#include "check.h"
#include "data/host.h"
#include "data/names.h"
#include "policy.h"

/* what the core is asked, with all that it checks at its defaults otherwise */
static struct {
	struct kmc_policy policy;
	struct kmc_tariff tariff;
	struct kmc_budget_conf budget;
} conf;

static void *place_conf(enum place place)
{
	switch (place) {
	case IN_POLICY:
		return &conf.policy;
	case IN_TARIFF:
		return &conf.tariff;
	default:
		return &conf.budget;
	}
}

static const char *core_says(enum place place, uint32_t resource)
{
	switch (place) {
	case IN_POLICY:
		return kmc_policy_check(resource, &conf.policy);
	case IN_TARIFF:
		return kmc_tariff_check(&conf.tariff);
	default:
		return kmc_budget_check(&conf.budget);
	}
}

static void take(struct changes *changes, enum place place, const char *option, const char *typed,
		 uint32_t resource)
{
	struct change c = { .place = place, .typed = typed };
	bool is_share = resource == KVMETER_RESOURCE_CPU, is_cpu_row;
	const struct setting *s;

	for_each_setting(s, place) {
		if (!s->option || strcmp(s->option, option))
			continue;
		/* as the policy verb does: cpu's is a share, others' are amounts */
		is_cpu_row = s->attr == KVMETER_A_POLICY_NOMINAL_BP;
		if (!strcmp(option, "nominal") && is_cpu_row != is_share)
			continue;
		c.attr = s->attr;
		c.setting = s;
		c.unit = s->unit == UNIT_MIB && resource == KVMETER_RESOURCE_NETWORK ? UNIT_KIB :
			 s->unit;
		check(!unit_parse(c.unit, typed, &c.value), option, typed, "no value");
		setting_put(s, place_conf(place), c.value);
		change_add(changes, &c);
		return;
	}
	check(false, "option", option, "none");
}

static const struct {
	enum place place;
	uint32_t resource;
	const char *typed[4];	/* option, value, option, value */
	const char *text;
} refused[] = {
	{ IN_POLICY, 0, { "floor", "150%" }, "--floor 150%: must be 1% to 100%" },
	{ IN_POLICY, 0, { "floor", "0.5" }, "--floor 0.5: must be 1% to 100%" },
	{ IN_POLICY, 0, { "floor", "15000bp" }, "--floor 15000bp: must be 100bp to 10000bp" },
	{ IN_POLICY, 0, { "ceiling", "50%" }, "--ceiling 50%: must be 100% to 1000%" },
	{ IN_POLICY, 0, { "step", "2000%" }, "--step 2000%: must be 0.01% to 1000%" },
	{ IN_POLICY, 0, { "dead-band", "200%" }, "--dead-band 200%: must be 0% to 100%" },
	{ IN_POLICY, 0, { "step", "1%", "dead-band", "2%" },
	  "--step 1%: must not be below --dead-band 2%" },
	{ IN_POLICY, 0, { "dead-band", "90%" }, "--step must not be below --dead-band 90%" },
	{ IN_POLICY, 0, { "threshold", "0.5" }, "--threshold 0.5: must be 1 to 30" },
	{ IN_POLICY, 0, { "threshold", "500mbit" },
	  "--threshold 500mbit: must be 1000mbit to 30000mbit" },
	{ IN_POLICY, 0, { "sensitivity", "2000bits" },
	  "--sensitivity 2000bits: must be 0.1bits to 1000bits" },
	{ IN_POLICY, 0, { "dwell", "2h" }, "--dwell 2h: must be 0 to 1h" },
	{ IN_POLICY, 0, { "half-life", "40d" }, "--half-life 40d: must be 1s to 30d" },
	{ IN_POLICY, 0, { "nominal", "150%" }, "--nominal 150%: must be 1% to 100%" },
	{ IN_POLICY, 1, { "nominal", "20T" }, "--nominal 20T: must be 0 to 16TiB" },
	{ IN_POLICY, 2, { "nominal", "20G" }, "--nominal 20G: must be 0 to 16GiB" },
	{ IN_TARIFF, 0, { "ceiling", "2000000" }, "--ceiling 2000000: must be 0 to 1000000" },
	{ IN_TARIFF, 0, { "ceiling", "2000000cr" },
	  "--ceiling 2000000cr: must be 0cr to 1000000cr" },
	{ IN_TARIFF, 0, { "slew", "2000000000000000ncr" },
	  "--slew 2000000000000000ncr: must be 0ncr to 1000000000000000ncr" },
	{ IN_TARIFF, 0, { "base", "5", "ceiling", "4" },
	  "--base 5: must not be above --ceiling 4" },
	{ IN_TARIFF, 0, { "ceiling", "0.5" }, "--base must not be above --ceiling 0.5" },
	{ IN_TARIFF, 0, { "floor", "2", "base", "1" }, "--floor 2: must not be above --base 1" },
	{ IN_TARIFF, 0, { "notice", "90m" }, "--notice 90m: must be 0 to 1h" },
	{ IN_TARIFF, 0, { "cost-cpu", "1", "cost-disk", "2000000" },
	  "--cost-disk 2000000: must be 0 to 1000000" },
	{ IN_TARIFF, 0, { "memory", "2000000" }, "--memory 2000000: must be 0 to 1000000" },
	{ IN_BUDGET, 0, { "cap", "2000000" }, "--cap 2000000: must be 0 to 1000000, or none" },
	{ IN_BUDGET, 0, { "pace", "on", "cap", "none" },
	  "--pace on: needs --cap none and --period" },
	{ IN_BUDGET, 0, { "period", "400d" }, "--period 400d: must be 0 to 366d" },
	{ IN_BUDGET, 0, { "pace", "on" }, "--pace on: needs --cap and --period" },
	{ IN_BUDGET, 0, { "pace", "on", "period", "1h" },
	  "--pace on: needs --cap and --period 1h" },
};

static void test_refusals(void)
{
	char in[64], text[256];
	size_t i, k;

	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const char * const *typed = refused[i].typed;
		enum place place = refused[i].place;
		struct changes changes = { .nr = 0 };
		const char *why;

		kmc_policy_default(&conf.policy);
		kmc_tariff_default(&conf.tariff);
		kmc_budget_default(&conf.budget);
		for (k = 0; k < 4 && typed[k]; k += 2)
			take(&changes, place, typed[k], typed[k + 1], refused[i].resource);
		snprintf(in, sizeof(in), "%s %s", typed[0], typed[1]);
		why = core_says(place, refused[i].resource);
		check(why, "is refused", in, "taken");
		snprintf(text, sizeof(text), "not explained");
		check(why && changes_explain(&changes, why, text, sizeof(text)) &&
		      !strcmp(text, refused[i].text), "explained", in, text);
	}
}

/* of the host, whose texts are not the core's */
static void test_host(void)
{
	const struct setting *s = setting_by_attr(IN_HOST, KVMETER_A_HOST_PERIOD_NS, 0);
	struct changes changes = { .nr = 0 };
	char text[256] = "";

	change_set(&changes, IN_HOST, s, 5000000, "5ms");
	changes_explain(&changes, "period_ns must be 10000000 (10 ms) to 10000000000 (10 s)", text,
			sizeof(text));
	check(!strcmp(text, "--period 5ms: must be 10ms to 10s"), "explained", "5ms", text);
	/* what speaks of no setting is left as it is, and so is a text about another place */
	check(!changes_explain(&changes, "the VM is gone", text, sizeof(text)), "explained",
	      "the VM is gone", text);
	check(!changes_explain(&changes, "floor_bp must be 100 to 10000", text, sizeof(text)),
	      "explained", "floor_bp", text);
	check(!changes_explain(&changes, "", text, sizeof(text)), "explained", "", text);
	/* a text that does not fit is cut off */
	check(changes_explain(&changes, "period_ns must be 10000000", text, 12) &&
	      !strcmp(text, "--period 5m"), "cut off", "12", text);
}

/* each value is typed again as it was formatted, whatever the way of writing */
static void test_round_trip(void)
{
	static const struct {
		enum unit unit;
		const char *like[4];
	} units[] = {
		{ UNIT_NCR, { "1", "1cr", "1ncr" } }, { UNIT_CAP, { "1", "none", "1ncr" } },
		{ UNIT_BP, { "1", "1%", "1bp" } }, { UNIT_MBIT, { "1", "1bits", "1mbit" } },
		{ UNIT_NS, { "1s" } }, { UNIT_MS, { "1s" } }, { UNIT_S, { "1s" } },
		{ UNIT_MIB, { "1M" } }, { UNIT_KIB, { "1K" } },
	};
	uint64_t v = 1, back;
	char buf[64];
	size_t i, k;
	int n;

	for (n = 0; n < 500; n++) {
		v = (v * 6364136223846793005ULL + 1442695040888963407ULL);
		for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
			for (k = 0; units[i].like[k]; k++) {
				uint64_t want = (v >> 33) >> n % 31;

				unit_fmt(buf, units[i].unit, want, units[i].like[k]);
				check(!unit_parse(units[i].unit, buf, &back) && back == want,
				      "typed again", units[i].like[k], buf);
			}
		}
	}
}

int main(void)
{
	test_refusals();
	test_host();
	test_round_trip();
	return check_end();
}
