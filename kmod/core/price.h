/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Price: what the VM pays per hour now, and the exact sum of what it paid.
 *
 * target = base + sum over resources of cost * (grant - 10 000) / 10 000,
 * clamped to [floor, ceiling]; the price moves to the target by at most the
 * slew.  So each adjustment moves the price by factor * cost, and its end
 * moves it back.  A fall takes effect at once.  A rise takes effect after the
 * notice time: until then it is pending and the old price is charged.
 *
 * Each rise has its full notice, and none is put off for ever.  While a rise is
 * pending, a higher target waits until the pending price is in force and is then
 * announced; a lower target lowers or cancels the pending price at once.
 *
 * The slew allowance is a bucket that holds one minute's worth.
 *
 * Charge: a component for time (price * ns) and one per resource (rate *
 * metered amount).  kmc_accrue() carries a remainder for each, so that any split
 * of time bills the same sum.
 */
#ifndef KMC_PRICE_H
#define KMC_PRICE_H

#include "decide.h"

/**
 * enum kmc_charge_kind - components of a charge; the metered ones as enum kmc_resource
 * @KMC_CHARGE_TIME: time at the price in force
 * @KMC_CHARGE_CPU: CPU time used
 * @KMC_CHARGE_MEMORY: memory used
 * @KMC_CHARGE_NETWORK: bytes sent and received
 * @KMC_CHARGE_DISK: disk cost bytes
 * @KMC_NR_CHARGES: how many there are
 */
enum kmc_charge_kind {
	KMC_CHARGE_TIME,
	KMC_CHARGE_CPU,
	KMC_CHARGE_MEMORY,
	KMC_CHARGE_NETWORK,
	KMC_CHARGE_DISK,
	KMC_NR_CHARGES,
};

#define KMC_CHARGE_OF(resource)	(KMC_CHARGE_CPU + (resource))

/* The metered amounts that a tariff's rate pays for */
#define KMC_MEMORY_PER_GIB_H	(1024 * 3600000ULL)	/* MiB times ms */
#define KMC_BYTES_PER_GIB	(1ULL << 30)

/**
 * struct kmc_used - what was metered
 * @of: per resource, in the amounts of enum kmc_resource
 */
struct kmc_used {
	u64 of[KMC_NR_ACT];
};

/**
 * struct kmc_price - price in force, the next one, and charges
 * @now_ncr_h: the price in force
 * @pending_ncr_h: announced price, in force from @pending_at_ns on
 * @pending_at_ns: 0: nothing is pending
 * @charged_until_ns: charges are complete up to here
 * @recalled_ncr_h: the highest announced price that was taken back or fell since
 * @recalled_at_ns: when it took, or would have taken, force
 * @recalled_until_ns: a rise before this is the same rise, and no new notice is due
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
	u64 recalled_ncr_h;
	u64 recalled_at_ns;
	u64 recalled_until_ns;
	u64 charged_until_ns;
	u64 slewed_at_ns;
	u64 version;
	u64 rem[KMC_NR_CHARGES];
	u64 charged_ncr[KMC_NR_CHARGES];
	u64 waived_ncr;
};

/**
 * struct kmc_charge - one settlement's amounts
 * @ncr: by component
 */
struct kmc_charge {
	u64 ncr[KMC_NR_CHARGES];
};

/**
 * kmc_price_init - the price of a new VM
 * @p: set to the tariff's base price
 * @t: tariff
 * @now: charges begin
 */
void kmc_price_init(struct kmc_price *p, const struct kmc_tariff *t, const struct kmc_now *now);

/**
 * kmc_price_target - the price that these grants call for
 * @t: tariff
 * @grant_bp: grant of each resource
 *
 * Return: nano-credits per hour.
 */
u64 kmc_price_target(const struct kmc_tariff *t, const u32 grant_bp[KMC_NR_ACT]);

/**
 * kmc_price_per - the amount of a resource that its rate pays for
 * @r: resource
 *
 * Return: metered amount.
 */
u64 kmc_price_per(enum kmc_resource r);

/**
 * kmc_price_accrue - what fell due since the last call
 * @p: price; remainders and charged_until_ns move on, and a pending price whose
 *     time has come is in force from that instant on
 * @t: tariff
 * @used: metered since the last call
 * @now: clock; an instant before charged_until_ns accrues no time
 *
 * Does not add to charged_ncr: the budget decides what is booked.
 *
 * Return: the charge, by component.
 */
struct kmc_charge kmc_price_accrue(struct kmc_price *p, const struct kmc_tariff *t,
				   const struct kmc_used *used, const struct kmc_now *now);

/**
 * kmc_price_book - book a charge
 * @p: price; its sums move on
 * @c: the charge
 * @waive: the part of it that is not booked
 */
void kmc_price_book(struct kmc_price *p, const struct kmc_charge *c,
		    const struct kmc_charge *waive);

/**
 * kmc_price_move - let the price follow the grants
 * @p: price
 * @t: tariff
 * @grant_bp: grant of each resource
 * @now: clock
 *
 * Return: true when a new price was announced (now_ncr_h or pending_ncr_h changed).
 */
bool kmc_price_move(struct kmc_price *p, const struct kmc_tariff *t,
		    const u32 grant_bp[KMC_NR_ACT], const struct kmc_now *now);

/**
 * kmc_price_raise - the payer asked for a grant, so its price takes force with it
 * @p: price
 * @t: tariff
 * @old_bp: grants before
 * @grant_bp: grants now
 * @asked: a bit for each resource whose grant the payer asked for
 *
 * The price rises by what these add to it, never beyond what all grants call for.
 * Neither notice nor slew: both protect from a rise that the payer did not ask for.
 *
 * Return: true when a new price was announced.
 */
bool kmc_price_raise(struct kmc_price *p, const struct kmc_tariff *t,
		     const u32 old_bp[KMC_NR_ACT], const u32 grant_bp[KMC_NR_ACT], u32 asked);

/**
 * kmc_price_announced - the pending price if there is one, else the price in force
 * @p: price
 *
 * Return: nano-credits per hour.
 */
static inline u64 kmc_price_announced(const struct kmc_price *p)
{
	return p->pending_at_ns ? p->pending_ncr_h : p->now_ncr_h;
}

/**
 * kmc_charge_sum - the sum of a charge's components
 * @c: charge
 *
 * Return: nano-credits; U64_MAX instead of wrapping.
 */
static inline u64 kmc_charge_sum(const struct kmc_charge *c)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < KMC_NR_CHARGES; i++)
		sum = kmc_sat_add(sum, c->ncr[i]);
	return sum;
}

/**
 * kmc_price_charged - all that was booked since the VM appeared
 * @p: price
 *
 * Return: nano-credits; U64_MAX instead of wrapping.
 */
static inline u64 kmc_price_charged(const struct kmc_price *p)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < KMC_NR_CHARGES; i++)
		sum = kmc_sat_add(sum, p->charged_ncr[i]);
	return sum;
}

#endif /* KMC_PRICE_H */
