/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decisions period by period, for KUnit and userspace alike.
 *
 * All cases share: threshold 8 bits, floor 2000, ceiling 20 000, step 2500,
 * dead band 500, dwell 1000 ms.  What a step does not name is 0; want 0 means
 * that nothing changes.
 */
#ifndef KMC_VECTORS_DECIDE_H
#define KMC_VECTORS_DECIDE_H

#define DECIDE_STEPS_MAX	16

struct decide_vector_step {
	u32 at_ms;
	u32 demand, predicted;
	u32 mbit;		/* of surprise upwards */
	bool too_little;	/* ... downwards */
	bool contended;
	u32 budget_bp;		/* 0: none */
	bool pause;		/* budget 0 */
	u8 budget_reason;
	u32 suggest_bp, suggest_ms;	/* before the decision */
	u32 want;		/* new grant; what is expected */
	u8 reason;
	bool would;
	bool want_pause;	/* new grant 0 */
};

static const struct decide_vector {
	const char *name;
	u8 mode, shadow;
	bool contended_only;
	u32 nominal_bp;		/* 0: 10 000 */
	u32 sensitivity_mbit;	/* 0: 16 bits */
	u32 alarm_bp;		/* 0: not known */
	struct decide_vector_step step[DECIDE_STEPS_MAX];
} decide_vectors[] = {
	{
		.name = "elastic: the worked example, up to the ceiling and back",
		.mode = KMC_MODE_ELASTIC,
		.step = {
			{ 100, 10000, 3000, 10000, .want = 12500, .reason = KMC_REASON_RISE },
			/* the forecast has followed, the episode goes on */
			{ 200, 10000, 10000, 10000, .want = 15000, .reason = KMC_REASON_RISE },
			{ 300, 10000, 10000, 10000, .want = 17500, .reason = KMC_REASON_RISE },
			{ 400, 10000, 10000, 10000, .want = 20000, .reason = KMC_REASON_RISE },
			{ 500, 10000, 10000, 10000 },
			{ 600, 3000, 3000 },		/* calm begins */
			{ 1500, 3000, 3000 },
			{ 1600, 3000, 3000, .want = 17500, .reason = KMC_REASON_RETURN },
			{ 1700, 3000, 3000, .want = 15000, .reason = KMC_REASON_RETURN },
			{ 1800, 3000, 3000, .want = 12500, .reason = KMC_REASON_RETURN },
			{ 1900, 3000, 3000, .want = 10000, .reason = KMC_REASON_RETURN },
			{ 2000, 3000, 3000 },
		},
	}, {
		.name = "elastic: no more than demand plus the dead band",
		.mode = KMC_MODE_ELASTIC,
		.nominal_bp = 5000,
		.step = {
			{ 100, 4950, 1000, 10000, .want = 10900, .reason = KMC_REASON_RISE },
			{ 200, 4950, 1000, 10000 },
			{ 300, 7000, 1000, 10000, .want = 13400, .reason = KMC_REASON_RISE },
		},
	}, {
		.name = "elastic: who does not press on the cap gets nothing",
		.mode = KMC_MODE_ELASTIC,
		.nominal_bp = 2000,
		.step = {
			{ 100, 1799, 1000, 10000 },
			{ 200, 1800, 1000, 10000, .want = 11500, .reason = KMC_REASON_RISE },
		},
	}, {
		.name = "elastic: all of the vCPUs' time is no limit to the grant",
		.mode = KMC_MODE_ELASTIC,
		.step = {
			{ 100, 9499, 1000, 10000 },
			{ 200, 9500, 1000, 10000, .want = 12500, .reason = KMC_REASON_RISE },
		},
	}, {
		.name = "elastic: threshold, direction and forecast each veto",
		.mode = KMC_MODE_ELASTIC,
		.step = {
			{ 100, 10000, 1000, 7999 },
			{ 200, 10000, 1000, 10000, .too_little = true },
			{ 300, 10000, 9501, 10000 },
			{ 400, 10000, 9500, 8000, .want = 12500, .reason = KMC_REASON_RISE },
		},
	}, {
		.name = "elastic: the factor is surprise over sensitivity",
		.mode = KMC_MODE_ELASTIC,
		.sensitivity_mbit = 80000,
		.step = {
			{ 100, 10000, 1000, 8000, .want = 11000, .reason = KMC_REASON_RISE },
			{ 200, 10000, 1000, 16000, .want = 13000, .reason = KMC_REASON_RISE },
		},
	}, {
		.name = "elastic: a move smaller than the dead band is not made",
		.mode = KMC_MODE_ELASTIC,
		.sensitivity_mbit = 200000,
		.step = {
			{ 100, 10000, 1000, 9980 },
			{ 200, 10000, 1000, 10000, .want = 10500, .reason = KMC_REASON_RISE },
		},
	}, {
		.name = "elastic: held while demand needs it, hot resets calm",
		.mode = KMC_MODE_ELASTIC,
		.step = {
			{ 100, 10000, 1000, 10000, .want = 12500, .reason = KMC_REASON_RISE },
			{ 200, 9800, 9800 },
			{ 5000, 9501, 9800 },
			{ 5100, 9500, 9800 },		/* fits: calm begins */
			{ 6000, 9600, 9800 },		/* does not */
			{ 6100, 9500, 9800 },
			{ 7000, 5000, 1000, 10000 },	/* hot, though not pressing */
			{ 7100, 5000, 1000 },
			{ 8000, 5000, 1000 },
			{ 8100, 5000, 1000, .want = 10000, .reason = KMC_REASON_RETURN },
		},
	}, {
		.name = "elastic: the other direction waits for the dwell time",
		.mode = KMC_MODE_ELASTIC,
		.step = {
			{ 100, 10000, 1000, 10000, .want = 12500, .reason = KMC_REASON_RISE },
			{ 200, 1000, 1000 },
			{ 1200, 1000, 1000, .want = 10000, .reason = KMC_REASON_RETURN },
			{ 1300, 10000, 1000, 10000 },
			{ 2199, 10000, 1000, 10000 },
			{ 2200, 10000, 1000, 10000, .want = 12500, .reason = KMC_REASON_RISE },
		},
	}, {
		.name = "guard: down to the alarm level and back",
		.mode = KMC_MODE_GUARD,
		.alarm_bp = 4000,
		.step = {
			{ 100, 9000, 2000, 10000, .want = 7500, .reason = KMC_REASON_GUARD },
			{ 200, 9000, 9000, 10000, .want = 5000, .reason = KMC_REASON_GUARD },
			{ 300, 9000, 9000, 10000, .want = 4000, .reason = KMC_REASON_GUARD },
			{ 400, 9000, 9000, 10000 },
			{ 500, 9000, 9000, 7999 },	/* learned: calm begins */
			{ 1400, 9000, 9000, 7999 },
			{ 1500, 9000, 9000, 7999, .want = 6500, .reason = KMC_REASON_RETURN },
			{ 1600, 9000, 9000, 7999, .want = 9000, .reason = KMC_REASON_RETURN },
			{ 1700, 9000, 9000, 7999, .want = 10000, .reason = KMC_REASON_RETURN },
			{ 1800, 9000, 9000, 7999 },
		},
	}, {
		.name = "guard: never below the floor",
		.mode = KMC_MODE_GUARD,
		.alarm_bp = 500,
		.step = {
			{ 100, 9000, 2000, 10000, .want = 7500, .reason = KMC_REASON_GUARD },
			{ 200, 9000, 2000, 10000, .want = 5000, .reason = KMC_REASON_GUARD },
			{ 300, 9000, 2000, 10000, .want = 2500, .reason = KMC_REASON_GUARD },
			{ 400, 9000, 2000, 10000, .want = 2000, .reason = KMC_REASON_GUARD },
			{ 500, 9000, 2000, 10000 },
		},
	}, {
		.name = "guard: onto the floor, however small the step",
		.mode = KMC_MODE_GUARD,
		.sensitivity_mbit = 80000,
		.alarm_bp = 500,
		.step = {
			{ 100, 9000, 2000, 13600, .want = 8300, .reason = KMC_REASON_GUARD },
			{ 200, 9000, 2000, 16000, .want = 6300, .reason = KMC_REASON_GUARD },
			{ 300, 9000, 2000, 16000, .want = 4300, .reason = KMC_REASON_GUARD },
			{ 400, 9000, 2000, 16000, .want = 2300, .reason = KMC_REASON_GUARD },
			{ 500, 9000, 2000, 16000, .want = 2000, .reason = KMC_REASON_GUARD },
		},
	}, {
		.name = "guard: nothing while the normal range is not known",
		.mode = KMC_MODE_GUARD,
		.step = {
			{ 100, 9000, 2000, 10000 },
		},
	}, {
		.name = "guard: only while contended",
		.mode = KMC_MODE_GUARD,
		.contended_only = true,
		.alarm_bp = 4000,
		.step = {
			{ 100, 9000, 2000, 10000 },
			{ 200, 9000, 9000, 10000, .contended = true,
			  .want = 7500, .reason = KMC_REASON_GUARD },
			{ 300, 9000, 9000, 10000 },	/* calm though surprising */
			{ 1200, 9000, 9000, 10000 },
			{ 1300, 9000, 9000, 10000,
			  .want = 10000, .reason = KMC_REASON_RETURN },
		},
	}, {
		.name = "observe: the shadow's moves are logged, not made",
		.mode = KMC_MODE_OBSERVE,
		.shadow = KMC_MODE_ELASTIC,
		.step = {
			{ 100, 10000, 1000, 10000, .want = 12500, .reason = KMC_REASON_RISE,
			  .would = true },
			{ 200, 1000, 1000, .would = true },
			/* the budget is real; the shadow's change waits for the next */
			{ 1200, 1000, 1000, .budget_bp = 2000,
			  .budget_reason = KMC_REASON_BUDGET_CAP,
			  .want = 2000, .reason = KMC_REASON_BUDGET_CAP },
			{ 1300, 1000, 1000, .budget_bp = 2000,
			  .budget_reason = KMC_REASON_BUDGET_CAP,
			  .want = 10000, .reason = KMC_REASON_RETURN, .would = true },
			{ 1400, 1000, 1000, .budget_bp = 2000,
			  .budget_reason = KMC_REASON_BUDGET_CAP, .would = true },
			{ 1500, 1000, 1000, .want = 10000, .reason = KMC_REASON_BUDGET_FREE },
		},
	}, {
		.name = "observe: no shadow, no suggestion",
		.mode = KMC_MODE_OBSERVE,
		.shadow = KMC_MODE_OBSERVE,
		.step = {
			{ 100, 10000, 1000, 10000, .would = true },
			{ 200, 10000, 1000, .suggest_bp = 15000, .suggest_ms = 1000,
			  .would = true },
		},
	}, {
		.name = "budget: pause, floor, pace and free",
		.mode = KMC_MODE_ELASTIC,
		.step = {
			{ 100, 1000, 1000, .pause = true, .budget_reason = KMC_REASON_BUDGET_CAP,
			  .want_pause = true, .reason = KMC_REASON_BUDGET_CAP },
			{ 200, 1000, 1000, .pause = true, .budget_reason = KMC_REASON_BUDGET_CAP },
			{ 300, 1000, 1000, .budget_bp = 2000,
			  .budget_reason = KMC_REASON_BUDGET_CAP,
			  .want = 2000, .reason = KMC_REASON_BUDGET_FREE },
			{ 400, 1000, 1000, .budget_bp = 8000,
			  .budget_reason = KMC_REASON_BUDGET_PACE,
			  .want = 8000, .reason = KMC_REASON_BUDGET_FREE },
			{ 500, 1000, 1000, .budget_bp = 7501,
			  .budget_reason = KMC_REASON_BUDGET_PACE },
			{ 600, 1000, 1000, .budget_bp = 7500,
			  .budget_reason = KMC_REASON_BUDGET_PACE,
			  .want = 7500, .reason = KMC_REASON_BUDGET_PACE },
			{ 700, 1000, 1000, .want = 10000, .reason = KMC_REASON_BUDGET_FREE },
			{ 800, 1000, 1000 },
		},
	}, {
		.name = "budget: a rise beyond the limit is not made",
		.mode = KMC_MODE_ELASTIC,
		.step = {
			{ 100, 10000, 1000, 10000, .budget_bp = 11000,
			  .budget_reason = KMC_REASON_BUDGET_PACE,
			  .want = 11000, .reason = KMC_REASON_RISE },
			{ 200, 10000, 1000, 10000, .budget_bp = 11000,
			  .budget_reason = KMC_REASON_BUDGET_PACE },
			{ 300, 10000, 1000, 10000,
			  .want = 17500, .reason = KMC_REASON_BUDGET_FREE },
		},
	}, {
		.name = "suggestion: followed, then it lapses",
		.mode = KMC_MODE_ELASTIC,
		.step = {
			{ 100, 9800, 9800, .suggest_bp = 15000, .suggest_ms = 500,
			  .want = 12500, .reason = KMC_REASON_SUGGESTION },
			{ 200, 9800, 9800, .want = 15000, .reason = KMC_REASON_SUGGESTION },
			{ 500, 9800, 9800 },
			{ 600, 9800, 9800 },		/* lapsed; the demand is no excuse */
			{ 1600, 9800, 9800, .want = 12500, .reason = KMC_REASON_RETURN },
			{ 1700, 9800, 9800, .want = 10000, .reason = KMC_REASON_RETURN },
			{ 1800, 9800, 9800 },
		},
	}, {
		.name = "suggestion: clamped to the bounds, does not undo an episode",
		.mode = KMC_MODE_GUARD,
		.alarm_bp = 7500,
		.step = {
			{ 100, 9000, 2000, 10000, .want = 7500, .reason = KMC_REASON_GUARD },
			{ 200, 9000, 2000, 10000, .suggest_bp = 90000, .suggest_ms = 60000 },
			{ 300, 2000, 2000 },
			{ 1300, 2000, 2000, .want = 10000, .reason = KMC_REASON_RETURN },
			{ 1400, 2000, 2000, .want = 12500, .reason = KMC_REASON_SUGGESTION },
			{ 1500, 2000, 2000, .want = 15000, .reason = KMC_REASON_SUGGESTION },
			{ 1600, 2000, 2000, .want = 17500, .reason = KMC_REASON_SUGGESTION },
			{ 1700, 2000, 2000, .want = 20000, .reason = KMC_REASON_SUGGESTION },
			{ 1800, 2000, 2000 },
		},
	},
};

static inline void decide_vector_policy(const struct decide_vector *v, struct kmc_policy *p)
{
	kmc_policy_default(p);
	p->mode = v->mode;
	p->shadow = v->shadow;
	p->contended_only = v->contended_only;
	p->nominal_bp = v->nominal_bp ? v->nominal_bp : KMC_BP;
	p->threshold_mbit = 8000;
	p->sensitivity_mbit = v->sensitivity_mbit ? v->sensitivity_mbit : 16000;
}

/* Take one step; true when the verdict is the expected one */
static inline bool decide_vector_run(const struct decide_vector *v,
				     const struct decide_vector_step *s, struct kmc_decide *d,
				     struct kmc_verdict *got)
{
	struct kmc_now now = { .at_ns = s->at_ms * KMC_NS_PER_MS };
	struct kmc_observation o = {
		.usage_bp = s->demand,
		.demand_bp = s->demand,
		.predicted_bp = s->predicted,
		.p99_bp = s->predicted,
		.alarm_bp = v->alarm_bp ? v->alarm_bp : U64_MAX,
		.surprise = { s->mbit, s->mbit ? (s->too_little ? -1 : 1) : 0 },
		.contended = s->contended,
	};
	u32 budget_bp = s->budget_bp || s->pause ? s->budget_bp : U32_MAX;
	bool change = s->want || s->want_pause;
	struct kmc_policy p;

	decide_vector_policy(v, &p);
	if (s->suggest_ms)
		kmc_decide_suggest(d, &p, s->suggest_bp, s->suggest_ms, &now);
	d->stepped_bp = 0;	/* each call is a period */
	*got = kmc_decide(d, &p, &o, budget_bp, s->budget_reason, &now);
	if (!change)
		return got->new_bp == got->old_bp && got->would == s->would &&
		       got->reason == KMC_REASON_NONE;
	return got->new_bp == s->want && got->old_bp != s->want && got->reason == s->reason &&
	       got->would == s->would;
}

#endif /* KMC_VECTORS_DECIDE_H */
