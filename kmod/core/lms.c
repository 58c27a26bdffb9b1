// SPDX-License-Identifier: GPL-2.0
#include "lms.h"

s32 kmc_lms_forecast(const s32 *w_q16, const s16 *f_q10, u32 nr)
{
	s64 sum_q26 = 0;
	u32 i;

	for (i = 0; i < nr; i++)
		sum_q26 += (s64)w_q16[i] * f_q10[i];
	return sum_q26 >> 16;
}

void kmc_lms_learn(s32 *w_q16, const s16 *f_q10, u32 nr, s32 sign_q10, u32 step_q16)
{
	u64 square_q20 = 0;
	s64 factor_q36;
	u32 i;

	if (!sign_q10)
		return;
	for (i = 0; i < nr; i++)
		square_q20 += (s32)f_q10[i] * f_q10[i];
	/* 1 / (1 + |f|^2) in Q24, then mu * s times it in Q36 */
	factor_q36 = div_u64(1ULL << 34, (u32)(square_q20 >> 10) + KMC_LMS_ONE_Q10);
	factor_q36 = (factor_q36 * (s64)step_q16 * sign_q10) >> 14;
	for (i = 0; i < nr; i++) {
		s64 w = w_q16[i] + ((factor_q36 * f_q10[i] + (1 << 29)) >> 30);

		w_q16[i] = clamp_t(s64, w, -KMC_LMS_WEIGHT_MAX, KMC_LMS_WEIGHT_MAX);
	}
}
