/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Three weeks of a pseudo-random resource through the detector, and the
 * checksum of all that it said.  As in digest.h: kernel and userspace agree to
 * the bit, and a change of behaviour changes the checksum.  Include after
 * digest.h and detect_alarm.h.
 */
#ifndef KMC_VECTORS_DETECT_DIGEST_H
#define KMC_VECTORS_DETECT_DIGEST_H

#define DETECT_DIGEST_SAMPLES	6000
#define DETECT_DIGEST_PERIOD_S	300
#define DETECT_DIGEST_WANT	0x270811a88abed5bbULL

/* Working hours, noise, spikes, idle runs, throttled spells, gaps */
static inline u32 detect_digest_input(struct digest *g, u32 i, struct kmc_sample *s,
				      u64 *when_s)
{
	u32 hour = (u32)div_u64(*when_s, 3600) % 24, repeat = 1;

	s->demand = (hour >= 8 && hour < 18 ? 5000 : 1000) + (digest_random(g) & 1023);
	if (i % 500 >= 497)
		s->demand = 9000 + (digest_random(g) & 511);
	if (i % 211 == 0) {
		s->demand = 0;
		repeat = 1 + (digest_random(g) & 63);
	}
	s->censored = i % 900 > 880;
	s->usage = s->censored ? s->demand / 2 : s->demand;
	if (i % 1500 == 1499)
		*when_s += 40000;
	*when_s += repeat * DETECT_DIGEST_PERIOD_S;
	return repeat;
}

/* @d is the caller's; @nr_high and @nr_alerts count what was surprising */
static inline u64 detect_digest_run(struct kmc_detect *d, u32 *nr_high, u32 *nr_alerts)
{
	struct digest g = { 0xcbf29ce484222325ULL, 1 };
	u64 when_s = 1700000000;
	u32 i;

	kmc_detect_init(d, 86400 / DETECT_DIGEST_PERIOD_S);
	for (i = 0; i < DETECT_DIGEST_SAMPLES; i++) {
		struct kmc_surprise got;
		struct kmc_sample s;
		u32 repeat = detect_digest_input(&g, i, &s, &when_s);

		if (i % 10 == 0)
			digest_add(&g, detect_alarm(d, when_s, 8000));
		got = kmc_detect_observe(d, &s, when_s, repeat);
		digest_add(&g, got.mbit);
		digest_add(&g, got.dir);
		digest_add(&g, kmc_detect_alert(d));
		*nr_high += got.mbit > 6000;
		*nr_alerts += kmc_detect_alert(d) > 0;
	}
	return g.hash;
}

#endif /* KMC_VECTORS_DETECT_DIGEST_H */
