// SPDX-License-Identifier: GPL-2.0
#include "base/clock.h"

DEFINE_STATIC_KEY_FALSE(kvmeter_clock_slow);
u32 kvmeter_clock_mult = 1 << 24;
u32 kvmeter_clock_inv = 1 << 24;

void kvmeter_clock_init(void)
{
	/* outside 4 MHz .. 255 GHz the factors would not fit; there is no such counter */
	if (check_tsc_unstable() || tsc_khz < 4000 || tsc_khz > 255000000) {
		static_branch_enable(&kvmeter_clock_slow);
		pr_info("kvmeter: TSC is not stable, events cost a scheduler clock each\n");
	}
	kvmeter_clock_update();
}

/* The kernel refines tsc_khz in the first seconds after boot: follow it. */
void kvmeter_clock_update(void)
{
	if (static_key_enabled(&kvmeter_clock_slow))
		return;
	WRITE_ONCE(kvmeter_clock_mult, (u32)div_u64(1000000ULL << 24, tsc_khz));
	WRITE_ONCE(kvmeter_clock_inv, (u32)div_u64((u64)tsc_khz << 24, 1000000));
	if (check_tsc_unstable())
		pr_warn_once("kvmeter: TSC became unstable: CPU times are wrong until kvmeter is loaded again\n");
}
