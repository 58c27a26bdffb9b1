// SPDX-License-Identifier: GPL-2.0
/* What the module sends is what the tool has: all devices, each setting in its place. */
#include "ipc/read_vm.h"

#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/kvmeter_nl.h>

#include "check.h"
#include "data/settings.h"

static char buf[1 << 16];

static struct nlmsghdr *message(void)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = NLMSG_MIN_TYPE;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	return nlh;
}

static void put_nics(struct nlmsghdr *nlh, uint32_t nr)
{
	char name[16];
	uint32_t i;

	for (i = 1; i <= nr; i++) {
		struct nlattr *nest = mnl_attr_nest_start(nlh, KVMETER_A_VM_NIC);

		snprintf(name, sizeof(name), "tap%u", i);
		mnl_attr_put_strz(nlh, KVMETER_A_NIC_NAME, name);
		mnl_attr_put_u32(nlh, KVMETER_A_NIC_IFINDEX, i);
		mnl_attr_put_u64(nlh, KVMETER_A_NIC_IN_BYTES, 1000 + i);
		mnl_attr_nest_end(nlh, nest);
	}
}

/* as many as the module binds to a VM; what a newer one may send beyond them does no harm */
static void test_nics(void)
{
	static const uint32_t sent[] = { 0, 1, 8, 9, KVMETER_NICS_MAX, KVMETER_NICS_MAX + 4 };
	char in[16], got[32];
	struct vm vm;
	size_t i, n;

	for (i = 0; i < sizeof(sent) / sizeof(*sent); i++) {
		uint32_t want = sent[i] < KVMETER_NICS_MAX ? sent[i] : KVMETER_NICS_MAX;
		struct nlmsghdr *nlh = message();

		put_nics(nlh, sent[i]);
		read_vm(nlh, &vm);
		snprintf(in, sizeof(in), "%u", sent[i]);
		snprintf(got, sizeof(got), "%zu", vm.nr_nics);
		check(vm.nr_nics == want, "devices", in, got);
		for (n = 0; n < vm.nr_nics; n++)
			check(vm.nics[n].ifindex == n + 1 && vm.nics[n].bytes_in == 1001 + n,
			      "device", in, vm.nics[n].name);
	}
}

static const uint16_t policy_u32[] = {
	KVMETER_A_POLICY_NOMINAL_BP, KVMETER_A_POLICY_THRESHOLD_MBIT,
	KVMETER_A_POLICY_SENSITIVITY_MBIT, KVMETER_A_POLICY_FLOOR_BP, KVMETER_A_POLICY_CEILING_BP,
	KVMETER_A_POLICY_STEP_BP, KVMETER_A_POLICY_DEAD_BAND_BP, KVMETER_A_POLICY_DWELL_MS,
	KVMETER_A_POLICY_HALF_LIFE_S, KVMETER_A_POLICY_FOLLOW,
};

/* every attribute has a value of its own: 1000 and its number */
static void put_policy(struct nlmsghdr *nlh, uint32_t resource)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVMETER_A_VM_POLICY);
	size_t i;

	mnl_attr_put_u32(nlh, KVMETER_A_POLICY_RESOURCE, resource);
	mnl_attr_put_u32(nlh, KVMETER_A_POLICY_MODE, KVMETER_MODE_GUARD);
	mnl_attr_put_u32(nlh, KVMETER_A_POLICY_SHADOW, KVMETER_MODE_ELASTIC);
	mnl_attr_put_u32(nlh, KVMETER_A_POLICY_CONTENDED_ONLY, 1);
	mnl_attr_put_u64(nlh, KVMETER_A_POLICY_NOMINAL, 1000 + KVMETER_A_POLICY_NOMINAL);
	for (i = 0; i < sizeof(policy_u32) / sizeof(*policy_u32); i++)
		mnl_attr_put_u32(nlh, policy_u32[i], 1000 + policy_u32[i]);
	mnl_attr_nest_end(nlh, nest);
}

static void put_tariff(struct nlmsghdr *nlh)
{
	static const uint16_t u64[] = {
		KVMETER_A_TARIFF_BASE_NCR_H, KVMETER_A_TARIFF_FLOOR_NCR_H,
		KVMETER_A_TARIFF_CEILING_NCR_H, KVMETER_A_TARIFF_SLEW_NCR_H_MIN,
		KVMETER_A_TARIFF_CPU_NCR_H, KVMETER_A_TARIFF_MEMORY_NCR_GIB_H,
		KVMETER_A_TARIFF_NETWORK_NCR_GIB, KVMETER_A_TARIFF_DISK_NCR_GIB,
	};
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVMETER_A_VM_TARIFF), *cost;
	size_t i;

	for (i = 0; i < sizeof(u64) / sizeof(*u64); i++)
		mnl_attr_put_u64(nlh, u64[i], 1000 + u64[i]);
	mnl_attr_put_u32(nlh, KVMETER_A_TARIFF_NOTICE_MS, 1000 + KVMETER_A_TARIFF_NOTICE_MS);
	for (i = 0; i < NR_ACT; i++) {
		cost = mnl_attr_nest_start(nlh, KVMETER_A_TARIFF_COST);
		mnl_attr_put_u32(nlh, KVMETER_A_COST_RESOURCE, i);
		mnl_attr_put_u64(nlh, KVMETER_A_COST_NCR_H, 2000 + i);
		mnl_attr_nest_end(nlh, cost);
	}
	mnl_attr_nest_end(nlh, nest);
}

static void put_budget(struct nlmsghdr *nlh)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVMETER_A_VM_BUDGET);

	mnl_attr_put_u64(nlh, KVMETER_A_BUDGET_CAP_NCR, 1000 + KVMETER_A_BUDGET_CAP_NCR);
	mnl_attr_put_u32(nlh, KVMETER_A_BUDGET_PERIOD_S, 1000 + KVMETER_A_BUDGET_PERIOD_S);
	mnl_attr_put_u32(nlh, KVMETER_A_BUDGET_ACTION, KVMETER_CAP_ACTION_PAUSE);
	mnl_attr_put_u32(nlh, KVMETER_A_BUDGET_PACE, 1);
	mnl_attr_nest_end(nlh, nest);
}

static void is(const char *what, uint64_t got, uint64_t want)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)got);
	check(got == want, what, "a message", text);
}

#define IS(got, attr)	is(#got, got, 1000 + KVMETER_A_##attr)

static void check_policy(const struct kmc_policy *p)
{
	is("mode", p->mode, KVMETER_MODE_GUARD);
	is("shadow", p->shadow, KVMETER_MODE_ELASTIC);
	is("contended_only", p->contended_only, 1);
	IS(p->nominal_bp, POLICY_NOMINAL_BP);
	IS(p->threshold_mbit, POLICY_THRESHOLD_MBIT);
	IS(p->sensitivity_mbit, POLICY_SENSITIVITY_MBIT);
	IS(p->floor_bp, POLICY_FLOOR_BP);
	IS(p->ceiling_bp, POLICY_CEILING_BP);
	IS(p->step_bp, POLICY_STEP_BP);
	IS(p->dead_band_bp, POLICY_DEAD_BAND_BP);
	IS(p->dwell_ms, POLICY_DWELL_MS);
	IS(p->half_life_s, POLICY_HALF_LIFE_S);
	IS(p->nominal, POLICY_NOMINAL);
	IS(p->follow, POLICY_FOLLOW);
}

static void check_tariff(const struct kmc_tariff *t)
{
	uint32_t r;

	IS(t->base_ncr_h, TARIFF_BASE_NCR_H);
	IS(t->floor_ncr_h, TARIFF_FLOOR_NCR_H);
	IS(t->ceiling_ncr_h, TARIFF_CEILING_NCR_H);
	IS(t->slew_ncr_h_min, TARIFF_SLEW_NCR_H_MIN);
	IS(t->notice_ms, TARIFF_NOTICE_MS);
	IS(t->rate_ncr[KVMETER_RESOURCE_CPU], TARIFF_CPU_NCR_H);
	IS(t->rate_ncr[KVMETER_RESOURCE_MEMORY], TARIFF_MEMORY_NCR_GIB_H);
	IS(t->rate_ncr[KVMETER_RESOURCE_NETWORK], TARIFF_NETWORK_NCR_GIB);
	IS(t->rate_ncr[KVMETER_RESOURCE_DISK], TARIFF_DISK_NCR_GIB);
	for (r = 0; r < NR_ACT; r++)
		is("cost_ncr_h", t->cost_ncr_h[r], 2000 + r);
}

/* the table against what it stands for, member by member */
static void test_settings(void)
{
	struct nlmsghdr *nlh = message();
	struct kmc_policy none;
	struct vm vm;

	put_policy(nlh, KVMETER_RESOURCE_DISK);
	put_policy(nlh, NR_ACT);	/* of a resource that this tool does not know */
	put_tariff(nlh);
	put_budget(nlh);
	mnl_attr_put_u32(nlh, KVMETER_A_VM_HINTS, 1);
	read_vm(nlh, &vm);
	check_policy(&vm.policy[KVMETER_RESOURCE_DISK]);
	memset(&none, 0, sizeof(none));
	check(!memcmp(&vm.policy[KVMETER_RESOURCE_CPU], &none, sizeof(none)), "policy", "cpu",
	      "disk's");
	check_tariff(&vm.tariff);
	IS(vm.budget.conf.cap_ncr, BUDGET_CAP_NCR);
	IS(vm.budget.conf.period_s, BUDGET_PERIOD_S);
	is("action", vm.budget.conf.action, KVMETER_CAP_ACTION_PAUSE);
	is("pace", vm.budget.conf.pace, 1);
	is("hints", vm.hints, 1);
	is("vcpu_forecasts", vm.vcpu_forecasts, 0);
}

int main(void)
{
	test_nics();
	test_settings();
	return check_end();
}
