/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pseudo-random series through the predictor with a pseudo-random network,
 * and the checksum of all forecasts and of the network's state: kernel and
 * userspace must agree to the bit.  Include after digest.h.
 */
#ifndef KMC_VECTORS_PREDICT_H
#define KMC_VECTORS_PREDICT_H

#define PREDICT_DIGEST_SAMPLES	4000
#define PREDICT_DIGEST_WANT	0x693d028a6ea39a20ULL

static inline void predict_digest_model(struct digest *g, struct kmc_model *m)
{
	s16 *w = &m->input_q12[0][0][0], *end = (s16 *)(m + 1);

	while (w < end)
		*w++ = (s32)(digest_random(g) & 0x3fff) - 0x2000;
	kmc_model_seal(m);
}

/*
 * Hourly and daily jobs over noise; gaps, throttled periods, a change of the
 * period's length and, in the end, numbers of any size
 */
static inline void predict_digest_input(struct digest *g, u32 i, struct kmc_sample *s, u32 *repeat)
{
	u64 v = 1000 + (digest_random(g) & 255);

	if (i % 12 == 3)
		v += 2500;
	if (i % 288 > 250)
		v += 4000;
	*repeat = 1;
	if (i % 500 == 499) {
		v = 0;
		*repeat = 1 + (digest_random(g) & 1023);
	}
	if (i > 3500)
		v = (u64)digest_random(g) << (digest_random(g) & 31);
	s->demand = v;
	s->censored = i % 100 >= 95;
	s->usage = s->censored ? v / 2 : v;
}

/* both are the caller's */
static inline u64 predict_digest_run(struct kmc_predict *p, struct kmc_model *m)
{
	struct digest g = { 0xcbf29ce484222325ULL, 1 };
	u32 i, j;

	predict_digest_model(&g, m);
	kmc_predict_init(p, 288);
	kmc_predict_set_model(p, m);
	for (i = 0; i < PREDICT_DIGEST_SAMPLES; i++) {
		struct kmc_sample s;
		u32 repeat;

		predict_digest_input(&g, i, &s, &repeat);
		kmc_predict_observe(p, &s, repeat);
		if (i == 2000)
			kmc_predict_set_period(p, 144);
		digest_add(&g, p->next.mean);
		digest_add(&g, p->next.p95);
		digest_add(&g, p->next.p99);
		digest_add(&g, p->ahead.mean);
		digest_add(&g, p->ahead.p95);
		digest_add(&g, p->ahead.p99);
		for (j = 0; j < KMC_RNN_UNITS; j++)
			digest_add(&g, p->hidden_q14[j]);
		for (j = 0; j < KMC_NR_EXPERTS; j++)
			digest_add(&g, p->weight_q16[j]);
	}
	return g.hash;
}

#endif /* KMC_VECTORS_PREDICT_H */
