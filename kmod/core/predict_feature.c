// SPDX-License-Identifier: GPL-2.0
#include "predict_feature.h"

void kmc_predict_features_common(const struct kmc_predict_due *due, s16 *f_q10)
{
	memcpy(f_q10, due->hidden_q10, sizeof(due->hidden_q10));
	f_q10 += KMC_RNN_UNITS;
	*f_q10++ = clamp_t(s32, due->value_q8[KMC_EXPERT_RNN] * 4, -KMC_LMS_FEATURE_MAX,
			   KMC_LMS_FEATURE_MAX);
	memcpy(f_q10, due->ewma_q10, sizeof(due->ewma_q10));
	f_q10 += KMC_PREDICT_NR_EWMA;
	memcpy(f_q10, due->near_q10, sizeof(due->near_q10));
	f_q10 += KMC_PREDICT_NR_NEAR;
	*f_q10 = KMC_LMS_ONE_Q10;
}

void kmc_predict_features_lags(const struct kmc_predict *p, const struct kmc_predict_due *due,
			       u32 back, s16 *f_q10)
{
	u32 known = p->near.nr > back ? min_t(u32, p->near.nr - back, KMC_PREDICT_LAGS) : 0;
	u32 i;

	f_q10 += KMC_PREDICT_HIDDEN + KMC_PREDICT_COMMON;
	for (i = 0; i < known; i++)
		f_q10[i] = kmc_predict_feature_q10(due, kmc_near_past(&p->near, back + i) << 8);
	for (; i < KMC_PREDICT_LAGS; i++)
		f_q10[i] = 0;
}

void kmc_predict_features_width(const struct kmc_predict_due *due, s16 *f_q10)
{
	s32 mix_q8 = kmc_predict_value_q8(due, due->mix_q8);
	u32 i;

	for (i = 0; i < KMC_NR_EXPERTS; i++)
		*f_q10++ = clamp_t(s32, (due->value_q8[i] - mix_q8) * 4,
				   -KMC_LMS_FEATURE_MAX, KMC_LMS_FEATURE_MAX);
	memcpy(f_q10, due->spread_q10, sizeof(due->spread_q10));
	f_q10[KMC_PREDICT_NR_SPREAD] = KMC_LMS_ONE_Q10;
}
