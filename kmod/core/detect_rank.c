// SPDX-License-Identifier: GPL-2.0
#include "detect_rank.h"

/* Bins of evidence begin at -4 bits: the bulk below is of no interest */
#define DETECT_BIN_MBIT		110
/* Above 7 bits samples are few, and bins are eight times as wide, up to 31 bits */
#define DETECT_BIN_FINE		100
#define DETECT_BIN_WIDE		8
#define DETECT_BIN_FROM_MBIT	(-4000)
/* A bit of evidence is worth 1.44 bits of surprise at most */
#define DETECT_MEAN_MIN_MBIT	1000
#define DETECT_MBIT_MAX		100000
/* kmc_detect.tail_bin while the tail has to be found */
#define DETECT_NO_TAIL		255

static_assert(KMC_DETECT_BINS < DETECT_NO_TAIL);

u32 kmc_detect_bin(s32 evidence)
{
	s32 from = max(evidence, DETECT_BIN_FROM_MBIT) - DETECT_BIN_FROM_MBIT;
	u32 bin = (u32)from / DETECT_BIN_MBIT;

	if (bin >= DETECT_BIN_FINE)
		bin = DETECT_BIN_FINE + (bin - DETECT_BIN_FINE) / DETECT_BIN_WIDE;
	return min_t(u32, bin, KMC_DETECT_BINS - 1);
}

static s32 detect_bin_mid(u32 bin)
{
	u32 mid_x2 = 2 * bin + 1;

	if (bin >= DETECT_BIN_FINE)
		mid_x2 = 2 * DETECT_BIN_FINE +
			 (2 * (bin - DETECT_BIN_FINE) + 1) * DETECT_BIN_WIDE;
	return DETECT_BIN_FROM_MBIT + (s32)mid_x2 * (DETECT_BIN_MBIT / 2);
}

/*
 * The tail begins in the highest bin that has @tail_weight samples in it or above it.
 * Its weight and its mean excess are those above the middle of that bin.
 */
void kmc_detect_find_tail(struct kmc_detect *d, const struct kmc_detect_params *p)
{
	u32 weight = 0, i = KMC_DETECT_BINS;
	u64 sum = 0;

	if (d->tail_bin != DETECT_NO_TAIL)
		return;
	while (i-- > 1) {
		if (weight)	/* all above are one bin farther off */
			sum += (u64)weight * (detect_bin_mid(i + 1) - detect_bin_mid(i));
		weight += d->bin[i];
		if (weight >= p->tail_weight)
			break;
	}
	d->tail_bin = i;
	d->tail_weight_x2 = 2 * weight - d->bin[i];
	sum = div_u64(sum, max_t(u32, weight - d->bin[i] / 2, 1));
	d->tail_mean_mbit = max_t(u64, sum, DETECT_MEAN_MIN_MBIT);
}

/*
 * -log2 of the share of past evidence that was as large.  The own bin and the sample
 * itself count by half: if one value fills the bin, this is off by a factor of two at most.
 */
static u32 detect_rank_mbit(const struct kmc_detect *d, u32 weight_x2)
{
	if (weight_x2 >= d->total)
		return 0;
	return kmc_log2_mbit(2 * d->total + 2) - kmc_log2_mbit(weight_x2 + 1);
}

/* Twice the samples above a bin, plus those in it */
static u32 detect_weight_x2(const struct kmc_detect *d, u32 bin)
{
	u32 above = 0, i = bin + 1;

	for (; i % KMC_DETECT_GROUP; i++)
		above += d->bin[i];
	for (i /= KMC_DETECT_GROUP; i < KMC_DETECT_GROUPS; i++)
		above += d->group[i];
	return 2 * above + d->bin[bin];
}

static bool detect_in_tail(const struct kmc_detect *d, const struct kmc_detect_params *p,
			   u32 bin)
{
	return d->total >= p->tail_min && bin > d->tail_bin;
}

u32 kmc_detect_calibrate(const struct kmc_detect *d, const struct kmc_detect_params *p,
			 s32 evidence)
{
	u32 bin = kmc_detect_bin(evidence);
	u64 over;

	if (detect_in_tail(d, p, bin)) {
		over = (u64)(evidence - detect_bin_mid(d->tail_bin)) * KMC_LOG2E_MBIT;
		return min_t(u64, detect_rank_mbit(d, d->tail_weight_x2) +
				  div_u64(over, d->tail_mean_mbit), DETECT_MBIT_MAX);
	}
	return detect_rank_mbit(d, detect_weight_x2(d, bin));
}

void kmc_detect_start_rank(struct kmc_detect *d)
{
	d->halve_in = KMC_DETECT_YOUNG * KMC_DETECT_YOUNG;
	d->tail_bin = DETECT_NO_TAIL - 1;	/* nothing is above */
	d->tail_mean_mbit = DETECT_MEAN_MIN_MBIT;
}

void kmc_detect_sum(struct kmc_detect *d)
{
	u32 i;

	d->total = 0;
	memset(d->group, 0, sizeof(d->group));
	for (i = 0; i < KMC_DETECT_BINS; i++) {
		d->total += d->bin[i];
		d->group[i / KMC_DETECT_GROUP] += d->bin[i];
	}
	d->tail_bin = DETECT_NO_TAIL;
}

/* Rounded at random, so that a bin of one sample keeps its share on average */
void kmc_detect_halve(struct kmc_detect *d)
{
	u64 coin = 0;
	u32 i;

	for (i = 0; i < KMC_DETECT_BINS; i++, coin >>= 1) {
		if (!(i & 31)) {
			d->seed = d->seed * 6364136223846793005ULL + 1442695040888963407ULL;
			coin = d->seed >> 32;
		}
		d->bin[i] = (d->bin[i] + (coin & 1)) >> 1;
	}
	kmc_detect_sum(d);
}

/* A young histogram is halved at each doubling of its age */
void kmc_detect_add(struct kmc_detect *d, u8 bin, u32 n)
{
	/* more than that and nothing else is left */
	n = min(n, 16 * KMC_DETECT_TOTAL_MAX);
	while (n) {
		u32 run = min(min(n, KMC_DETECT_TOTAL_MAX - d->total),
			      min(U16_MAX - d->bin[bin], d->halve_in));

		d->bin[bin] += run;
		d->group[bin / KMC_DETECT_GROUP] += run;
		d->total += run;
		n -= run;
		d->halve_in -= run;
		if (d->halve_in && d->total < KMC_DETECT_TOTAL_MAX && d->bin[bin] < U16_MAX)
			continue;
		kmc_detect_halve(d);
		/* never 0: rounding may have left nothing */
		d->halve_in = d->total > KMC_DETECT_TOTAL_MAX / 8 ?
			      U32_MAX : max(2 * d->total, KMC_DETECT_YOUNG);
	}
	if (bin >= d->tail_bin)
		d->tail_bin = DETECT_NO_TAIL;
}

void kmc_detect_learn_evidence(struct kmc_detect *d, u8 bin)
{
	u32 limit = min_t(u64, KMC_DETECT_LAG, d->age / 2);

	if (d->lag_len && d->lag_len >= limit) {
		kmc_detect_add(d, d->lag[d->lag_tail], 1);
		d->lag_tail = d->lag_tail + 1 < KMC_DETECT_LAG ? d->lag_tail + 1 : 0;
		d->lag_len--;
	}
	if (limit) {
		u32 head = d->lag_tail + d->lag_len;

		d->lag[head < KMC_DETECT_LAG ? head : head - KMC_DETECT_LAG] = bin;
		d->lag_len++;
	} else {
		kmc_detect_add(d, bin, 1);
	}
}
