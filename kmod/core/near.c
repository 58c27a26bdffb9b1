// SPDX-License-Identifier: GPL-2.0
#include "near.h"

#define NEAR_VALUE_MAX		0x7fff
/* A past whose values are all below this has bits to spare */
#define NEAR_VALUE_ROOMY	0x0fff
#define NEAR_MOVE_SHIFT		6	/* the usual step forgets over 64 periods */
/* a usual step is scaled to 2^9 in the distances; less than a factor of four
 * off is left as it is
 */
#define NEAR_GAIN_BITS		9
#define NEAR_GAIN_MAX		15
#define NEAR_GAIN_OFF		2

void kmc_near_init(struct kmc_near *n)
{
	memset(n, 0, sizeof(*n));
	n->head = KMC_NEAR_SLACK;
}

static void near_halve(struct kmc_near *n)
{
	u32 i;

	for (i = 0; i < n->nr; i++)
		n->past[n->head + i] >>= 1;
	for (i = 0; i < KMC_NEAR_LAGS; i++)
		n->miss[i] >>= 1;
	n->move_q8 >>= 1;
	n->shift++;
}

static void near_double(struct kmc_near *n)
{
	u32 i;

	for (i = 0; i < n->nr; i++)
		n->past[n->head + i] <<= 1;
	for (i = 0; i < KMC_NEAR_LAGS; i++)
		n->miss[i] = min_t(u32, (u32)n->miss[i] << 1, U16_MAX);
	n->move_q8 <<= 1;
	n->shift--;
}

/* Once in KMC_NEAR_SLACK periods: back to the top, and is the unit still right? */
static void near_wrap(struct kmc_near *n)
{
	u16 most = 0;
	u32 i;

	n->nr = min_t(u32, n->nr, KMC_NEAR_PAST);
	memmove(&n->past[KMC_NEAR_SLACK], &n->past[0], n->nr * sizeof(n->past[0]));
	n->head = KMC_NEAR_SLACK;
	if (!n->shift)
		return;
	for (i = 0; i < n->nr; i++)
		most = max(most, n->past[n->head + i]);
	for (; n->shift && most <= NEAR_VALUE_ROOMY; most <<= 1)
		near_double(n);
}

static void near_set_gain(struct kmc_near *n)
{
	s32 want = clamp_t(s32, NEAR_GAIN_BITS + 9 - fls64(n->move_q8), 0, NEAR_GAIN_MAX);
	s32 off = want - n->gain;
	u32 i;

	if (off < NEAR_GAIN_OFF && off > -NEAR_GAIN_OFF)
		return;
	for (i = 0; i < KMC_NEAR_LAGS; i++) {
		if (off > 0)
			n->miss[i] = min_t(u32, (u32)n->miss[i] << off, U16_MAX);
		else
			n->miss[i] >>= -off;
	}
	n->gain = want;
}

static u32 near_step(u32 a, u32 b, u32 gain)
{
	u32 step = a > b ? a - b : b - a;

	return min_t(u32, step << gain, U16_MAX);
}

void kmc_near_observe(struct kmc_near *n, u32 v, u32 rate_q12)
{
	u32 lags = min_t(u32, n->nr, KMC_NEAR_LAGS), i;
	u16 *past;

	while (v >> n->shift > NEAR_VALUE_MAX)
		near_halve(n);
	v >>= n->shift;
	if (n->nr) {
		s32 step_q8 = (s32)v - n->past[n->head];

		step_q8 = (step_q8 < 0 ? -step_q8 : step_q8) << 8;
		n->move_q8 += (step_q8 - (s32)n->move_q8) >> NEAR_MOVE_SHIFT;
		near_set_gain(n);
	}
	past = &n->past[n->head];
	for (i = 0; i < lags; i++) {
		s32 off = (s32)near_step(v, past[i], n->gain) - n->miss[i];

		n->miss[i] += (off * (s32)rate_q12 + 2048) >> 12;
	}
	/* a lag that is seen for the first time has this one step to go by */
	if (lags < KMC_NEAR_LAGS && lags == n->nr && lags)
		n->miss[lags - 1] = near_step(v, past[lags - 1], n->gain);
	if (!n->head)
		near_wrap(n);
	n->past[--n->head] = v;
	if (n->nr < KMC_NEAR_PAST)
		n->nr++;
}

void kmc_near_skip(struct kmc_near *n, u32 nr)
{
	u16 v = n->past[n->head];
	u32 i;

	if (!n->nr)
		return;
	nr = min_t(u32, nr, KMC_NEAR_PAST);
	n->nr = min_t(u32, n->nr + nr, KMC_NEAR_PAST);
	memmove(&n->past[KMC_NEAR_SLACK + nr], &n->past[n->head],
		(n->nr - nr) * sizeof(n->past[0]));
	n->head = KMC_NEAR_SLACK;
	for (i = 0; i < nr; i++)
		n->past[n->head + i] = v;
	/* both sides of a lag within the run are the same; of longer lags no more is known */
	for (i = 0; i < min_t(u32, nr, KMC_NEAR_LAGS); i++)
		n->miss[i] = 0;
}

static void near_insert(struct kmc_near_list *list, u16 miss, u16 lag)
{
	u32 i = list->nr < KMC_NEAR_MOST ? list->nr++ : KMC_NEAR_MOST - 1;

	for (; i && list->miss[i - 1] > miss; i--) {
		list->miss[i] = list->miss[i - 1];
		list->lag[i] = list->lag[i - 1];
	}
	list->miss[i] = miss;
	list->lag[i] = lag;
}

void kmc_near_find(const struct kmc_near *n, u32 from, u32 to, struct kmc_near_list *list)
{
	u32 lag;

	/* lag l needs the value l periods ago */
	to = min_t(u32, to, n->nr ? n->nr - 1 : 0);
	for (lag = from; lag <= to; lag++)
		if (list->nr < KMC_NEAR_MOST || n->miss[lag - 1] < list->miss[KMC_NEAR_MOST - 1])
			near_insert(list, n->miss[lag - 1], lag);
}

/* The middle one of @v[0..nr), which is left sorted; @nr is small */
static u16 near_middle(u16 *v, u32 nr)
{
	u32 i, j;

	for (i = 1; i < nr; i++) {
		u16 x = v[i];

		for (j = i; j && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
	return v[nr / 2];
}

u32 kmc_near_median(const struct kmc_near *n, const struct kmc_near_list *list, u32 k, u32 ahead,
		    u32 *high)
{
	u16 v[KMC_NEAR_MOST], middle;
	u32 i;

	k = min(k, list->nr);
	*high = kmc_near_past(n, 0);
	if (!k)
		return *high;
	for (i = 0; i < k; i++)
		v[i] = n->past[n->head + list->lag[i] - ahead];
	middle = near_middle(v, k);
	*high = (u32)v[k > 1 ? k - 2 : 0] << n->shift;
	return (u32)middle << n->shift;
}

u32 kmc_near_last_median(const struct kmc_near *n, u32 k)
{
	u16 v[KMC_NEAR_MOST];
	u32 i;

	k = min_t(u32, k, min_t(u32, n->nr, KMC_NEAR_MOST));
	for (i = 0; i < k; i++)
		v[i] = n->past[n->head + i];
	return k ? (u32)near_middle(v, k) << n->shift : 0;
}
