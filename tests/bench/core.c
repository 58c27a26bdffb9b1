// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: core PERIODS MODE
 *
 * One VM through kmc_plan() and kmc_settle() PERIODS times, on a made-up load:
 * a busy share of 15 to 30 %, and a spike of ten periods in every 500.  Under
 * callgrind it says what a sample costs; alone, how large the state is.
 */
#include <stdlib.h>

#include "cpu_only.h"

#define PERIOD_NS	(100 * KMC_NS_PER_MS)
#define RING		64

static struct kmc_vm vm;
static struct kmc_record ring[RING];

static u32 random_below(u32 n)
{
	static u64 seed = 1;

	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % n;
}

int main(int argc, char **argv)
{
	u32 periods, i, demand, usage, cap = KMC_BP;
	struct kmc_budget_conf budget;
	struct kmc_policy policy;
	struct kmc_tariff tariff;
	struct kmc_now now = { .at_ns = 1, .real_ns = 1 };
	struct kmc_notice notice;
	struct kmc_plan plan;

	if (argc != 3) {
		fputs("Usage: core PERIODS MODE\n", stderr);
		return 2;
	}
	periods = atoi(argv[1]);
	kmc_policy_default(&policy);
	policy.mode = atoi(argv[2]);
	policy.nominal_bp = 4000;
	policy.threshold_mbit = 6000;
	kmc_tariff_default(&tariff);
	tariff.rate_ncr[KMC_RES_CPU] = 1000000000;
	kmc_budget_default(&budget);
	cpu_vm_init(&vm, &policy, &tariff, &budget, PERIOD_NS, ring, RING, &now);

	for (i = 0; i < periods; i++) {
		struct kmc_plan_in in = { .repeat = 1, .nr_vcpus = 1 };

		demand = i % 500 < 490 ? 1500 + random_below(1500) : 9000;
		usage = min(demand, cap);
		in.sample[KMC_RES_CPU].usage = usage;
		in.sample[KMC_RES_CPU].demand = demand;
		in.sample[KMC_RES_CPU].censored = usage < demand;
		in.sample[KMC_RES_EXITS].usage = 10 * demand;
		in.sample[KMC_RES_EXITS].demand = 10 * demand;
		now.at_ns += PERIOD_NS;
		now.real_ns += PERIOD_NS;
		kmc_plan(&vm, &in, &plan, &now);
		cpu_settle(&vm, vm.decide[KMC_RES_CPU].grant_bp, usage * (PERIOD_NS / KMC_BP),
			   &notice, &now);
		cap = kmc_grant_cap_bp(&vm.policy[KMC_RES_CPU], vm.decide[KMC_RES_CPU].grant_bp);
	}
	printf("bytes vm %zu profile %zu predict %zu decide %zu ", sizeof(vm),
	       sizeof(vm.profile[0]), sizeof(vm.predict[0]), sizeof(vm.decide[KMC_RES_CPU]));
	printf("price %zu budget %zu ledger %zu record %zu\n", sizeof(vm.price),
	       sizeof(vm.budget), sizeof(vm.ledger), sizeof(ring[0]));
	return 0;
}
