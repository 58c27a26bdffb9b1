// SPDX-License-Identifier: GPL-2.0
#include "band.h"

static const u32 band_target_q24[KMC_NR_BAND_LEVELS] = {
	[KMC_BAND_P95] = 838861,
	[KMC_BAND_P99] = 167772,
};

/* The tail may be led so far from its target, in either direction, by factors */
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
		/* a run that filled it over and over has forgotten all else */
		if (b->bin[i] == b->total)
			nr = 0;
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

u32 kmc_band_quantile_q8(const struct kmc_band *b, enum kmc_band_level level)
{
	u64 want = (u64)b->total * b->tail_q24[level] >> 24;
	u32 have = 0, low_q4, high_q4, i;

	if (!b->total)
		return 0;
	/* from the top: few bins hold the tail */
	for (i = KMC_BAND_BINS - 1; i && have + b->bin[i] <= want; i--)
		have += b->bin[i];
	if (!i)
		return 0;
	low_q4 = kmc_hist_bin_low(i);
	high_q4 = kmc_hist_bin_low(i + 1);
	return (high_q4 << 4) - (u32)div_u64((want - have) * ((high_q4 - low_q4) << 4), b->bin[i]);
}
