/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a detector would say of a sample that has not come yet.  Include after
 * the core's detect_step.h.
 *
 * As a sample grows, no channel that points up falls and none that points down
 * rises.  So the demands that reach a threshold are all those above a certain
 * one, and halving finds it.
 */
#ifndef KMC_VECTORS_DETECT_ALARM_H
#define KMC_VECTORS_DETECT_ALARM_H

/* What kmc_detect_observe() would return for @s; @d is settled and stays as it is */
static inline struct kmc_surprise detect_judge(const struct kmc_detect *d,
					       const struct kmc_sample *s, u64 when_s)
{
	s32 x_q6 = (s32)min_t(u64, s->demand, KMC_HIST_MAX - 1) * KMC_DETECT_UNIT_Q6;
	struct kmc_detect_word word;
	struct kmc_detect_when w;

	kmc_detect_place(d, min_t(u64, when_s, KMC_DETECT_WHEN_MAX), &w);
	return kmc_detect_judge(d, &kmc_detect_default, &w, x_q6, s->censored, &word);
}

/*
 * Smallest demand of a sample that ends at @when_s whose surprise upwards reaches
 * @threshold_mbit; U64_MAX: none does
 */
static inline u64 detect_alarm(const struct kmc_detect *d, u64 when_s, u32 threshold_mbit)
{
	u64 low = 0, high = KMC_HIST_MAX;

	while (low < high) {
		struct kmc_sample s = { .demand = low + (high - low) / 2 };
		struct kmc_surprise got = detect_judge(d, &s, when_s);

		if (got.dir > 0 && got.mbit >= threshold_mbit)
			high = s.demand;
		else
			low = s.demand + 1;
	}
	return low < KMC_HIST_MAX ? low : U64_MAX;
}

#endif /* KMC_VECTORS_DETECT_ALARM_H */
