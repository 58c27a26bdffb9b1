// SPDX-License-Identifier: GPL-2.0
/*
 * Crew: all threads of a VMM, and what they may use together.
 *
 * The problem.  A limit on guest entries binds the guest only.  Its VMM is the
 * tenant's as well: a vCPU's thread that computes in user mode, or a thread that is
 * no vCPU, uses the same CPU.  What is billed as the VM's has to be within the VM's
 * limit.  But a VMM whose guest is paused must still answer its operator.
 *
 * The model.  Two pools (pool.c) deal out slices.  One has the VM's grant, and all
 * threads of the VMM draw from it, as vCPUs do.  The other, the side, has SIDE_BP
 * of one CPU.  It serves threads that are not on their way into the guest.  A thread
 * draws from the one that serves it first.  So over any time t the VM uses at most
 *
 *	grant * t + SIDE_BP * t + bursts + one look of each thread that ran
 *
 * Worked: one vCPU at 10 %, spinning, and a thread that spins beside it.  In one
 * second the two share 100 ms of the grant, and the second thread has 50 ms of the
 * side.  Paused, the second thread has its 50 ms, in slices of 250 us each 5 ms.
 *
 * Some threads of the group are not leashed: workers of io_uring and vhost, which
 * never go to user mode.  They do what the VM's other threads ask of them.  What they
 * use is metered as the group's.  The period charges it to the grant, so that vCPUs
 * give way to it.
 */
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "base/host.h"
#include "core/q.h"
#include "core/units.h"
#include "cpu/cpu.h"
#include "cpu/crew.h"
#include "cpu/pool.h"
#include "vm/group.h"
#include "vm/vm.h"

#define SIDE_BP		500		/* of one CPU: a monitor's command takes some ms */
#define DEBT_PARTS	4		/* a slice pays this part of the debt */
#define DEBT_PIECE_NS	(2 * NSEC_PER_MSEC)	/* and this much at least */

static void crew_free(struct kref *ref)
{
	kfree_rcu(container_of(ref, struct kvmeter_crew, ref), rcu);
}

/**
 * kvmeter_crew_put - give a reference back
 * @crew: the crew
 *
 * Context: any.
 */
void kvmeter_crew_put(struct kvmeter_crew *crew)
{
	kref_put(&crew->ref, crew_free);
}

/* No memory: the next period tries again. */
static struct kvmeter_crew *crew_make(const struct kvmeter_vm *vm)
{
	struct kvmeter_crew *crew = kzalloc(sizeof(*crew), GFP_NOWAIT | __GFP_NOWARN);

	if (!crew)
		return NULL;
	kref_init(&crew->ref);
	raw_spin_lock_init(&crew->lock);
	kvmeter_pool_init(&crew->side);
	crew->other_base_ns = vm->cpu->times.other_ns;
	return crew;
}

/* What a draw pays of a debt. */
static u64 debt_part_ns(u64 debt_ns)
{
	return min(debt_ns, max(debt_ns / DEBT_PARTS, DEBT_PIECE_NS));
}

/* The pool that serves first; NULL: there is no limit. */
static struct kvmeter_pool *crew_pool(struct kvmeter_crew *crew, u64 now_ns)
{
	u64 grant, side;

	lockdep_assert_held(&crew->lock);
	if (!crew->vm)
		return NULL;
	grant = kvmeter_pool_next(&crew->vm->cpu->pool, now_ns);
	side = kvmeter_pool_next(&crew->side, now_ns);
	if (!grant || !side)
		return NULL;
	return grant <= side ? &crew->vm->cpu->pool : &crew->side;
}

/**
 * kvmeter_crew_draw - draw the next slice for a thread that is no vCPU
 * @crew: its VMM's
 * @now_ns: CLOCK_MONOTONIC
 * @debt_ns: it ran so long beyond its last slice; less what is paid by this draw
 * @slice_ns: set to what it may run from the returned instant on
 *
 * A large overrun is one long system call.  It is paid in parts, one with each slice.
 * So other threads get their turns in between.  A thread that overruns by d each time
 * settles at a debt of 4 d.
 *
 * Context: interrupts off.
 * Return: the instant, CLOCK_MONOTONIC; 0: there is no limit.
 */
u64 kvmeter_crew_draw(struct kvmeter_crew *crew, u64 now_ns, u64 *debt_ns, u64 *slice_ns)
{
	u64 pay_ns = debt_part_ns(*debt_ns);
	struct kvmeter_pool *pool;
	u64 start = 0;

	raw_spin_lock(&crew->lock);
	pool = crew_pool(crew, now_ns);
	if (pool)
		start = kvmeter_pool_draw(pool, now_ns, pay_ns, slice_ns);
	if (start) {
		*debt_ns -= pay_ns;
		crew->drawn_ns += pay_ns + *slice_ns;
	} else {
		*debt_ns = 0;
	}
	raw_spin_unlock(&crew->lock);
	return start;
}

/**
 * kvmeter_crew_draw_side - draw from the side for a vCPU's thread outside of the guest
 * @crew: its VMM's
 * @now_ns: CLOCK_MONOTONIC
 * @debt_ns: as for kvmeter_crew_draw()
 * @slice_ns: as for kvmeter_crew_draw()
 *
 * Context: interrupts off.
 * Return: the instant, CLOCK_MONOTONIC; 0: there is no limit.
 */
u64 kvmeter_crew_draw_side(struct kvmeter_crew *crew, u64 now_ns, u64 *debt_ns, u64 *slice_ns)
{
	u64 pay_ns = debt_part_ns(*debt_ns);

	*debt_ns -= pay_ns;
	return kvmeter_pool_draw(&crew->side, now_ns, pay_ns, slice_ns);
}

/**
 * kvmeter_crew_left - a thread that is no vCPU ended with a debt: the side pays
 * @crew: its VMM's
 * @debt_ns: it ran so long beyond its last slice
 * @now_ns: CLOCK_MONOTONIC
 *
 * Threads that each run a little too long and end would cost nothing otherwise.
 *
 * Context: any, interrupts off included.
 */
void kvmeter_crew_left(struct kvmeter_crew *crew, u64 debt_ns, u64 now_ns)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&crew->lock, flags);
	crew->drawn_ns += debt_ns;
	raw_spin_unlock_irqrestore(&crew->lock, flags);
	kvmeter_pool_charge(&crew->side, debt_ns, now_ns);
}

/**
 * kvmeter_crew_bound - is a thread that is no vCPU under a limit?
 * @crew: its VMM's
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: any.
 */
bool kvmeter_crew_bound(struct kvmeter_crew *crew, u64 now_ns)
{
	unsigned long flags;
	bool bound;

	raw_spin_lock_irqsave(&crew->lock, flags);
	bound = crew_pool(crew, now_ns);
	raw_spin_unlock_irqrestore(&crew->lock, flags);
	return bound;
}

/* What others used and no leash drew, since the last time. */
static u64 crew_unseen(struct kvmeter_crew *crew, const struct kvmeter_vm *vm)
{
	u64 drawn, unseen;

	raw_spin_lock_irq(&crew->lock);
	drawn = crew->drawn_ns;
	raw_spin_unlock_irq(&crew->lock);
	unseen = kmc_sat_sub(vm->cpu->times.other_ns, crew->other_base_ns + drawn +
			     crew->unseen_ns);
	crew->unseen_ns += unseen;
	return unseen;
}

/* The grant of @vm pays for the threads that are no vCPU. */
static void crew_own(struct kvmeter_crew *crew, struct kvmeter_vm *vm)
{
	raw_spin_lock_irq(&crew->lock);
	if (crew->vm != vm) {
		crew->vm = vm;
		crew->charged = false;
		crew->drawn_ns = 0;
		crew->unseen_ns = 0;
		crew->other_base_ns = vm->cpu->times.other_ns;
	}
	raw_spin_unlock_irq(&crew->lock);
}

/**
 * kvmeter_crew_of - the crew of a VM's VMM
 * @vm: the VM, in a group; the first limit makes the crew
 *
 * Context: kvmeter_lock.
 * Return: the crew, or NULL: no VM of the group was ever limited, or no memory.
 */
struct kvmeter_crew *kvmeter_crew_of(struct kvmeter_vm *vm)
{
	struct kvmeter_group *group = vm->group;

	lockdep_assert_held(&kvmeter_lock);
	if (!group->crew && vm->cpu->pool.limited)
		group->crew = crew_make(vm);
	return group->crew;
}

/**
 * kvmeter_crew_limit - a limit of a VM was brought in force or lifted
 * @crew: its VMM's
 * @vm: the VM
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 */
void kvmeter_crew_limit(struct kvmeter_crew *crew, struct kvmeter_vm *vm, u64 now_ns)
{
	struct kvmeter_pool *pool = &vm->cpu->pool;
	u64 unseen = 0;

	lockdep_assert_held(&kvmeter_lock);
	if (kvmeter_vm_owns_group(vm)) {
		crew_own(crew, vm);
		unseen = crew_unseen(crew, vm);
		/* a new limit begins with nothing owed */
		if (!crew->charged)
			unseen = 0;
		crew->charged = pool->limited;
	}
	if (!pool->limited)
		return;
	kvmeter_pool_charge(pool, unseen, now_ns);
	kvmeter_pool_set(&crew->side, SIDE_BP, 1, U64_MAX, now_ns);
	/* what the budget closed stays closed for all that its VM's threads do */
	if (crew->vm == vm)
		kvmeter_pool_close(&crew->side, pool->closed_until_ns);
	WRITE_ONCE(crew->lease_until_ns,
		   max(crew->side.lease_until_ns, crew->side.closed_until_ns));
}

/**
 * kvmeter_crew_vm_gone - a VM is dead: its grant pays for nobody any more
 * @vm: the VM, still in its group
 *
 * Context: kvmeter_lock.
 */
void kvmeter_crew_vm_gone(struct kvmeter_vm *vm)
{
	struct kvmeter_crew *crew = vm->group->crew;

	if (!crew)
		return;
	raw_spin_lock_irq(&crew->lock);
	if (crew->vm == vm)
		crew->vm = NULL;
	raw_spin_unlock_irq(&crew->lock);
}

/**
 * kvmeter_crew_group_gone - no VM of a group is left
 * @group: the group; threads of it that live on keep the crew
 *
 * Context: kvmeter_lock.
 */
void kvmeter_crew_group_gone(struct kvmeter_group *group)
{
	struct kvmeter_crew *crew = group->crew;

	if (!crew)
		return;
	if (crew->look_at)
		put_task_struct(crew->look_at);
	crew->look_at = NULL;
	group->crew = NULL;
	kvmeter_crew_put(crew);
}
