// SPDX-License-Identifier: GPL-2.0
/*
 * Log: a VM's last adjustments and price changes, in rings; kvmeter_lock.
 *
 * An adjustment's number is the host's, so that the logs of all VMs merge by
 * it; a price change's is its VM's.
 */
#include "base/host.h"
#include "core/q.h"
#include "vm/log.h"
#include "vm/vm.h"

u64 kvmeter_adjustment_seq;
static struct rb_root_cached adjustments = RB_ROOT_CACHED;	/* of all VMs, by number */

static struct kvmeter_adjustment *log_entry(const struct kvmeter_vm *vm, u64 i)
{
	return &vm->log->adjustment[i % KVMETER_LOG_LEN];
}

static bool seq_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct kvmeter_adjustment, by_seq)->seq <
	       rb_entry(b, struct kvmeter_adjustment, by_seq)->seq;
}

static void log_forget(struct kvmeter_adjustment *a)
{
	if (a->seq)
		rb_erase_cached(&a->by_seq, &adjustments);
	a->seq = 0;
}

/**
 * kvmeter_log_new - a new adjustment of a VM
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 * Return: the entry, numbered; the caller fills the rest.
 */
struct kvmeter_adjustment *kvmeter_log_new(struct kvmeter_vm *vm)
{
	struct kvmeter_adjustment *a = log_entry(vm, vm->log->nr++);

	lockdep_assert_held(&kvmeter_lock);
	log_forget(a);
	memset(a, 0, sizeof(*a));
	a->seq = ++kvmeter_adjustment_seq;
	a->vm_id = vm->id;
	rb_add_cached(&a->by_seq, &adjustments, seq_before);
	return a;
}

/**
 * kvmeter_log_drop - the adjustments of a VM are kept no longer
 * @vm: the VM, out of the table
 *
 * Context: kvmeter_lock, or the module goes.
 */
void kvmeter_log_drop(struct kvmeter_vm *vm)
{
	int i;

	for (i = 0; i < KVMETER_LOG_LEN; i++)
		log_forget(&vm->log->adjustment[i]);
}

/**
 * kvmeter_log_seq - the number of a VM's last adjustment
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 * Return: the number; 0: there was none.
 */
u64 kvmeter_log_seq(const struct kvmeter_vm *vm)
{
	return vm->log->nr ? log_entry(vm, vm->log->nr - 1)->seq : 0;
}

/**
 * kvmeter_log_next - a VM's oldest kept adjustment above a number
 * @vm: the VM
 * @seq: the number; a VM's numbers rise, not by one
 *
 * Context: kvmeter_lock.
 * Return: the entry, or NULL.
 */
const struct kvmeter_adjustment *kvmeter_log_next(const struct kvmeter_vm *vm, u64 seq)
{
	u64 lo = kmc_sat_sub(vm->log->nr, KVMETER_LOG_LEN);
	u64 hi = vm->log->nr;

	while (lo < hi) {
		u64 mid = lo + (hi - lo) / 2;

		if (log_entry(vm, mid)->seq > seq)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo < vm->log->nr ? log_entry(vm, lo) : NULL;
}

/**
 * kvmeter_log_next_of_all - the oldest kept adjustment of any VM above a number
 * @seq: the number
 *
 * Context: kvmeter_lock.
 * Return: the entry, of a VM living or dead, or NULL.
 */
const struct kvmeter_adjustment *kvmeter_log_next_of_all(u64 seq)
{
	const struct kvmeter_adjustment *a, *next = NULL;
	struct rb_node *node = adjustments.rb_root.rb_node;

	while (node) {
		a = rb_entry(node, struct kvmeter_adjustment, by_seq);
		if (a->seq > seq) {
			next = a;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return next;
}

static struct kvmeter_price_change *price_entry(const struct kvmeter_vm *vm, u64 i)
{
	return &vm->log->price[i % KVMETER_LOG_LEN];
}

/**
 * kvmeter_price_new - a new price change of a VM
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 * Return: the entry, numbered; the caller fills the rest.
 */
struct kvmeter_price_change *kvmeter_price_new(struct kvmeter_vm *vm)
{
	struct kvmeter_price_change *c = price_entry(vm, vm->log->nr_prices++);

	lockdep_assert_held(&kvmeter_lock);
	memset(c, 0, sizeof(*c));
	c->seq = vm->log->nr_prices;
	return c;
}

/**
 * kvmeter_price_next - a VM's oldest kept price change above a number
 * @vm: the VM
 * @seq: the number; a VM's numbers rise by one
 *
 * Context: kvmeter_lock.
 * Return: the entry, or NULL.
 */
const struct kvmeter_price_change *kvmeter_price_next(const struct kvmeter_vm *vm, u64 seq)
{
	u64 i = max(seq, kmc_sat_sub(vm->log->nr_prices, KVMETER_LOG_LEN));

	return i < vm->log->nr_prices ? price_entry(vm, i) : NULL;
}
