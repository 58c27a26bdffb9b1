// SPDX-License-Identifier: GPL-2.0
/*
 * Network: a VM's meter and actuator.
 *
 * The meter adds up what passed the VM's devices (nic.c) and what its shapers
 * hold (shaper.c).  The actuator turns a grant into a rate, each way.  A grant
 * above nominal also raises the priority of packets that have none.
 */
#include <linux/pkt_sched.h>

#include "base/host.h"
#include "base/rate.h"
#include "core/profile.h"
#include "core/q.h"
#include "core/units.h"
#include "net/find.h"
#include "net/net.h"
#include "net/nic.h"
#include "net/packet.h"
#include "net/shaper.h"
#include "vm/vm.h"

#define CENSOR_PART	100	/* a direction is censored when more than this part had to wait */
#define RATE_MIN	10000ULL		/* bytes/s: below, it is no network */
#define RATE_MAX	1000000000000ULL	/* bytes/s: the fraction of a ns per byte ends */

/**
 * kvmeter_net_vm_init - a VM was first seen: its devices are looked for
 * @vm: the VM, its network zeroed
 *
 * Context: kvmeter_lock.
 */
void kvmeter_net_vm_init(struct kvmeter_vm *vm)
{
	spin_lock_init(&vm->net->lock);
	INIT_LIST_HEAD(&vm->net->nics);
	kvmeter_shapers_init(&vm->net->shapers);
	kvmeter_net_find_soon();
}

/**
 * kvmeter_net_vm_gone - a VM is gone: what waits passes, its devices are let go of
 * @vm: the VM
 *
 * Context: kvmeter_lock.  Does not wait.
 */
void kvmeter_net_vm_gone(struct kvmeter_vm *vm)
{
	lockdep_assert_held(&kvmeter_lock);
	kvmeter_act_net_revert(vm);
	kvmeter_nics_vm_gone(vm);
}

/**
 * kvmeter_net_vm_free - the last reference on a VM is gone, so it has no device left
 * @vm: the VM
 */
void kvmeter_net_vm_free(struct kvmeter_vm *vm)
{
	kvmeter_shapers_stop(&vm->net->shapers);
}

/* The row: kvmeter_lock.  See struct kvmeter_meter and struct kvmeter_actuator. */

/* All but held_bytes never falls. */
void kvmeter_net_read(struct kvmeter_vm *vm, u64 now_ns)
{
	lockdep_assert_held(&kvmeter_lock);
	kvmeter_nics_sum(vm, &vm->net->counts);
	kvmeter_shapers_read(&vm->net->shapers, &vm->net->counts);
}

/* Return: bytes, both ways. */
u64 kvmeter_net_used(const struct kvmeter_vm *vm)
{
	const struct kvmeter_net_counts *c = &vm->net->counts;

	return c->bytes[KVMETER_NET_IN] + c->bytes[KVMETER_NET_OUT];
}

/*
 * In KiB per second of the busier direction.  Demand is what came, whatever
 * became of it.  Where a good part had to wait the sample is censored: senders
 * that held back would have sent more.
 */
void kvmeter_net_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	const struct kvmeter_net_counts *c = &vm->net->counts, *from = &vm->net->period_counts;
	u64 passed, withheld;
	int dir;

	memset(s, 0, sizeof(*s));
	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		passed = c->bytes[dir] - from->bytes[dir];
		withheld = c->dropped_bytes[dir] - from->dropped_bytes[dir] +
			   kmc_sat_sub(c->held_bytes[dir], from->held_bytes[dir]);
		s->usage = max(s->usage, kvmeter_per_s(passed, span_ns) >> 10);
		s->demand = max(s->demand, kvmeter_per_s(passed + withheld, span_ns) >> 10);
		s->censored |= withheld + c->delayed_bytes[dir] - from->delayed_bytes[dir] >
			       passed / CENSOR_PART;
	}
}

void kvmeter_net_turn(struct kvmeter_vm *vm)
{
	vm->net->period_counts = vm->net->counts;
}

/* Why no limit can be put on a VM's network; NULL: one can. */
static const char *why_not(const struct kvmeter_net *net)
{
	if (!READ_ONCE(net->nr_nics))
		return "no device is bound";
	return net->no_hook[0] ? net->no_hook : NULL;
}

u32 kvmeter_act_net_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	u64 rate = kmc_policy_flow_bytes_s(&vm->core.policy[KMC_RES_NETWORK], grant_bp);
	bool limited = rate != U64_MAX;

	lockdep_assert_held(&kvmeter_lock);
	vm->unenforceable[KMC_RES_NETWORK] = limited ? why_not(vm->net) : NULL;
	if (!limited || vm->unenforceable[KMC_RES_NETWORK]) {
		kvmeter_act_net_revert(vm);
		return KMC_BP;
	}
	rate = clamp(rate, RATE_MIN, RATE_MAX);
	kvmeter_shapers_set(&vm->net->shapers, rate, grant_bp > KMC_BP ? TC_PRIO_INTERACTIVE : 0,
			    now_ns);
	return grant_bp;
}

/* What waits goes on at once. */
void kvmeter_act_net_revert(struct kvmeter_vm *vm)
{
	kvmeter_shapers_unset(&vm->net->shapers);
}

/**
 * kvmeter_net_init - at load, before the first VM
 *
 * Return: 0 or -errno.
 */
int kvmeter_net_init(void)
{
	return kvmeter_nics_init();
}

/**
 * kvmeter_net_exit - let go of all devices
 *
 * Context: the period and the commands have ended.  VMs may still be there.
 */
void kvmeter_net_exit(void)
{
	kvmeter_net_find_exit();
	kvmeter_nics_exit();
}
