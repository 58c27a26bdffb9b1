// SPDX-License-Identifier: GPL-2.0
/*
 * Notify: one event to all listeners, in the order of the table that main.c
 * hands over.  The table is static: the interfaces are known at build time, and
 * a walk over it needs no lock.  Trace events are written where the thing happens.
 *
 * The period is the rate limit: a VM causes at most one notice of a kind per
 * visit.
 */
#include <linux/lockdep.h>

#include "base/host.h"
#include "period/notify.h"
#include "vm/log.h"
#include "vm/vm.h"

static const struct kvmeter_listener * const *listeners;

#define for_each_listener(l)	for ((l) = listeners; *(l); (l)++)

/**
 * kvmeter_notify_init - set the listeners that are to be told
 * @table: the listeners, ended by a NULL; stays in place
 *
 * Context: before the first VM is known.
 */
void kvmeter_notify_init(const struct kvmeter_listener * const *table)
{
	listeners = table;
}

/* The events are those of struct kvmeter_listener. */

void kvmeter_notify_born(struct kvmeter_vm *vm)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->born)
			(*l)->born(vm);
}

void kvmeter_notify_over(struct kvmeter_vm *vm)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->over)
			(*l)->over(vm);
}

void kvmeter_notify_gone(struct kvmeter_vm *vm)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->gone)
			(*l)->gone(vm);
}

void kvmeter_notify_adjusted(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->adjusted)
			(*l)->adjusted(vm, a);
}

void kvmeter_notify_priced(struct kvmeter_vm *vm, const struct kvmeter_price_change *c)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->priced)
			(*l)->priced(vm, c);
}

void kvmeter_notify_budget(struct kvmeter_vm *vm, u32 events)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->budget)
			(*l)->budget(vm, events);
}

void kvmeter_notify_own_budget(struct kvmeter_vm *vm, u32 events)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->own_budget)
			(*l)->own_budget(vm, events);
}

void kvmeter_notify_alerted(struct kvmeter_vm *vm, u32 resources)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->alerted)
			(*l)->alerted(vm, resources);
}

void kvmeter_notify_settled(struct kvmeter_vm *vm)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->settled)
			(*l)->settled(vm);
}

void kvmeter_notify_lapsed(void)
{
	const struct kvmeter_listener * const *l;

	lockdep_assert_held(&kvmeter_lock);
	for_each_listener(l)
		if ((*l)->lapsed)
			(*l)->lapsed();
}

/* Return: 0, or the first error. */
int kvmeter_notify_appear(struct kvmeter_vm *vm)
{
	const struct kvmeter_listener * const *l;
	int err;

	for_each_listener(l) {
		err = (*l)->appear ? (*l)->appear(vm) : 0;
		if (err)
			return err;
	}
	return 0;
}

void kvmeter_notify_vanish(struct kvmeter_vm *vm)
{
	const struct kvmeter_listener * const *l;

	for_each_listener(l)
		if ((*l)->vanish)
			(*l)->vanish(vm);
}

void kvmeter_notify_free(struct kvmeter_vm *vm)
{
	const struct kvmeter_listener * const *l;

	for_each_listener(l)
		if ((*l)->free)
			(*l)->free(vm);
}
