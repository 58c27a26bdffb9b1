/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LMS: a linear filter that learns the median.
 *
 * Problem: least squares, online or not, chases each spike with the square of
 * its size, and its covariance is d^2 numbers that integers handle badly.
 *
 * Model: the sign form of the normalised LMS (Gersho 1984; the gradient of
 * the absolute error).  A forecast is w . f; when the value is in,
 *
 *   w += mu * s * f / (1 + |f|^2),   s = the error's sign
 *
 * Within 1/8 of the usual error s runs straight between -1 and +1, so that the
 * weights come to rest.  A spike of any size moves the weights as
 * much as a small error does.
 *
 * Features are Q10 of a VM's own scale and clipped to +-8, weights Q16 and
 * clipped to +-8.  Worked, no overflow: 64 taps of 2^13 * 2^19 sum to 2^38,
 * the squares to 2^32; a step's factor is below 2^32 and a feature below
 * 2^13, so their product is below 2^45.
 */
#ifndef KMC_LMS_H
#define KMC_LMS_H

#include "q.h"

#define KMC_LMS_TAPS_MAX	64
#define KMC_LMS_ONE_Q10		1024
#define KMC_LMS_FEATURE_MAX	(8 * KMC_LMS_ONE_Q10 - 1)
#define KMC_LMS_WEIGHT_MAX	(8 << 16)

/**
 * kmc_lms_forecast - w . f
 * @w_q16: weights
 * @f_q10: features
 * @nr: how many, KMC_LMS_TAPS_MAX at most
 *
 * Return: Q10, rounded down.
 */
s32 kmc_lms_forecast(const s32 *w_q16, const s16 *f_q10, u32 nr);

/**
 * kmc_lms_learn - move the weights by one error
 * @w_q16: weights
 * @f_q10: features that the forecast was made from
 * @nr: how many
 * @sign_q10: s, the error's sign, within -1 and +1
 * @step_q16: mu, below 1
 */
void kmc_lms_learn(s32 *w_q16, const s16 *f_q10, u32 nr, s32 sign_q10, u32 step_q16);

#endif /* KMC_LMS_H */
