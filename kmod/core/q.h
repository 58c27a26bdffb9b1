/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fixed-point and wide arithmetic.  The last word of a name says the rounding.
 */
#ifndef KMC_Q_H
#define KMC_Q_H

#include "units.h"

/**
 * kmc_muldiv_floor - a * b / c with a 128-bit product
 * @a: factor
 * @b: factor
 * @c: divisor, not 0
 *
 * Return: the quotient rounded down; U64_MAX when it does not fit.
 */
u64 kmc_muldiv_floor(u64 a, u64 b, u64 c);

/**
 * kmc_accrue - a * b / c, the remainder carried
 * @a: factor
 * @b: factor
 * @c: divisor, not 0, the same in every call that shares @rem
 * @rem: remainder of the last call, less than @c; updated
 *
 * The sum of the returned amounts over any split of @b is the same to the
 * unit: floor((a*b1 + a*b2)/c) == accrue(b1) + accrue(b2).
 * Worked: 50 000 000 ncr/h over 10 ms is 138.9 ncr; 360 000 such periods
 * return 50 000 000, where truncation would return 49 680 000.
 *
 * Return: the whole part; U64_MAX when it does not fit (then @rem is 0).
 */
u64 kmc_accrue(u64 a, u64 b, u64 c, u64 *rem);

/**
 * kmc_log2_mbit - 1000 * log2(v)
 * @v: positive; 0 counts as 1
 *
 * From a 65-entry table of log2(1 + i/64) with linear interpolation; the
 * error is below 1 mbit.
 *
 * Return: mbit, rounded to the nearest.
 */
u32 kmc_log2_mbit(u64 v);

/**
 * kmc_exp2neg_q16 - 2^(-x)
 * @mbit: x in thousandths
 *
 * Return: Q16, rounded down, 1 too high at most; 0 below 2^-16.
 */
u32 kmc_exp2neg_q16(u32 mbit);

/**
 * kmc_tanh_q14 - tanh(v)
 * @v_q10: v
 *
 * From a table of 129 values on [0, 8) with linear interpolation, off by 4e-4 at
 * most (step^2/8 * max|tanh''|, plus rounding).
 *
 * Return: Q14.
 */
s32 kmc_tanh_q14(s32 v_q10);

/**
 * kmc_sigmoid_q14 - 1 / (1 + e^-v), as (1 + tanh(v/2)) / 2
 * @v_q10: v
 *
 * Return: Q14.
 */
s32 kmc_sigmoid_q14(s32 v_q10);

/* log2 e, in thousandths; ln 2 */
#define KMC_LOG2E_MBIT		1443
#define KMC_LN2_Q32		2977044472ULL

/**
 * kmc_abs - the size of a number
 * @v: the number, above S64_MIN
 *
 * Return: |v|.
 */
static inline u64 kmc_abs(s64 v)
{
	return v < 0 ? -v : v;
}

/**
 * kmc_distance - |a - b|
 * @a: one
 * @b: the other
 *
 * Return: the distance.
 */
static inline u64 kmc_distance(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/**
 * kmc_sat_add - saturating sum
 * @a: one
 * @b: the other
 *
 * Return: @a + @b; U64_MAX instead of wrapping.
 */
static inline u64 kmc_sat_add(u64 a, u64 b)
{
	return a + b < a ? U64_MAX : a + b;
}

/**
 * kmc_sat_sub - saturating difference
 * @a: from this
 * @b: take this
 *
 * Return: @a - @b; 0 instead of wrapping.
 */
static inline u64 kmc_sat_sub(u64 a, u64 b)
{
	return a < b ? 0 : a - b;
}

#endif /* KMC_Q_H */
