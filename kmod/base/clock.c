// SPDX-License-Identifier: GPL-2.0
#include "base/clock.h"

DEFINE_STATIC_KEY_FALSE(kvmeter_clock_slow);
u32 kvmeter_clock_mult = 1 << 24;
u32 kvmeter_clock_inv = 1 << 24;

void kvmeter_clock_init(void)
{
	u32 khz = kvmeter_arch_counter_khz();

	/* outside 4 MHz .. 255 GHz the factors would not fit; there is no such counter */
	if (kvmeter_arch_counter_unstable() || khz < 4000 || khz > 255000000) {
		static_branch_enable(&kvmeter_clock_slow);
		pr_info("kvmeter: the CPU's counter is not stable, events cost a scheduler clock each\n");
	}
	kvmeter_clock_update();
}

/* The kernel may refine the frequency in the first seconds after boot: follow it. */
void kvmeter_clock_update(void)
{
	u32 khz = kvmeter_arch_counter_khz();

	if (static_key_enabled(&kvmeter_clock_slow))
		return;
	WRITE_ONCE(kvmeter_clock_mult, (u32)div_u64(1000000ULL << 24, khz));
	WRITE_ONCE(kvmeter_clock_inv, (u32)div_u64((u64)khz << 24, 1000000));
	if (kvmeter_arch_counter_unstable())
		pr_warn_once("kvmeter: the CPU's counter became unstable: CPU times are wrong until kvmeter is loaded again\n");
}
