// SPDX-License-Identifier: GPL-2.0
#include "data/settings.h"

#include <stdlib.h>
#include <string.h>

#include <linux/kvmeter_nl.h>

#include "data/host.h"
#include "data/util.h"
#include "data/vm.h"

#define ROW(set, attr_, type, member, unit_, option_) {			\
	.name = #member, .option = option_, .attr = KVMETER_A_##set##_##attr_,	\
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member),	\
	.unit = unit_,							\
}

#define POLICY(attr, member, unit, option)	\
	ROW(POLICY, attr, struct kmc_policy, member, unit, option)
#define TARIFF(attr, member, unit, option)	\
	ROW(TARIFF, attr, struct kmc_tariff, member, unit, option)
#define BUDGET(attr, member, unit, option)	\
	ROW(BUDGET, attr, struct kmc_budget_conf, member, unit, option)
#define HOST(attr, member, unit, option)	ROW(HOST, attr, struct host, member, unit, option)
#define VM(attr, member, unit)			ROW(VM, attr, struct vm, member, unit, NULL)

/* one of the tariff's arrays of a rate per resource */
#define PER_RESOURCE(res, attr_, member, name_, option_) {		\
	.name = name_, .said = #member, .option = option_, .attr = KVMETER_A_TARIFF_##attr_,	\
	.nested = KVMETER_A_TARIFF_##attr_ == KVMETER_A_TARIFF_COST,	\
	.resource = KVMETER_RESOURCE_##res,				\
	.offset = offsetof(struct kmc_tariff, member[KVMETER_RESOURCE_##res]),	\
	.size = sizeof(uint64_t), .unit = UNIT_NCR,			\
}

#define COST(res, name)	PER_RESOURCE(res, COST, cost_ncr_h, name, "cost-" name)
#define RATE(res, attr, name, option)	PER_RESOURCE(res, attr, rate_ncr, name, option)

static const struct setting policy[] = {
	POLICY(MODE, mode, UNIT_MODE, NULL),
	POLICY(SHADOW, shadow, UNIT_MODE, "shadow"),
	POLICY(CONTENDED_ONLY, contended_only, UNIT_ONOFF, "contended-only"),
	POLICY(NOMINAL_BP, nominal_bp, UNIT_BP, "nominal"),
	POLICY(THRESHOLD_MBIT, threshold_mbit, UNIT_MBIT, "threshold"),
	POLICY(SENSITIVITY_MBIT, sensitivity_mbit, UNIT_MBIT, "sensitivity"),
	POLICY(FLOOR_BP, floor_bp, UNIT_BP, "floor"),
	POLICY(CEILING_BP, ceiling_bp, UNIT_BP, "ceiling"),
	POLICY(STEP_BP, step_bp, UNIT_BP, "step"),
	POLICY(DEAD_BAND_BP, dead_band_bp, UNIT_BP, "dead-band"),
	POLICY(DWELL_MS, dwell_ms, UNIT_MS, "dwell"),
	POLICY(HALF_LIFE_S, half_life_s, UNIT_S, "half-life"),
	POLICY(NOMINAL, nominal, UNIT_MIB, "nominal"),	/* or KiB/s: see policy_nominal() */
	POLICY(FOLLOW, follow, UNIT_RESOURCES, "follow"),
};

static const struct setting tariff[] = {
	TARIFF(BASE_NCR_H, base_ncr_h, UNIT_NCR, "base"),
	TARIFF(FLOOR_NCR_H, floor_ncr_h, UNIT_NCR, "floor"),
	TARIFF(CEILING_NCR_H, ceiling_ncr_h, UNIT_NCR, "ceiling"),
	TARIFF(SLEW_NCR_H_MIN, slew_ncr_h_min, UNIT_NCR, "slew"),
	TARIFF(NOTICE_MS, notice_ms, UNIT_MS, "notice"),
	COST(CPU, "cpu"),
	COST(MEMORY, "memory"),
	COST(NETWORK, "network"),
	COST(DISK, "disk"),
	RATE(CPU, CPU_NCR_H, "cpu_ncr_h", "cpu"),
	RATE(MEMORY, MEMORY_NCR_GIB_H, "memory_ncr_gib_h", "memory"),
	RATE(NETWORK, NETWORK_NCR_GIB, "network_ncr_gib", "network"),
	RATE(DISK, DISK_NCR_GIB, "disk_ncr_gib", "disk"),
};

static const struct setting budget[] = {
	BUDGET(CAP_NCR, cap_ncr, UNIT_CAP, "cap"),
	BUDGET(PERIOD_S, period_s, UNIT_S, "period"),
	BUDGET(ACTION, action, UNIT_ACTION, "action"),
	BUDGET(PACE, pace, UNIT_ONOFF, "pace"),
};

static const struct setting host[] = {
	HOST(PERIOD_NS, period_ns, UNIT_NS, "period"),
	HOST(RECORD_NS, record_ns, UNIT_NS, "record"),
	HOST(BURST_NS, burst_ns, UNIT_NS, "burst"),
};

static const struct setting vm[] = {
	VM(HINTS, hints, UNIT_ONOFF),
	VM(VCPU_FORECASTS, vcpu_forecasts, UNIT_ONOFF),
};

const struct settings settings[NR_PLACES] = {
	[IN_POLICY] = { policy, ARRAY_SIZE(policy) },
	[IN_TARIFF] = { tariff, ARRAY_SIZE(tariff) },
	[IN_BUDGET] = { budget, ARRAY_SIZE(budget) },
	[IN_HOST] = { host, ARRAY_SIZE(host) },
	[IN_VM] = { vm, ARRAY_SIZE(vm) },
};

uint64_t setting_get(const struct setting *s, const void *in)
{
	const void *at = (const char *)in + s->offset;

	switch (s->size) {
	case 1:
		return *(const uint8_t *)at;
	case 4:
		return *(const uint32_t *)at;
	default:
		return *(const uint64_t *)at;
	}
}

void setting_put(const struct setting *s, void *in, uint64_t v)
{
	void *at = (char *)in + s->offset;

	switch (s->size) {
	case 1:
		*(uint8_t *)at = v;
		break;
	case 4:
		*(uint32_t *)at = v;
		break;
	default:
		*(uint64_t *)at = v;
	}
}

const struct setting *setting_by_attr(enum place place, uint16_t attr, uint16_t resource)
{
	const struct setting *s;

	for_each_setting(s, place)
		if (s->attr == attr && s->resource == resource)
			return s;
	abort();
}

const struct setting *setting_by_name(enum place place, const char *name, size_t len,
				      uint16_t resource)
{
	const struct setting *s;

	for_each_setting(s, place)
		if (strlen(setting_said(s)) == len && !strncmp(setting_said(s), name, len) &&
		    s->resource == (s->said ? resource : 0))
			return s;
	return NULL;
}
