/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Price: what the VM pays per hour now, and the exact sum of what it paid.
 *
 * target = base + sum over resources of cost * (grant - 10 000) / 10 000,
 * clamped to [floor, ceiling]; the price moves to the target by at most the
 * slew.  So each adjustment moves the price by factor * cost, and its end
 * moves it back.  A fall takes effect at once, a rise after the notice time:
 * until then it is @pending and the old price is charged.
 *
 * Each rise has its full notice, and none is put off for ever: while one is
 * pending a higher target waits until it took force, then is announced in its
 * turn; a lower target lowers or cancels the pending one at once.
 *
 * The slew allowance is a bucket that holds one minute's worth.
 *
 * Charge: a component for time (price * ns) and one per resource (rate *
 * metered amount), each by kmc_accrue() with its own carried remainder, so that
 * any split of time bills the same sum.
 */
#ifndef KMC_PRICE_H
#define KMC_PRICE_H

#include "decide.h"

/** enum kmc_charge_kind - components of a charge; the metered ones as enum kmc_resource */
enum kmc_charge_kind {
	KMC_CHARGE_TIME,
	KMC_CHARGE_CPU,
	KMC_CHARGE_MEMORY,
	KMC_CHARGE_NETWORK,
	KMC_CHARGE_DISK,
	KMC_NR_CHARGES,
};

#define KMC_CHARGE_OF(resource)	(KMC_CHARGE_CPU + (resource))

/* What a tariff's rate is paid for: so much of a resource's metered amount */
#define KMC_MEMORY_PER_GIB_H	(1024 * 3600000ULL)	/* MiB times ms */
#define KMC_BYTES_PER_GIB	(1ULL << 30)

/**
 * struct kmc_used - what was metered, by resource, in the amounts of enum kmc_resource
 */
struct kmc_used {
	u64 of[KMC_NR_ACT];
};

/**
 * struct kmc_price - price in force, the next one, and charges
 * @now_ncr_h: in force
 * @pending_ncr_h: announced, in force from @pending_at_ns on
 * @pending_at_ns: 0: nothing pending
 * @charged_until_ns: charges are complete up to here
 * @slewed_at_ns: since when the slew allowance accumulates
 * @version: counts changes of the announced price
 * @rem: carried remainders of kmc_accrue(), by component
 * @charged_ncr: sum since the VM appeared, by component
 * @waived_ncr: sum not charged because of the cap
 */
struct kmc_price {
	u64 now_ncr_h;
	u64 pending_ncr_h;
	u64 pending_at_ns;
	u64 charged_until_ns;
	u64 slewed_at_ns;
	u64 version;
	u64 rem[KMC_NR_CHARGES];
	u64 charged_ncr[KMC_NR_CHARGES];
	u64 waived_ncr;
};

/** struct kmc_charge - one settlement's amounts, by component */
struct kmc_charge {
	u64 ncr[KMC_NR_CHARGES];
};

void kmc_price_init(struct kmc_price *p, const struct kmc_tariff *t, const struct kmc_now *now);
/** kmc_price_target - the price that these grants call for */
u64 kmc_price_target(const struct kmc_tariff *t, const u32 grant_bp[KMC_NR_ACT]);
/** kmc_price_per - the amount of a resource that its rate is paid for */
u64 kmc_price_per(enum kmc_resource r);
/**
 * kmc_price_accrue - what fell due since the last call
 * @p: price; remainders and charged_until_ns move on, a pending price whose
 *     time has come takes force at its instant
 * @t: tariff
 * @used: metered since the last call
 * @now: clock; an instant before charged_until_ns accrues no time
 *
 * Does not add to charged_ncr: the budget has the last word on that.
 */
struct kmc_charge kmc_price_accrue(struct kmc_price *p, const struct kmc_tariff *t,
				   const struct kmc_used *used, const struct kmc_now *now);
/** kmc_price_book - add @c to the charges, except @waive of it */
void kmc_price_book(struct kmc_price *p, const struct kmc_charge *c,
		    const struct kmc_charge *waive);
/**
 * kmc_price_move - let the price follow the grants
 *
 * Return: true when a new price was announced (now_ncr_h or pending changed).
 */
bool kmc_price_move(struct kmc_price *p, const struct kmc_tariff *t,
		    const u32 grant_bp[KMC_NR_ACT], const struct kmc_now *now);
/** kmc_price_announced - the pending price if there is one, else the present */
static inline u64 kmc_price_announced(const struct kmc_price *p)
{
	return p->pending_at_ns ? p->pending_ncr_h : p->now_ncr_h;
}

/** kmc_price_charged - the sum since the VM appeared */
static inline u64 kmc_price_charged(const struct kmc_price *p)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < KMC_NR_CHARGES; i++)
		sum = kmc_sat_add(sum, p->charged_ncr[i]);
	return sum;
}

static inline u64 kmc_charge_sum(const struct kmc_charge *c)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < KMC_NR_CHARGES; i++)
		sum = kmc_sat_add(sum, c->ncr[i]);
	return sum;
}

#endif /* KMC_PRICE_H */
