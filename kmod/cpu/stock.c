// SPDX-License-Identifier: GPL-2.0
/*
 * Stock: empty slots for the event path, and the new ones that came of it.
 *
 * A vCPU thread is seen for the first time in kvm_entry, where nothing can be
 * allocated.  So its slot comes from a stock, which a work fills.  A slot that was
 * taken is new until its VM adopts it.
 *
 * The stock is the host's, and threads are the tenant's: one who makes a thread
 * for each KVM_RUN would leave nothing to the others.  So what is new is counted
 * by process and by user.  A process can have a quarter of the stock, a user three
 * quarters.  Both are found by a hash, so two may share a count.  Worked: a process
 * takes its 64 slots within a millisecond.  Its next thread gets none until the
 * period has adopted some, and is metered as a thread of the VMM so long.  Another
 * process of the same user has 128 left to it, another user 64 more.
 *
 * An empty stock costs an entry the look at one word, and no lock.
 */
#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "cpu/slot.h"
#include "cpu/stock.h"

#define CLAIM_BITS	6	/* counts by process, and by user */

/* Raw, as kvm_entry takes it with interrupts off; a leaf.  It protects the next two. */
static DEFINE_RAW_SPINLOCK(stock_lock);
static LIST_HEAD(stock);
static unsigned int nr_stock;		/* read without the lock */

static LLIST_HEAD(stock_new);		/* taken, not handed to the period yet */
static atomic_t claim_group[1 << CLAIM_BITS];
static atomic_t claim_user[1 << CLAIM_BITS];
static bool stock_asked;		/* the period knows that a slot is missing */

/**
 * kvmeter_stock_take - an empty slot for current
 *
 * Context: kvm_entry, interrupts off.
 * Return: the slot, counted for current until kvmeter_stock_settle(); NULL: there is
 * none, or none for current.
 */
struct kvmeter_slot *kvmeter_stock_take(void)
{
	struct kvmeter_claim claim = {
		.group = hash_ptr(current->signal, CLAIM_BITS),
		.user = hash_32(__kuid_val(current_uid()), CLAIM_BITS),
	};
	struct kvmeter_slot *slot;

	if (!READ_ONCE(nr_stock) ||
	    atomic_read(&claim_group[claim.group]) >= KVMETER_STOCK_GROUP ||
	    atomic_read(&claim_user[claim.user]) >= KVMETER_STOCK_USER)
		return NULL;
	raw_spin_lock(&stock_lock);
	slot = list_first_entry_or_null(&stock, struct kvmeter_slot, node);
	if (slot) {
		list_del_init(&slot->node);
		WRITE_ONCE(nr_stock, nr_stock - 1);
	}
	raw_spin_unlock(&stock_lock);
	if (!slot)
		return NULL;
	slot->claim = claim;
	atomic_inc(&claim_group[claim.group]);
	atomic_inc(&claim_user[claim.user]);
	return slot;
}

/**
 * kvmeter_stock_taken - a slot has its thread: the period is to adopt it
 * @slot: from kvmeter_stock_take(); complete, as the period may come at once
 *
 * Context: kvm_entry, interrupts off.
 */
void kvmeter_stock_taken(struct kvmeter_slot *slot)
{
	llist_add(&slot->fresh, &stock_new);
}

/**
 * kvmeter_stock_ask - a slot was missing: is the period to be told?
 *
 * Context: kvm_entry, interrupts off.
 * Return: true: yes; it is not told again before something has changed.
 */
bool kvmeter_stock_ask(void)
{
	if (READ_ONCE(stock_asked))
		return false;
	WRITE_ONCE(stock_asked, true);
	return true;
}

/**
 * kvmeter_stock_wanted - is the stock to be filled?
 *
 * Context: any.
 */
bool kvmeter_stock_wanted(void)
{
	return READ_ONCE(nr_stock) < KVMETER_STOCK_SLOTS;
}

/**
 * kvmeter_stock_add - an empty slot more
 * @slot: made ready by kvmeter_slot_init() and its other owners
 *
 * Context: process.
 */
void kvmeter_stock_add(struct kvmeter_slot *slot)
{
	raw_spin_lock_irq(&stock_lock);
	list_add(&slot->node, &stock);
	WRITE_ONCE(nr_stock, nr_stock + 1);
	raw_spin_unlock_irq(&stock_lock);
	WRITE_ONCE(stock_asked, false);
}

/**
 * kvmeter_stock_has_new - has a slot been taken since the last look?
 *
 * Context: any.
 */
bool kvmeter_stock_has_new(void)
{
	return !llist_empty(&stock_new);
}

/**
 * kvmeter_stock_new - take the slots that are new
 * @slots: they are added to it, in the order of their first entries
 *
 * Context: kvmeter_lock, or the module goes.
 */
void kvmeter_stock_new(struct list_head *slots)
{
	struct llist_node *fresh = llist_reverse_order(llist_del_all(&stock_new));
	struct kvmeter_slot *slot, *next;

	llist_for_each_entry_safe(slot, next, fresh, fresh)
		list_add_tail(&slot->node, slots);
}

/**
 * kvmeter_stock_settle - a slot is not new any more: it counts for nobody
 * @slot: the slot
 *
 * Context: process.
 */
void kvmeter_stock_settle(struct kvmeter_slot *slot)
{
	atomic_dec(&claim_group[slot->claim.group]);
	atomic_dec(&claim_user[slot->claim.user]);
	/* who got none because of it asks again */
	WRITE_ONCE(stock_asked, false);
}

/**
 * kvmeter_stock_collect - hand out the empty slots, for the last time
 * @slots: they are added to it
 *
 * Context: unload; no slot is taken any more.
 */
void kvmeter_stock_collect(struct list_head *slots)
{
	raw_spin_lock_irq(&stock_lock);
	list_splice_init(&stock, slots);
	WRITE_ONCE(nr_stock, 0);
	raw_spin_unlock_irq(&stock_lock);
}
