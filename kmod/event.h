/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event path's few steps on a slot, shared by the KVM and scheduler
 * probes.  All run on the vCPU's own thread with preemption off.
 *
 * A slot has one writer, so a write section needs no atomics: an odd sequence
 * number tells readers on other CPUs to try again.  x86 keeps stores in
 * order; smp_wmb() keeps the compiler from moving them.
 */
#ifndef KVMETER_EVENT_H
#define KVMETER_EVENT_H

#include <linux/sched/clock.h>

#include "kvmeter.h"

static __always_inline void kvmeter_slot_write_begin(struct kvmeter_slot *slot)
{
	WRITE_ONCE(slot->seq, slot->seq + 1);
	/* pairs with the second smp_rmb() in slot_snapshot() */
	smp_wmb();
}

static __always_inline void kvmeter_slot_write_end(struct kvmeter_slot *slot)
{
	/* pairs with the first smp_rmb() in slot_snapshot() */
	smp_wmb();
	WRITE_ONCE(slot->seq, slot->seq + 1);
}

/* Close the open interval at @now, as guest or host time by where it was. */
static __always_inline void kvmeter_slot_close(struct kvmeter_slot *slot, u64 now)
{
	u64 ns = now - slot->since_ns;

	if (slot->in_guest)
		slot->guest_ns += ns;
	else
		slot->host_ns += ns;
	slot->since_ns = now;
}

/* CPU that counts against grant and alarm. */
static __always_inline u64 kvmeter_slot_used(const struct kvmeter_slot *slot)
{
	return slot->guest_ns + slot->host_ns;
}

#endif /* KVMETER_EVENT_H */
