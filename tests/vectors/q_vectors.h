/* SPDX-License-Identifier: GPL-2.0 */
/* Inputs and expected results of q.h, for KUnit and userspace alike */
#ifndef KMC_VECTORS_Q_H
#define KMC_VECTORS_Q_H

/* floor(a * b / c), U64_MAX when it does not fit */
static const struct q_muldiv_vector {
	u64 a, b, c, want;
} q_muldiv_vectors[] = {
	{ 0x0ULL, 0x0ULL, 0x1ULL,
	  0x0ULL },
	{ 0x1ULL, 0x1ULL, 0x1ULL,
	  0x1ULL },
	{ 0xffffffffffffffffULL, 0x1ULL, 0x1ULL,
	  0xffffffffffffffffULL },
	{ 0xffffffffffffffffULL, 0xffffffffffffffffULL, 0xffffffffffffffffULL,
	  0xffffffffffffffffULL },
	{ 0xffffffffffffffffULL, 0xffffffffffffffffULL, 0xfffffffffffffffeULL,
	  0xffffffffffffffffULL },
	{ 0xffffffffffffffffULL, 0xffffffffffffffffULL, 0x1ULL,
	  0xffffffffffffffffULL },
	{ 0x38d7ea4c68000ULL, 0x4e94914f0000ULL, 0x34630b8a000ULL,
	  0x5543df729c0000ULL },
	{ 0x3ULL, 0x7ULL, 0x2ULL,
	  0xaULL },
	{ 0x8000000000000000ULL, 0x2ULL, 0x4ULL,
	  0x4000000000000000ULL },
	{ 0x8000000000000000ULL, 0x2ULL, 0x1ULL,
	  0xffffffffffffffffULL },
	{ 0x100000000ULL, 0x100000000ULL, 0x100000001ULL,
	  0xffffffffULL },
	{ 0xffffffffffffffffULL, 0x100000000ULL, 0x1ffffffffULL,
	  0x800000003fffffffULL },
	{ 0xfffffffe00000001ULL, 0xffffffffULL, 0xffffffff00000000ULL,
	  0xfffffffeULL },
	{ 0xffffffffffffffffULL, 0x8000000000000000ULL, 0x8000000000000001ULL,
	  0xfffffffffffffffdULL },
	{ 0x26f2a74de5ULL, 0xca6a3a451ULL, 0xd23f1ULL,
	  0x257f42abb72e38ULL },
	{ 0x5d9dc9f81818e811ULL, 0xe8e25d940ed90475ULL, 0x99950d836f675cdULL,
	  0xffffffffffffffffULL },
	{ 0x6f037ULL, 0x3d11e20b8fULL, 0x8d117ULL,
	  0x300f11ff72ULL },
	{ 0xd30f21ddb7ULL, 0xf28c105d1fb17c23ULL, 0xa170bULL,
	  0xffffffffffffffffULL },
	{ 0xf29d0da9953f48f1ULL, 0x93bd1ULL, 0xcb1e29c658cda15ULL,
	  0xb07741ULL },
	{ 0xbecdULL, 0x2217beaddbc496cbULL, 0x246b4cb243ULL,
	  0xb29cdfacbfULL },
};

/* 1000 * log2(v) to the nearest; a tie or the table may be off by one */
static const struct q_log2_vector {
	u64 v;
	u32 want_mbit;
} q_log2_vectors[] = {
	{ 0x0ULL, 0 },
	{ 0x1ULL, 0 },
	{ 0x2ULL, 1000 },
	{ 0x3ULL, 1585 },
	{ 0x5ULL, 2322 },
	{ 0x7ULL, 2807 },
	{ 0xaULL, 3322 },
	{ 0x64ULL, 6644 },
	{ 0xffULL, 7994 },
	{ 0x100ULL, 8000 },
	{ 0x101ULL, 8006 },
	{ 0x3e8ULL, 9966 },
	{ 0xffffULL, 16000 },
	{ 0xf4240ULL, 19932 },
	{ 0x3b9aca00ULL, 29897 },
	{ 0xffffffffULL, 32000 },
	{ 0x100000000ULL, 32000 },
	{ 0x38d7ea4c68000ULL, 49829 },
	{ 0x8000000000000000ULL, 63000 },
	{ 0xffffffffffffffffULL, 64000 },
};

/* 2^(-mbit / 1000) in Q16, rounded down; the table may be one too high */
static const struct q_exp2neg_vector {
	u32 mbit, want_q16;
} q_exp2neg_vectors[] = {
	{ 0U, 65536 },
	{ 1U, 65490 },
	{ 10U, 65083 },
	{ 100U, 61147 },
	{ 415U, 49153 },
	{ 500U, 46340 },
	{ 999U, 32790 },
	{ 1000U, 32768 },
	{ 1001U, 32745 },
	{ 2000U, 16384 },
	{ 2500U, 11585 },
	{ 3322U, 6553 },
	{ 8000U, 256 },
	{ 12345U, 12 },
	{ 15999U, 1 },
	{ 16000U, 1 },
	{ 16001U, 0 },
	{ 17000U, 0 },
	{ 100000U, 0 },
	{ 4294967295U, 0 },
};

#endif /* KMC_VECTORS_Q_H */
