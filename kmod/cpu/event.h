/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event path's one step on a slot, shared by the KVM and scheduler probes.
 *
 * A slot has one writer: the vCPU's thread, preemption off.  @open_cyc says
 * when the open interval began and, in bit 0, whether in the guest.  It is one
 * word, so a reader on another CPU sees one state.  The writer first opens the
 * next interval, then adds the last to its sum; the reader reads sums first,
 * then the word.  Barriers keep both orders; x86 needs no instruction for them.
 * So a reader may miss an interval for the length of these few instructions, but
 * never counts one twice.  What it reads is a sum that was true a moment ago.
 */
#ifndef KVMETER_EVENT_H
#define KVMETER_EVENT_H

#include "base/clock.h"
#include "cpu/slot.h"

#define KVMETER_IN_GUEST	1ULL	/* bit 0 of open_cyc */

/**
 * kvmeter_slot_turn - close the open interval and open the next
 * @slot: of current
 * @now: the instant, in cycles
 * @next: @now, with KVMETER_IN_GUEST if the next is the guest's; 0: off CPU
 *
 * Context: the slot's thread, preemption off.
 */
static __always_inline void kvmeter_slot_turn(struct kvmeter_slot *slot, u64 now, u64 next)
{
	u64 open = slot->ev.open_cyc;
	u64 cyc = now - (open & ~KVMETER_IN_GUEST);

	WRITE_ONCE(slot->ev.open_cyc, next);
	/* pairs with the reader's, between sums and word */
	smp_wmb();
	if (open & KVMETER_IN_GUEST)
		slot->ev.guest_cyc += cyc;
	else
		slot->ev.host_cyc += cyc;
}

/**
 * kvmeter_slot_used_cyc - CPU time that counts against grant and alarm
 * @slot: the slot
 *
 * Return: cycles, guest and host, up to the last event.
 */
static __always_inline u64 kvmeter_slot_used_cyc(const struct kvmeter_slot *slot)
{
	return slot->ev.guest_cyc + slot->ev.host_cyc;
}

#endif /* KVMETER_EVENT_H */
