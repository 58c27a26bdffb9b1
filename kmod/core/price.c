// SPDX-License-Identifier: GPL-2.0
/*
 * Notice protects a payer from a rise that it did not ask for, and no longer than once.
 *
 * The problem.  The grant is in force at once, its price after notice.  A grant that is
 * asked for, dropped before the notice ends, and asked for again, would be free: 4 h at a
 * grant of 19 929 cost 4.0 credits toggled and 7.9 held, at 300 s of notice.
 *
 * The model.  What the payer asks for costs from the grant on (kmc_price_raise()).  For
 * what the policy does, a price that falls is remembered for the length of the notice.
 * A rise in that time is the same rise, and takes force when the first one did or would.
 *
 * Worked: notice 300 s; announced at 0, taken back at 295, announced again at 296: in
 * force at 300.  Dropped at 310, raised at 320: in force at 320.
 */
#include "price.h"

#define PRICE_NS_PER_MIN	(60 * KMC_NS_PER_S)

void kmc_price_init(struct kmc_price *p, const struct kmc_tariff *t, const struct kmc_now *now)
{
	memset(p, 0, sizeof(*p));
	p->now_ncr_h = clamp(t->base_ncr_h, t->floor_ncr_h, t->ceiling_ncr_h);
	p->charged_until_ns = now->at_ns;
	p->slewed_at_ns = now->at_ns;
}

/* Rounded toward the base, so that a change and its undoing are the same */
u64 kmc_price_target(const struct kmc_tariff *t, const u32 grant_bp[KMC_NR_ACT])
{
	u64 up = t->base_ncr_h, down = 0;
	int i;

	for (i = 0; i < KMC_NR_ACT; i++) {
		if (grant_bp[i] >= KMC_BP)
			up = kmc_sat_add(up, kmc_muldiv_floor(t->cost_ncr_h[i],
							      grant_bp[i] - KMC_BP, KMC_BP));
		else
			down = kmc_sat_add(down, kmc_muldiv_floor(t->cost_ncr_h[i],
								  KMC_BP - grant_bp[i], KMC_BP));
	}
	return clamp(kmc_sat_sub(up, down), t->floor_ncr_h, t->ceiling_ncr_h);
}

/* Charge the price in force up to @at_ns */
static u64 price_accrue_until(struct kmc_price *p, u64 at_ns)
{
	u64 span_ns = kmc_sat_sub(at_ns, p->charged_until_ns);

	p->charged_until_ns += span_ns;
	return kmc_accrue(p->now_ncr_h, span_ns, KMC_NS_PER_HOUR, &p->rem[KMC_CHARGE_TIME]);
}

static void price_take_force(struct kmc_price *p)
{
	p->now_ncr_h = p->pending_ncr_h;
	p->pending_ncr_h = 0;
	p->pending_at_ns = 0;
}

u64 kmc_price_per(enum kmc_resource r)
{
	static const u64 per[KMC_NR_ACT] = {
		[KMC_RES_CPU] = KMC_NS_PER_HOUR,
		[KMC_RES_MEMORY] = KMC_MEMORY_PER_GIB_H,
		[KMC_RES_NETWORK] = KMC_BYTES_PER_GIB,
		[KMC_RES_DISK] = KMC_BYTES_PER_GIB,
	};

	return per[r];
}

struct kmc_charge kmc_price_accrue(struct kmc_price *p, const struct kmc_tariff *t,
				   const struct kmc_used *used, const struct kmc_now *now)
{
	struct kmc_charge due = {};
	int r;

	if (p->pending_at_ns && p->pending_at_ns <= now->at_ns) {
		due.ncr[KMC_CHARGE_TIME] = price_accrue_until(p, p->pending_at_ns);
		price_take_force(p);
	}
	due.ncr[KMC_CHARGE_TIME] = kmc_sat_add(due.ncr[KMC_CHARGE_TIME],
					       price_accrue_until(p, now->at_ns));
	for (r = 0; r < KMC_NR_ACT; r++)
		due.ncr[KMC_CHARGE_OF(r)] = kmc_accrue(t->rate_ncr[r], used->of[r],
						       kmc_price_per(r),
						       &p->rem[KMC_CHARGE_OF(r)]);
	return due;
}

void kmc_price_book(struct kmc_price *p, const struct kmc_charge *c,
		    const struct kmc_charge *waive)
{
	int i;

	for (i = 0; i < KMC_NR_CHARGES; i++)
		p->charged_ncr[i] = kmc_sat_add(p->charged_ncr[i],
						kmc_sat_sub(c->ncr[i], waive->ncr[i]));
	p->waived_ncr = kmc_sat_add(p->waived_ncr, kmc_charge_sum(waive));
}

/*
 * From @from toward @to, as far as the slew bucket reaches.  The bucket pays with the
 * time that the change takes at the slew, rounded up.
 */
static u64 price_slew(struct kmc_price *p, const struct kmc_tariff *t, u64 from, u64 to,
		      const struct kmc_now *now)
{
	u64 have_ns = min_t(u64, kmc_sat_sub(now->at_ns, p->slewed_at_ns), PRICE_NS_PER_MIN);
	u64 change = kmc_distance(from, to);
	u64 round_up = t->slew_ncr_h_min - 1;

	if (!t->slew_ncr_h_min)
		return to;
	change = min(change, kmc_muldiv_floor(t->slew_ncr_h_min, have_ns, PRICE_NS_PER_MIN));
	if (!change)
		return from;
	have_ns -= kmc_accrue(change, PRICE_NS_PER_MIN, t->slew_ncr_h_min, &round_up);
	p->slewed_at_ns = now->at_ns - have_ns;
	return from > to ? from - change : from + change;
}

/*
 * The announced price falls from @level, which took or takes force at @at_ns: if it rises
 * again within the notice, it was announced already.
 */
static void price_recall(struct kmc_price *p, const struct kmc_tariff *t, u64 level, u64 at_ns,
			 const struct kmc_now *now)
{
	if (now->at_ns >= p->recalled_until_ns || level > p->recalled_ncr_h) {
		p->recalled_ncr_h = level;
		p->recalled_at_ns = at_ns;
	}
	p->recalled_until_ns = now->at_ns + t->notice_ms * KMC_NS_PER_MS;
}

/*
 * A rise that is not in force was never charged: lowering it needs neither notice nor
 * slew.  Return: whether something was taken back.
 */
static bool price_lower_pending(struct kmc_price *p, const struct kmc_tariff *t, u64 target,
				const struct kmc_now *now)
{
	if (!p->pending_at_ns || target >= p->pending_ncr_h)
		return false;
	price_recall(p, t, p->pending_ncr_h, p->pending_at_ns, now);
	if (target > p->now_ncr_h) {
		p->pending_ncr_h = target;
	} else {
		p->pending_ncr_h = 0;
		p->pending_at_ns = 0;
	}
	return true;
}

static void price_announce(struct kmc_price *p, u64 ncr_h, u64 at_ns)
{
	p->pending_ncr_h = ncr_h;
	p->pending_at_ns = at_ns;
}

/* A rise to @next: as far as it was announced before, then with notice of its own */
static void price_rise(struct kmc_price *p, const struct kmc_tariff *t, u64 next,
		       const struct kmc_now *now)
{
	u64 at_ns = now->at_ns + t->notice_ms * KMC_NS_PER_MS, known;

	known = now->at_ns < p->recalled_until_ns ? min(next, p->recalled_ncr_h) : 0;
	if (known > p->now_ncr_h && p->recalled_at_ns > now->at_ns) {
		price_announce(p, known, p->recalled_at_ns);
		return;
	}
	p->now_ncr_h = max(p->now_ncr_h, known);
	if (next > p->now_ncr_h)
		price_announce(p, next, at_ns);
}

/* Nothing is pending: bring the price toward @target, now or after notice */
static bool price_step(struct kmc_price *p, const struct kmc_tariff *t, u64 target,
		       const struct kmc_now *now)
{
	u64 next = price_slew(p, t, p->now_ncr_h, target, now);

	if (next == p->now_ncr_h)
		return false;
	if (next > p->now_ncr_h && t->notice_ms) {
		price_rise(p, t, next, now);
		return true;
	}
	if (next < p->now_ncr_h)
		price_recall(p, t, p->now_ncr_h, now->at_ns, now);
	p->now_ncr_h = next;
	return true;
}

bool kmc_price_raise(struct kmc_price *p, const struct kmc_tariff *t,
		     const u32 old_bp[KMC_NR_ACT], const u32 grant_bp[KMC_NR_ACT], u32 asked)
{
	u64 target = kmc_price_target(t, grant_bp), before = p->now_ncr_h, by;
	u32 without_bp[KMC_NR_ACT];
	int r;

	for (r = 0; r < KMC_NR_ACT; r++)
		without_bp[r] = asked & 1U << r ? min(old_bp[r], grant_bp[r]) : grant_bp[r];
	by = kmc_sat_sub(target, kmc_price_target(t, without_bp));
	if (!by)
		return false;
	p->now_ncr_h = max(before, min(before + by, target));
	if (p->pending_at_ns)
		p->pending_ncr_h = max(p->pending_ncr_h, min(p->pending_ncr_h + by, target));
	if (p->pending_ncr_h <= p->now_ncr_h)
		price_announce(p, 0, 0);
	if (p->now_ncr_h == before)
		return false;
	p->version++;
	return true;
}

bool kmc_price_move(struct kmc_price *p, const struct kmc_tariff *t,
		    const u32 grant_bp[KMC_NR_ACT], const struct kmc_now *now)
{
	u64 target = kmc_price_target(t, grant_bp);
	bool moved;

	if (p->pending_at_ns && p->pending_at_ns <= now->at_ns)
		price_take_force(p);
	moved = price_lower_pending(p, t, target, now);
	if (!p->pending_at_ns && price_step(p, t, target, now))
		moved = true;
	p->version += moved;
	return moved;
}
