// SPDX-License-Identifier: GPL-2.0
/*
 * History: the last periods of a VM, for recorders.
 *
 * A recorder that polls usage sees what was used when it looked, and not what
 * was between.  So what the profiles learn from is kept as well, numbered from
 * the VM's first period.  It is KVMETER_HISTORY_LEN periods (12.8 s at 100 ms)
 * of each resource.  A recorder that asks that often, from the last number that
 * it saw, has every period.  One that comes late sees by the numbers how many
 * it missed.
 *
 * Costs a VM 4 bytes per period and resource: 2.5 KiB for five resources.
 */
#include "base/host.h"
#include "core/profile.h"
#include "core/units.h"
#include "vm/history.h"
#include "vm/vm.h"

/**
 * kvmeter_history_add - a period is over
 * @vm: the VM
 * @sample: a sample per resource
 * @repeat: how many periods like it are over
 * @now: clock
 *
 * Context: kvmeter_lock.
 */
void kvmeter_history_add(struct kvmeter_vm *vm, const struct kmc_sample *sample, u32 repeat,
			 const struct kmc_now *now)
{
	struct kvmeter_history *h = vm->history;
	u32 keep = min_t(u32, repeat, KVMETER_HISTORY_LEN), r, i;

	lockdep_assert_held(&kvmeter_lock);
	if (h->period_ns != vm->core.period_ns) {
		/* periods of another length are other numbers: those before are forgotten */
		h->period_ns = vm->core.period_ns;
		h->forgotten = h->seq;
	}
	h->seq += repeat;
	h->end_real_ns = now->real_ns;
	for (r = 0; r < KMC_NR_RES; r++) {
		u32 v = min_t(u64, sample[r].demand, KVMETER_HISTORY_CENSORED - 1);

		if (sample[r].censored)
			v |= KVMETER_HISTORY_CENSORED;
		for (i = 0; i < keep; i++)
			h->value[r][(h->seq - i) % KVMETER_HISTORY_LEN] = v;
	}
}

/**
 * kvmeter_history_first - the first period that is kept after another
 * @h: a VM's history
 * @since: number of the other
 *
 * Context: kvmeter_lock.
 * Return: its number; h->seq + 1: there is none.
 */
u64 kvmeter_history_first(const struct kvmeter_history *h, u64 since)
{
	u64 gone = h->seq > KVMETER_HISTORY_LEN ? h->seq - KVMETER_HISTORY_LEN : 0;

	return min(max3(since, gone, h->forgotten), h->seq) + 1;
}
