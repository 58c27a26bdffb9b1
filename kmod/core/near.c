// SPDX-License-Identifier: GPL-2.0
#include "near.h"

#define NEAR_VALUE_MAX		0x7fff
/* A past whose values are all below this has bits to spare */
#define NEAR_VALUE_ROOMY	0x0fff
#define NEAR_MOVE_SHIFT		6	/* the usual step forgets over 64 periods */
/* A usual step is scaled to 2^9 in the distances; a factor below four is left as it is */
#define NEAR_GAIN_BITS		9
#define NEAR_GAIN_MAX		15
#define NEAR_GAIN_OFF		2
#define NEAR_MISS_MAX		0x7fff
/* A guess that lets more lags through saves nothing; one that lets too few through is raised */
#define NEAR_SOME		64
#define NEAR_TRIES		3

/* Four lags at a time, 16 bits each of a word; the top bit of each is spare */
#define NEAR_LANES		4
#define NEAR_ONES		0x0001000100010001ULL
#define NEAR_TOPS		0x8000800080008000ULL
/* Times this, the lowest bits of the lanes are the topmost four, side by side */
#define NEAR_GATHER		(BIT_ULL(60) | BIT_ULL(45) | BIT_ULL(30) | BIT_ULL(15))
#define NEAR_MAP_WORDS		((KMC_NEAR_LAGS + 63) / 64)

static_assert(KMC_NEAR_LAGS % NEAR_LANES == 0);

#define NEAR_RANK_WORDS		((KMC_NEAR_MOST + NEAR_LANES - 1) / NEAR_LANES)

/* A median is taken of each of these numbers of neighbours */
static const u8 near_most[KMC_NEAR_MEDIANS] = { 3, 7, KMC_NEAR_MOST };

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
		n->miss[i] = min_t(u32, (u32)n->miss[i] << 1, NEAR_MISS_MAX);
	n->move_q8 <<= 1;
	n->shift--;
}

/* Once in KMC_NEAR_SLACK periods: move back to the top, and see if the unit is still right */
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
			n->miss[i] = min_t(u32, (u32)n->miss[i] << off, NEAR_MISS_MAX);
		else
			n->miss[i] >>= -off;
	}
	n->gain = want;
}

static u64 near_load(const u16 *v)
{
	u64 word;

	memcpy(&word, v, sizeof(word));
	return word;
}

/* 1 in each lane where @a >= @b, 0 in the others: the top bit is not borrowed there */
static u64 near_not_below(u64 a, u64 b)
{
	return ((a | NEAR_TOPS) - b) >> 15 & NEAR_ONES;
}

/* 0x7fff in each lane where @a >= @b, 0 in the others */
static u64 near_at_least(u64 a, u64 b)
{
	u64 yes = near_not_below(a, b);

	return (yes << 15) - yes;
}

static u64 near_choose(u64 mask, u64 a, u64 b)
{
	return (a & mask) | (b & ~mask);
}

/*
 * Per lane: miss += (min(|v - past| * 2^gain, most) - miss) / 2^rate.  Both
 * parts are rounded to the nearest, and the sum stays below 2^15: a 2^rate-th
 * of the largest number is half above a whole one.
 */
static u64 near_follow(u64 miss, u64 v, u64 past, u32 gain, u32 rate)
{
	u64 most = (NEAR_MISS_MAX >> gain) * NEAR_ONES;
	u64 keep = NEAR_ONES * ((1 << (15 - rate)) - 1);
	u64 half = NEAR_ONES << (rate - 1);
	u64 above = near_at_least(v, past);
	/* |v - past|: where past is above, it is ~(v - past) + 1 of 15 bits */
	u64 step = ((v | NEAR_TOPS) - past) & ~NEAR_TOPS;

	step = (step ^ (~above & ~NEAR_TOPS)) + (~above & NEAR_ONES);
	/* seldom: few steps are 64 times the usual one */
	if (((step | NEAR_TOPS) - most - NEAR_ONES) & NEAR_TOPS)
		step = near_choose(near_at_least(step, most), most, step);
	step <<= gain;
	return miss - ((miss + half) >> rate & (keep << 1 | NEAR_ONES)) +
	       ((step + half) >> rate & (keep << 1 | NEAR_ONES));
}

void kmc_near_observe(struct kmc_near *n, u32 v, u32 rate_shift)
{
	u32 lags = min_t(u32, n->nr, KMC_NEAR_LAGS), i;
	const u16 *past;
	u64 v4;

	while (v >> n->shift > NEAR_VALUE_MAX)
		near_halve(n);
	v >>= n->shift;
	if (n->nr) {
		s32 step_q8 = kmc_distance(v, n->past[n->head]) << 8;

		n->move_q8 += (step_q8 - (s32)n->move_q8) >> NEAR_MOVE_SHIFT;
		near_set_gain(n);
	}
	past = &n->past[n->head];
	v4 = v * NEAR_ONES;
	for (i = 0; i < lags; i += NEAR_LANES) {
		u64 miss = near_follow(near_load(&n->miss[i]), v4, near_load(&past[i]), n->gain,
				       rate_shift);

		memcpy(&n->miss[i], &miss, sizeof(miss));
	}
	/* for a lag that is seen for the first time, this one step is the distance */
	if (lags && lags == n->nr) {
		u32 step = kmc_distance(v, past[lags - 1]);

		n->miss[lags - 1] = min_t(u32, step << n->gain, NEAR_MISS_MAX);
	}
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
	/* within the run both sides of a lag are the same; longer lags keep what is known */
	for (i = 0; i < min_t(u32, nr, KMC_NEAR_LAGS); i++)
		n->miss[i] = 0;
}

/*
 * Each place keeps the nearer of two and hands on the other.  That takes more steps
 * than a search for the place, but no branch that a processor could guess wrong.
 */
static void near_offer(const struct kmc_near *n, u32 lag, u32 late, struct kmc_near_list *list)
{
	u32 key = (u32)n->miss[lag - 1] << 16 | late | lag, i;

	if (list->nr < KMC_NEAR_MOST)
		list->key[list->nr++] = U32_MAX;
	for (i = 0; i < list->nr; i++) {
		u32 nearer = min(list->key[i], key);

		key = max(list->key[i], key);
		list->key[i] = nearer;
	}
}

/* Is one of four distances below @limit4? */
static bool near_any_below(const u16 *miss, u64 limit4)
{
	return near_not_below(near_load(miss), limit4) != NEAR_ONES;
}

/* A bit per lag, lag l at l - 1 */
struct near_map {
	u64 word[NEAR_MAP_WORDS];
};

/*
 * Which lags of @from..@to miss by less than @below, and how many they are.  There is
 * no branch on a distance: a processor would guess it wrong.
 */
static u32 near_below(const struct kmc_near *n, u32 from, u32 to, u32 below, struct near_map *map)
{
	/* a saturated distance is not among the nearest, or there are too few lags */
	u64 below4 = min_t(u32, below, NEAR_MISS_MAX) * NEAR_ONES, bits;
	u32 nr = 0, first, last, w, i;

	for (w = 0; w < NEAR_MAP_WORDS; w++) {
		first = w * 64;
		last = min_t(u32, first + 64, KMC_NEAR_LAGS);
		bits = 0;
		for (i = first; i < last; i += NEAR_LANES) {
			u64 is = near_not_below(near_load(&n->miss[i]), below4) ^ NEAR_ONES;

			bits |= (is * NEAR_GATHER >> 60) << (i - first);
		}
		if (from > first + 1)
			bits &= from - 1 < first + 64 ? ~0ULL << (from - 1 - first) : 0;
		if (to < first + 64)
			bits &= to > first ? ~0ULL >> (first + 64 - to) : 0;
		map->word[w] = bits;
		nr += hweight64(bits);
	}
	return nr;
}

/* The nearest of the lags below a guess; false when the guess is far off */
static bool near_find_below(const struct kmc_near *n, u32 from, u32 to, u32 below,
			    struct kmc_near_list *list)
{
	struct near_map map;
	u32 nr, tries, w;
	u64 bits;

	for (tries = 0; tries < NEAR_TRIES; tries++, below += below / 16 + 1) {
		nr = near_below(n, from, to, below, &map);
		if (nr >= KMC_NEAR_MOST)
			break;
	}
	if (nr < KMC_NEAR_MOST || nr > NEAR_SOME)
		return false;
	for (w = 0; w < NEAR_MAP_WORDS; w++)
		for (bits = map.word[w]; bits; bits &= bits - 1)
			near_offer(n, w * 64 + __ffs64(bits) + 1, 0, list);
	return true;
}

void kmc_near_find(const struct kmc_near *n, u32 from, u32 to, u32 below,
		   struct kmc_near_list *list)
{
	/* of equal distances those of an earlier search stay first */
	u32 late = list->nr ? KMC_NEAR_LATE : 0, lag;

	/* lag l needs the value l periods ago */
	to = min_t(u32, to, n->nr ? n->nr - 1 : 0);
	if (below && !late && near_find_below(n, from, to, below, list))
		return;
	for (lag = from; lag <= to; lag++) {
		/* in a full list a lag must be nearer than the last */
		while (list->nr == KMC_NEAR_MOST && lag + NEAR_LANES - 1 <= to &&
		       !near_any_below(&n->miss[lag - 1],
				       kmc_near_miss(list, KMC_NEAR_MOST - 1) * NEAR_ONES))
			lag += NEAR_LANES;
		if (lag <= to)
			near_offer(n, lag, late, list);
	}
}

/*
 * The values of a list, and for each the number of others that it is above, four to
 * a word: the same work whatever their order.  Places that are not taken hold 0,
 * which is above nothing.
 */
struct near_ranks {
	u64 v[NEAR_RANK_WORDS];
	u64 rank[NEAR_RANK_WORDS];
	u32 nr;
};

static void near_rank(struct near_ranks *r, u16 v)
{
	u32 words = r->nr / NEAR_LANES + 1, at = r->nr % NEAR_LANES * 16, i;
	u64 v4 = v * NEAR_ONES | NEAR_TOPS, sum = 0;

	for (i = 0; i < words; i++) {
		u64 above = ~((v4 - r->v[i]) >> 15) & NEAR_ONES;

		r->rank[i] += above;
		sum += above;
	}
	r->v[words - 1] |= (u64)v << at;
	/* the lanes' sum, in the highest */
	r->rank[words - 1] += (u64)(r->nr - (sum * NEAR_ONES >> 48)) << at;
	r->nr++;
}

static u32 near_ranked(const struct near_ranks *r, u32 rank)
{
	u64 v = 0;
	u32 i;

	for (i = 0; i < NEAR_RANK_WORDS; i++) {
		u64 is = (NEAR_TOPS - (r->rank[i] ^ rank * NEAR_ONES)) >> 15 & NEAR_ONES;

		v |= r->v[i] & ((is << 15) - is);
	}
	v |= v >> 32;
	return (v | v >> 16) & NEAR_VALUE_MAX;
}

u32 kmc_near_medians(const struct kmc_near *n, const struct kmc_near_list *list, u32 ahead,
		     u32 *median)
{
	const u16 *past = &n->past[n->head];
	struct near_ranks r = {};
	u32 i;

	for (i = 0; i < KMC_NEAR_MEDIANS; i++) {
		u32 nr = min_t(u32, near_most[i], list->nr);

		while (r.nr < nr)
			near_rank(&r, past[kmc_near_lag(list, r.nr) - ahead]);
		median[i] = nr ? near_ranked(&r, nr / 2) << n->shift : kmc_near_past(n, 0);
	}
	return r.nr > 1 ? near_ranked(&r, r.nr - 2) << n->shift : median[0];
}

u32 kmc_near_moved(const struct kmc_near *n, const struct kmc_near_list *list)
{
	u32 nr = min_t(u32, list->nr, KMC_NEAR_MOVED);
	const u16 *past = &n->past[n->head];
	struct near_ranks r = {};

	if (!nr)
		return kmc_near_past(n, 0);
	while (r.nr < nr) {
		u32 lag = kmc_near_lag(list, r.nr);

		/* clipping keeps the order, so it may come before the median */
		near_rank(&r, clamp_t(s32, past[0] + past[lag - 1] - past[lag],
				      0, NEAR_VALUE_MAX));
	}
	return near_ranked(&r, nr / 2) << n->shift;
}

u32 kmc_near_last_median(const struct kmc_near *n, u32 k)
{
	struct near_ranks r = {};

	k = min_t(u32, k, min_t(u32, n->nr, KMC_NEAR_MOST));
	while (r.nr < k)
		near_rank(&r, n->past[n->head + r.nr]);
	return near_ranked(&r, k / 2) << n->shift;
}
