/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Userspace twin of port.h's kernel headers: the same names, the same meaning.
 */
#ifndef KMC_PORT_USER_H
#define KMC_PORT_USER_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

#ifndef U8_MAX
#define U8_MAX		((u8)~0U)
#define S16_MAX		((s16)0x7fff)
#define S16_MIN		((s16)-0x8000)
#define U16_MAX		((u16)~0U)
#define U32_MAX		((u32)~0U)
#define U64_MAX		((u64)~0ULL)
#define S32_MAX		((s32)(U32_MAX >> 1))
#define S64_MAX		((s64)(U64_MAX >> 1))
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#ifndef min
#define min(a, b) \
	({ __typeof__(a) _min_a = (a); __typeof__(b) _min_b = (b); \
	   _min_a < _min_b ? _min_a : _min_b; })
#define max(a, b) \
	({ __typeof__(a) _max_a = (a); __typeof__(b) _max_b = (b); \
	   _max_a > _max_b ? _max_a : _max_b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define clamp_t(type, v, lo, hi) \
	clamp((type)(v), (type)(lo), (type)(hi))
#endif

#ifndef BUILD_BUG_ON
#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), "BUILD_BUG_ON: " #cond)
#endif
#undef static_assert
#define static_assert(expr, ...)	_Static_assert(expr, #expr)

static inline bool port_warn_once(bool cond, bool *warned, const char *file, int line,
				  const char *what)
{
	if (cond && !*warned)
		fprintf(stderr, "%s:%d: %s\n", file, line, what);
	*warned |= cond;
	return cond;
}

#ifndef WARN_ON_ONCE
#define WARN_ON_ONCE(cond) \
	({ static bool _warned; port_warn_once(cond, &_warned, __FILE__, __LINE__, #cond); })
#endif

/* Number of the highest set bit: 1 for bit 0, 0 when none is set */
static inline int fls64(u64 v)
{
	return v ? 64 - __builtin_clzll(v) : 0;
}

#define BIT_ULL(nr)	(1ULL << (nr))

static inline unsigned int hweight64(u64 v)
{
	return __builtin_popcountll(v);
}

/* Index of the lowest set bit; @v is not 0 */
static inline unsigned long __ffs64(u64 v)
{
	return __builtin_ctzll(v);
}

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = (u32)(dividend % divisor);
	return dividend / divisor;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

#endif /* KMC_PORT_USER_H */
