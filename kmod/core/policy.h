/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policy, tariff and budget: what the operator and the tenant want, plain data.
 * A set of numbers is checked whole by kmc_*_check() before it replaces
 * another; the error names the field.
 */
#ifndef KMC_POLICY_H
#define KMC_POLICY_H

#include "units.h"

/**
 * enum kmc_mode - what is done about an improbable deviation
 * @KMC_MODE_OBSERVE: nothing; what the shadow mode would have done is logged
 * @KMC_MODE_ELASTIC: a surprising rise gets more, and gives it back
 * @KMC_MODE_GUARD: a surprising rise is held to the profile's normal range
 * @KMC_NR_MODES: how many there are
 */
enum kmc_mode {
	KMC_MODE_OBSERVE,
	KMC_MODE_ELASTIC,
	KMC_MODE_GUARD,
	KMC_NR_MODES,
};

#define KMC_GRANT_MIN_BP	100U	/* the lowest floor */
#define KMC_GRANT_MAX_BP	100000U	/* ten times nominal */
#define KMC_NOMINAL_MAX		(1ULL << 24)	/* as KMC_HIST_MAX: 16 TiB, 16 GiB/s */

/**
 * struct kmc_policy - how one resource of a VM is adjusted
 * @mode: enum kmc_mode
 * @shadow: under observe, the mode whose decisions are logged as would-have
 * @contended_only: guard acts only while another VM waits for CPU
 * @nominal_bp: CPU: the share of its vCPUs' time that grant 10 000 stands for, 1..10 000
 * @nominal: other resources: what grant 10 000 stands for, in the sample unit;
 *           0: not sold, hence not adjusted
 * @follow: bits of the resources whose surprising rises this one follows
 *          besides its own (1 << enum kmc_resource)
 * @threshold_mbit: surprise that makes an alarm
 * @sensitivity_mbit: surprise that moves a grant by its whole: factor = surprise / sensitivity
 * @floor_bp: smallest grant that policy and budget reduce to
 * @ceiling_bp: largest grant
 * @step_bp: largest change of a grant per period
 * @dead_band_bp: smallest deviation and smallest change worth an adjustment
 * @dwell_ms: shortest time from one adjustment to one in the other direction
 * @half_life_s: decay of the profile
 */
struct kmc_policy {
	u8 mode;
	u8 shadow;
	bool contended_only;
	u32 nominal_bp;
	u32 threshold_mbit;
	u32 sensitivity_mbit;
	u32 floor_bp;
	u32 ceiling_bp;
	u32 step_bp;
	u32 dead_band_bp;
	u32 dwell_ms;
	u32 half_life_s;
	u64 nominal;
	u32 follow;
};

/**
 * struct kmc_tariff - the operator's rates
 * @base_ncr_h: price of the VM with every grant nominal
 * @floor_ncr_h: price never falls below
 * @ceiling_ncr_h: price never rises above
 * @slew_ncr_h_min: largest change of the price per minute, 0: no limit
 * @notice_ms: time from the announcement of a rise until it takes effect; a fall
 *             takes effect at once
 * @cost_ncr_h: price change for one whole (10 000 bp) of grant, per resource
 * @rate_ncr: metered use, per resource: a vCPU-hour (halt polling is free), a
 *            GiB-hour of memory, a GiB of network, a GiB of disk's cost bytes
 */
struct kmc_tariff {
	u64 base_ncr_h;
	u64 floor_ncr_h;
	u64 ceiling_ncr_h;
	u64 slew_ncr_h_min;
	u32 notice_ms;
	u64 cost_ncr_h[KMC_NR_ACT];
	u64 rate_ncr[KMC_NR_ACT];
};

/**
 * enum kmc_cap_action - what happens at the cap
 * @KMC_CAP_FLOOR: the VM goes on at its floor grant; of the operator's budget, free of charge
 * @KMC_CAP_PAUSE: the VM's vCPUs stop until the budget period ends
 * @KMC_NR_CAP_ACTIONS: how many there are
 */
enum kmc_cap_action {
	KMC_CAP_FLOOR,
	KMC_CAP_PAUSE,
	KMC_NR_CAP_ACTIONS,
};

#define KMC_BUDGET_NONE	U64_MAX

/**
 * struct kmc_budget_conf - a cap on charges
 * @cap_ncr: charges allowed per budget period, KMC_BUDGET_NONE: no cap
 * @period_s: length of a budget period, 0: it never ends
 * @action: enum kmc_cap_action
 * @pace: spread the money left over the time left (needs @cap_ncr and @period_s)
 */
struct kmc_budget_conf {
	u64 cap_ncr;
	u32 period_s;
	u8 action;
	bool pace;
};

/*
 * Each check returns NULL when all is well, else a sentence for extack and the
 * kernel log.  The sentence names the field and its range.
 */
const char *kmc_policy_check(enum kmc_resource r, const struct kmc_policy *p);
const char *kmc_tariff_check(const struct kmc_tariff *t);
const char *kmc_budget_check(const struct kmc_budget_conf *b);

/* The settings of a VM until others are set */
void kmc_policy_default(struct kmc_policy *p);
void kmc_tariff_default(struct kmc_tariff *t);
void kmc_budget_default(struct kmc_budget_conf *b);

/**
 * kmc_policy_sold - is there an allotment that a grant is a share of?
 * @r: resource
 * @p: its policy
 *
 * Return: true for CPU; for others when a nominal allotment is set.
 */
static inline bool kmc_policy_sold(enum kmc_resource r, const struct kmc_policy *p)
{
	return r == KMC_RES_CPU || p->nominal;
}

/* What a flow without an allotment is held to when the money is gone, bytes per second */
#define KMC_TRICKLE_BYTES_S	(128ULL << 10)

/**
 * kmc_policy_flow_bytes_s - what a grant of network or disk allows
 * @p: the resource's policy
 * @grant_bp: the grant
 *
 * Return: bytes per second; U64_MAX: there is no limit, as there is no allotment.
 */
u64 kmc_policy_flow_bytes_s(const struct kmc_policy *p, u32 grant_bp);

#endif /* KMC_POLICY_H */
