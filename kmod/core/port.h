/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that the core uses from outside.
 *
 * Need: fixed-width integers, bool, memset/memcpy/memmove, min/max/clamp, fls64,
 *       BIT_ULL, __ffs64, hweight64, 64/32 and 64/64 division, a warning
 *       that does not stop the host.
 *
 * kmod/core uses nothing else: no lock, no clock, no allocation, no floating
 * point, no code for one architecture.  The kernel's headers provide these names;
 * port_user.h provides the same ones to the unit tests, fuzzers, benchmarks and
 * tools.
 */
#ifndef KMC_PORT_H
#define KMC_PORT_H

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include "port_user.h"
#endif

#endif /* KMC_PORT_H */
