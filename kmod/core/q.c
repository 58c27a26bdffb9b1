// SPDX-License-Identifier: GPL-2.0
#include "q.h"

#define Q_TANH_SHIFT		6	/* of Q10: steps of 1/16 */
#define Q_TANH_END_Q10		8192
#define Q_ONE_Q14		16384

/* log2(1 + i/64) in Q16: linear between them is off by 0.05 mbit at most */
static const u32 q_log2_table[65] = {
	0, 1466, 2909, 4331, 5732, 7112, 8473, 9814,
	11136, 12440, 13727, 14996, 16248, 17484, 18704, 19909,
	21098, 22272, 23433, 24579, 25711, 26830, 27936, 29029,
	30109, 31178, 32234, 33279, 34312, 35334, 36346, 37346,
	38336, 39316, 40286, 41246, 42196, 43137, 44068, 44990,
	45904, 46809, 47705, 48593, 49472, 50344, 51207, 52063,
	52911, 53751, 54584, 55410, 56229, 57040, 57845, 58643,
	59434, 60219, 60997, 61769, 62534, 63294, 64047, 64794,
	65536,
};

/* 2^(-i/64) in Q31: linear between them is off by 1.5e-5 of the value */
static const u32 q_exp2neg_table[65] = {
	2147483648U, 2124350982U, 2101467502U, 2078830522U, 2056437387U, 2034285470U,
	2012372174U, 1990694927U, 1969251188U, 1948038440U, 1927054196U, 1906295993U,
	1885761398U, 1865448001U, 1845353420U, 1825475297U, 1805811301U, 1786359126U,
	1767116489U, 1748081133U, 1729250827U, 1710623359U, 1692196547U, 1673968228U,
	1655936265U, 1638098541U, 1620452965U, 1602997467U, 1585730000U, 1568648537U,
	1551751076U, 1535035634U, 1518500250U, 1502142985U, 1485961921U, 1469955159U,
	1454120821U, 1438457051U, 1422962010U, 1407633882U, 1392470869U, 1377471191U,
	1362633090U, 1347954824U, 1333434672U, 1319070932U, 1304861917U, 1290805962U,
	1276901417U, 1263146652U, 1249540052U, 1236080024U, 1222764986U, 1209593378U,
	1196563654U, 1183674286U, 1170923762U, 1158310587U, 1145833280U, 1133490379U,
	1121280436U, 1109202018U, 1097253708U, 1085434106U, 1073741824U,
};

/* tanh(i / 16) in Q15 */
static const u16 q_tanh_q15[129] = {
	0, 2045, 4075, 6073, 8025, 9919, 11743, 13486, 15143, 16706,
	18173, 19542, 20813, 21986, 23066, 24054, 24956, 25776, 26519, 27191,
	27797, 28341, 28830, 29268, 29660, 30010, 30322, 30600, 30847, 31067,
	31262, 31435, 31589, 31726, 31846, 31953, 32048, 32132, 32206, 32271,
	32329, 32381, 32426, 32466, 32501, 32532, 32560, 32584, 32606, 32625,
	32642, 32657, 32670, 32681, 32691, 32700, 32708, 32715, 32721, 32727,
	32732, 32736, 32740, 32743, 32746, 32749, 32751, 32753, 32755, 32756,
	32758, 32759, 32760, 32761, 32762, 32762, 32763, 32764, 32764, 32765,
	32765, 32765, 32766, 32766, 32766, 32766, 32767, 32767, 32767, 32767,
	32767, 32767, 32767, 32767, 32767, 32768, 32768, 32768, 32768, 32768,
	32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768,
	32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768,
	32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768,
};

/* 64 x 64 -> 128 bits by halves: no 128-bit type, so it builds anywhere */
static void q_mul128(u64 a, u64 b, u64 *hi, u64 *lo)
{
	u64 a0 = (u32)a, a1 = a >> 32;
	u64 b0 = (u32)b, b1 = b >> 32;
	u64 low = a0 * b0;
	u64 mid = a1 * b0 + (low >> 32);
	u64 mid2 = a0 * b1 + (u32)mid;

	*lo = mid2 << 32 | (u32)low;
	*hi = a1 * b1 + (mid >> 32) + (mid2 >> 32);
}

/*
 * One digit, base 2^32, of a long division: (@r << 32 | @d) / @c, with
 * @r < @c and the top bit of @c set.  The trial digit from @c's upper half is
 * too large by 2 at most.
 */
static u64 q_div_digit(u64 *r, u32 d, u64 c)
{
	u32 c1 = c >> 32, c0 = (u32)c, rem;
	u64 q = div_u64_rem(*r, c1, &rem);
	u64 rhat = rem;

	while (q >> 32 || q * c0 > (rhat << 32 | d)) {
		q--;
		rhat += c1;
		if (rhat >> 32)
			break;
	}
	*r = (*r << 32 | d) - q * c;
	return q;
}

/* (@hi:@lo) / @c, rounded down; @hi < @c, so that the quotient fits */
static u64 q_div128(u64 hi, u64 lo, u64 c, u64 *rem)
{
	int shift = 64 - fls64(c);
	u64 q;

	if (!hi)
		return div64_u64_rem(lo, c, rem);

	c <<= shift;
	if (shift)
		hi = hi << shift | lo >> (64 - shift);
	lo <<= shift;
	q = q_div_digit(&hi, lo >> 32, c) << 32;
	q |= q_div_digit(&hi, (u32)lo, c);
	*rem = hi >> shift;
	return q;
}

u64 kmc_muldiv_floor(u64 a, u64 b, u64 c)
{
	u64 rem = 0;

	return kmc_accrue(a, b, c, &rem);
}

u64 kmc_accrue(u64 a, u64 b, u64 c, u64 *rem)
{
	u64 hi, lo;

	q_mul128(a, b, &hi, &lo);
	/* cannot carry out of hi: a * b + rem <= 2^128 - 2^64 */
	lo += *rem;
	hi += lo < *rem;
	if (hi >= c) {
		*rem = 0;
		return U64_MAX;
	}
	return q_div128(hi, lo, c, rem);
}

u32 kmc_log2_mbit(u64 v)
{
	u32 exp, i, low, frac_q16;

	if (!v)
		return 0;
	exp = fls64(v) - 1;
	v <<= 63 - exp;
	i = v >> 57 & 63;
	low = v >> 41 & 0xffff;
	frac_q16 = q_log2_table[i];
	frac_q16 += (u64)(q_log2_table[i + 1] - frac_q16) * low >> 16;
	return exp * 1000 + ((frac_q16 * 1000 + 0x8000) >> 16);
}

u32 kmc_exp2neg_q16(u32 mbit)
{
	u32 whole, pos, i, y;

	if (mbit >= 17000)
		return 0;
	whole = mbit / 1000;
	pos = ((mbit - whole * 1000) << 22) / 1000;
	i = pos >> 16;
	y = q_exp2neg_table[i];
	y -= (u64)(y - q_exp2neg_table[i + 1]) * (pos & 0xffff) >> 16;
	return (u64)y >> (15 + whole);
}

s32 kmc_tanh_q14(s32 v_q10)
{
	s32 size = v_q10 < 0 ? -v_q10 : v_q10;
	s32 i, low, y_q15;

	/* the last step's end is within 2^-15 of 1 */
	size = min(size, Q_TANH_END_Q10 - 1);
	i = size >> Q_TANH_SHIFT;
	low = size & ((1 << Q_TANH_SHIFT) - 1);
	y_q15 = q_tanh_q15[i];
	y_q15 += ((q_tanh_q15[i + 1] - y_q15) * low) >> Q_TANH_SHIFT;
	return (v_q10 < 0 ? -y_q15 : y_q15) / 2;
}

s32 kmc_sigmoid_q14(s32 v_q10)
{
	return (Q_ONE_Q14 + kmc_tanh_q14(v_q10 / 2)) / 2;
}
