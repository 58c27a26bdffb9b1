// SPDX-License-Identifier: GPL-2.0
#include "band.h"

static const u32 band_target_q24[KMC_NR_BAND_LEVELS] = {
	[KMC_BAND_P95] = 838861,
	[KMC_BAND_P99] = 167772,
};

/* The tail may be led to a third of its target and to three times of it */
#define BAND_LEAD_MAX		3

static_assert(KMC_BAND_TOTAL_MAX <= U16_MAX);

void kmc_band_init(struct kmc_band *b)
{
	u32 i;

	memset(b, 0, sizeof(*b));
	for (i = 0; i < KMC_NR_BAND_LEVELS; i++)
		b->tail_q24[i] = band_target_q24[i];
}

static void band_halve(struct kmc_band *b)
{
	u32 i;

	b->total = 0;
	for (i = 0; i < KMC_BAND_BINS; i++) {
		b->bin[i] >>= 1;
		b->total += b->bin[i];
	}
}

void kmc_band_add(struct kmc_band *b, u32 excess_q4, u32 nr)
{
	u32 i = min_t(u32, kmc_hist_bin(excess_q4), KMC_BAND_BINS - 1);

	while (nr) {
		u32 run = min_t(u32, nr, (KMC_BAND_TOTAL_MAX - b->total) / KMC_BAND_COUNT);

		b->bin[i] += run * KMC_BAND_COUNT;
		b->total += run * KMC_BAND_COUNT;
		nr -= run;
		if (b->total + KMC_BAND_COUNT <= KMC_BAND_TOTAL_MAX)
			break;
		/* nothing else is left: whole cycles of filling and halving change nothing */
		if (b->bin[i] == b->total)
			nr %= KMC_BAND_TOTAL_MAX / 2 / KMC_BAND_COUNT;
		band_halve(b);
	}
}

void kmc_band_lead(struct kmc_band *b, enum kmc_band_level level, bool missed, u32 rate_q16)
{
	s32 target = band_target_q24[level];
	s64 off_q24 = missed ? target - (1 << 24) : target;
	s64 tail_q24 = b->tail_q24[level] + ((off_q24 * rate_q16 + 0x8000) >> 16);

	b->tail_q24[level] = clamp_t(s64, tail_q24, target / BAND_LEAD_MAX,
				     target * BAND_LEAD_MAX);
}

void kmc_band_quantiles_q8(const struct kmc_band *b, u32 *quantile_q8)
{
	u32 have = 0, i = KMC_BAND_BINS - 1;
	u64 four;
	s32 level;

	/* most of the top is empty */
	for (; i >= 4; i -= 4) {
		memcpy(&four, &b->bin[i - 3], sizeof(four));
		if (four)
			break;
	}
	/* from the top, where few bins hold the tail; p99 comes first */
	for (level = KMC_BAND_P99; level >= KMC_BAND_P95; level--) {
		u32 want = (u64)b->total * b->tail_q24[level] >> 24;
		u32 low_q4, high_q4;

		for (; i && have + b->bin[i] <= want; i--)
			have += b->bin[i];
		quantile_q8[level] = 0;
		if (!i)
			continue;
		low_q4 = kmc_hist_bin_low(i);
		high_q4 = kmc_hist_bin_low(i + 1);
		quantile_q8[level] = high_q4 << 4;
		/* the misses may have led p95 above p99 */
		if (want > have)
			quantile_q8[level] -= (want - have) * ((high_q4 - low_q4) << 4) / b->bin[i];
	}
}
