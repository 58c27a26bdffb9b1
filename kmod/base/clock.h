/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event path's clock: the CPU's counter as it is.
 *
 * An entry and an exit read it once each.  local_clock() would spend some 36
 * instructions per reading to turn cycles to ns, most of what an event costs.
 * So the event path counts cycles (_cyc) and the reader converts the sum.  The
 * scheduler's clock is the same counter by the same frequency, so the two
 * accounts agree.
 *
 * Where the kernel found the counter unstable at load, a "cycle" is a ns of
 * local_clock().
 */
#ifndef KVMETER_CLOCK_H
#define KVMETER_CLOCK_H

#include <linux/jump_label.h>
#include <linux/math64.h>
#include <linux/sched/clock.h>

#include "compat/arch.h"

DECLARE_STATIC_KEY_FALSE(kvmeter_clock_slow);
extern u32 kvmeter_clock_mult;		/* ns per cycle, Q24 */
extern u32 kvmeter_clock_inv;		/* cycles per ns, Q24 */

void kvmeter_clock_init(void);
void kvmeter_clock_update(void);

/* Bit 0 is left to the caller. */
static __always_inline u64 kvmeter_clock_cyc(void)
{
	if (static_branch_unlikely(&kvmeter_clock_slow))
		return local_clock() & ~1ULL;
	return kvmeter_arch_counter() & ~1ULL;
}

static inline u64 kvmeter_cyc_to_ns(u64 cyc)
{
	return mul_u64_u32_shr(cyc, READ_ONCE(kvmeter_clock_mult), 24);
}

static inline u64 kvmeter_ns_to_cyc(u64 ns)
{
	return mul_u64_u32_shr(ns, READ_ONCE(kvmeter_clock_inv), 24);
}

#endif /* KVMETER_CLOCK_H */
