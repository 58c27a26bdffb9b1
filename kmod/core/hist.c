// SPDX-License-Identifier: GPL-2.0
#include "hist.h"

#define HIST_INC_MIN_Q16	(256U << 16)	/* a sample's weight to 0.4 % */
#define HIST_INC_MAX_Q16	(4096U << 16)
/* Half-lives after which nothing of a weight below 2^32 is left */
#define HIST_FORGOTTEN		40
/* A run shorter than this is added one by one, exactly */
#define HIST_RUN_MIN		32

static_assert(KMC_HIST_BINS <= 256);	/* a bin number is a u8 */

/* 2^(1/H) - 1 = x + x^2/2! + x^3/3! ..., x = ln 2 / H */
static u32 hist_growth_q32(u32 half_life)
{
	u64 x, term, sum;
	u32 k;

	if (!half_life)
		return 0;
	half_life = min_t(u32, half_life, KMC_HIST_HALF_LIFE_MAX);
	x = div_u64(KMC_LN2_Q32 + half_life / 2, half_life);
	sum = x;
	term = x;
	for (k = 2; term; k++) {
		term = div_u64(term * x >> 32, k);
		sum += term;
	}
	return min_t(u64, sum, U32_MAX);
}

static u32 hist_inc(const struct kmc_hist *h)
{
	return (h->inc_q16 + 0x8000) >> 16;
}

static void hist_shrink(struct kmc_hist *h, u32 shift)
{
	u32 round = shift > 1 ? 1U << (shift - 1) : 0;
	u32 i;

	h->total = 0;
	for (i = 0; i < KMC_HIST_BINS; i++) {
		h->bin[i] = ((u64)h->bin[i] + round) >> shift;
		h->total += h->bin[i];
	}
}

static void hist_renorm(struct kmc_hist *h)
{
	while (h->inc_q16 >= HIST_INC_MAX_Q16) {
		hist_shrink(h, 4);
		h->inc_q16 >>= 4;
	}
}

static void hist_add_weight(struct kmc_hist *h, u8 i, u64 weight)
{
	while (h->total + weight > U32_MAX) {
		hist_shrink(h, 1);
		weight >>= 1;
	}
	h->bin[i] += weight;
	h->total += weight;
}

void kmc_hist_init(struct kmc_hist *h, u32 half_life)
{
	memset(h, 0, sizeof(*h));
	h->inc_q16 = HIST_INC_MIN_Q16;
	kmc_hist_set_half_life(h, half_life);
}

void kmc_hist_set_half_life(struct kmc_hist *h, u32 half_life)
{
	h->growth_q32 = hist_growth_q32(half_life);
}

u8 kmc_hist_bin(u64 v)
{
	u32 exp;

	if (v < KMC_HIST_LINEAR)
		return v;
	if (v >= KMC_HIST_MAX)
		return KMC_HIST_BINS - 1;
	exp = fls64(v) - 1;
	return KMC_HIST_LINEAR + ((exp - 4) << KMC_HIST_SUB_SHIFT) +
	       (v >> (exp - KMC_HIST_SUB_SHIFT) & ((1 << KMC_HIST_SUB_SHIFT) - 1));
}

u64 kmc_hist_bin_low(u32 i)
{
	u32 octave, sub;

	if (i < KMC_HIST_LINEAR)
		return i;
	i -= KMC_HIST_LINEAR;
	octave = i >> KMC_HIST_SUB_SHIFT;
	sub = i & ((1 << KMC_HIST_SUB_SHIFT) - 1);
	return ((1ULL << KMC_HIST_SUB_SHIFT) + sub) << (octave + 4 - KMC_HIST_SUB_SHIFT);
}

void kmc_hist_add_bin(struct kmc_hist *h, u8 i)
{
	if (WARN_ON_ONCE(i >= KMC_HIST_BINS))
		return;
	hist_add_weight(h, i, hist_inc(h));
	h->inc_q16 += ((u64)h->inc_q16 * h->growth_q32 + 0x80000000U) >> 32;
	hist_renorm(h);
}

/* Samples until the increment reaches its maximum, rounded down */
static u32 hist_run_length(const struct kmc_hist *h)
{
	u32 mbit = kmc_log2_mbit(HIST_INC_MAX_Q16) - kmc_log2_mbit(h->inc_q16);

	/* a doubling takes ln 2 / ln(1 + growth) samples, at least ln 2 / growth */
	return min_t(u64, div64_u64(mbit * KMC_LN2_Q32, 1000ULL * h->growth_q32), U32_MAX);
}

/* The increment after @n more samples: inc * (1 + growth)^n, by squaring */
static u32 hist_inc_after(const struct kmc_hist *h, u32 n)
{
	u64 pow_q40 = (1ULL << 40) + ((u64)h->growth_q32 << 8);
	u64 inc_q28 = (u64)h->inc_q16 << 12;

	for (; n; n >>= 1) {
		if (n & 1)
			inc_q28 = kmc_muldiv_floor(inc_q28, pow_q40, 1ULL << 40);
		pow_q40 = kmc_muldiv_floor(pow_q40, pow_q40, 1ULL << 40);
	}
	return inc_q28 >> 12;
}

/*
 * Weights of a run that needs no renormalisation are a geometric series:
 * inc * (1 + ... + (1 + growth)^(n-1)) = (inc after - inc) / growth
 */
static void hist_add_run(struct kmc_hist *h, u8 i, u32 n)
{
	u32 after_q16 = hist_inc_after(h, n);

	hist_add_weight(h, i, div_u64((u64)(after_q16 - h->inc_q16) << 16, h->growth_q32));
	h->inc_q16 = after_q16;
	hist_renorm(h);
}

/* Samples after which nothing that was there before counts any more */
static u64 hist_forgotten(const struct kmc_hist *h)
{
	return div_u64(KMC_LN2_Q32 * HIST_FORGOTTEN, h->growth_q32) + HIST_FORGOTTEN;
}

void kmc_hist_add_bin_n(struct kmc_hist *h, u8 i, u32 n)
{
	if (WARN_ON_ONCE(i >= KMC_HIST_BINS))
		return;
	if (!h->growth_q32) {
		hist_add_weight(h, i, (u64)hist_inc(h) * n);
		return;
	}
	n = min_t(u64, n, hist_forgotten(h));
	while (n) {
		u32 run = min_t(u32, n, hist_run_length(h));

		if (run < HIST_RUN_MIN) {
			kmc_hist_add_bin(h, i);
			n--;
		} else {
			hist_add_run(h, i, run);
			n -= run;
		}
	}
}

void kmc_hist_merge(struct kmc_hist *dst, const struct kmc_hist *src, u32 weight_bp)
{
	/* at most 2^28: an increment is 2^28 at most and 2^24 at least */
	u64 scale_q24 = div_u64((u64)dst->inc_q16 << 24, src->inc_q16);
	u32 i;

	scale_q24 = div_u64(scale_q24 * min_t(u32, weight_bp, KMC_BP), KMC_BP);
	while (dst->total + (src->total * scale_q24 >> 24) > U32_MAX) {
		hist_shrink(dst, 1);
		scale_q24 >>= 1;
	}
	for (i = 0; i < KMC_HIST_BINS; i++) {
		u32 weight = src->bin[i] * scale_q24 >> 24;

		dst->bin[i] += weight;
		dst->total += weight;
	}
}

u32 kmc_hist_samples(const struct kmc_hist *h)
{
	return div_u64((u64)h->total << 16, h->inc_q16);
}

static u32 hist_surprise_mbit(const struct kmc_hist *h, u32 weight)
{
	u32 inc = hist_inc(h);

	return kmc_log2_mbit((u64)h->total + inc) - kmc_log2_mbit((u64)weight + inc);
}

u32 kmc_hist_tail_mbit(const struct kmc_hist *h, u64 v, bool upper)
{
	u32 bin = kmc_hist_bin(v), weight = 0, i;

	if (upper) {
		for (i = bin; i < KMC_HIST_BINS; i++)
			weight += h->bin[i];
	} else {
		for (i = 0; i <= bin; i++)
			weight += h->bin[i];
	}
	return hist_surprise_mbit(h, weight);
}

u64 kmc_hist_alarm(const struct kmc_hist *h, u32 mbit)
{
	u32 weight = 0, i = KMC_HIST_BINS;

	if (hist_surprise_mbit(h, 0) < mbit)
		return U64_MAX;
	/* down while the tail is thin; an empty bin changes nothing */
	while (i) {
		weight += h->bin[i - 1];
		if (h->bin[i - 1] && hist_surprise_mbit(h, weight) < mbit)
			break;
		i--;
	}
	return i < KMC_HIST_BINS ? kmc_hist_bin_low(i) : U64_MAX;
}
