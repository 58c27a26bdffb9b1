// SPDX-License-Identifier: GPL-2.0
/*
 * VM: the table of VMs: look-ups, labels, references, whose its group's use is.
 *
 * A VM is *over* when its descriptors are closed: nobody can enter it, and it is
 * not charged any more.  It is *dead* when it has no threads left.  A dead VM stays
 * in the table for its records only, until RECORDS_MAX more have died.
 */
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/lockdep.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "base/host.h"
#include "vm/log.h"
#include "vm/vm.h"

#define RECORDS_MAX	64	/* dead VMs whose records are kept */

/* all below is under kvmeter_lock */
LIST_HEAD(kvmeter_vms);
static u32 nr_vms;				/* in that list */
static DEFINE_XARRAY_ALLOC1(vm_ids);		/* all VMs, dead ones too, by id */
static u32 vm_id_next = 1;			/* ids are not used again */
static LIST_HEAD(vm_records);			/* dead VMs, the longest dead first */
static unsigned int nr_records;

#define TABLE_BITS	10	/* two VMs a chain for 2048 */
#define USER_BITS	6
#define SHARD_USER	1024	/* VMs of a user that are visited in a period */

/* VMs that are not dead, by struct kvm; written under kvmeter_lock, read under RCU, too */
static DEFINE_HASHTABLE(vm_table, TABLE_BITS);
static u32 nr_user_vms[1 << USER_BITS];		/* VMs that are not dead, by a hash of the user */

/**
 * kvmeter_label_check - may this be a VM's name or image?
 * @label: the text
 *
 * Labels end up in paths, logs and terminals.
 *
 * Return: NULL, or what is wrong with it.
 */
const char *kvmeter_label_check(const char *label)
{
	const char *c;

	if (strlen(label) >= KVMETER_NAME_MAX)
		return "a name has at most 63 characters";
	for (c = label; *c; c++) {
		if (*c == '/')
			return "'/' is not allowed in a name";
		if (*c < ' ' || *c > '~')
			return "only printable ASCII is allowed in a name";
	}
	return NULL;
}

/**
 * kvmeter_vm_find_record - the VM with an id, living or dead: for its ledger and logs
 * @id: the id
 *
 * Context: kvmeter_lock.
 * Return: the VM; NULL: not known.
 */
struct kvmeter_vm *kvmeter_vm_find_record(u32 id)
{
	lockdep_assert_held(&kvmeter_lock);
	return xa_load(&vm_ids, id);
}

/**
 * kvmeter_vm_next_record - the VM with the smallest id of at least @id, living or dead
 * @id: where to begin
 *
 * Context: kvmeter_lock.
 * Return: the VM; NULL: there are no more.
 */
struct kvmeter_vm *kvmeter_vm_next_record(u32 id)
{
	unsigned long index = id;

	lockdep_assert_held(&kvmeter_lock);
	return xa_find(&vm_ids, &index, U32_MAX, XA_PRESENT);
}

/**
 * kvmeter_vm_next - the VM with the smallest id of at least @id that is not dead
 * @id: where to begin
 *
 * Context: kvmeter_lock.
 * Return: the VM; NULL: there are no more.
 */
struct kvmeter_vm *kvmeter_vm_next(u32 id)
{
	struct kvmeter_vm *vm = kvmeter_vm_next_record(id);

	while (vm && vm->dead)
		vm = kvmeter_vm_next_record(vm->id + 1);
	return vm;
}

/**
 * kvmeter_vm_of_kvm - the VM that KVM knows by this struct
 * @kvm: KVM's
 *
 * Context: kvmeter_lock.
 * Return: the VM, not dead; NULL: not known.
 */
struct kvmeter_vm *kvmeter_vm_of_kvm(const struct kvm *kvm)
{
	struct kvmeter_vm *vm;

	lockdep_assert_held(&kvmeter_lock);
	hash_for_each_possible(vm_table, vm, by_kvm, (unsigned long)kvm)
		if (vm->kvm == kvm)
			return vm;
	return NULL;
}

/**
 * kvmeter_vm_known - as kvmeter_vm_of_kvm(), for the event path
 * @kvm: KVM's
 *
 * Context: RCU.
 * Return: the VM, valid while RCU is held; NULL: not known.
 */
const struct kvmeter_vm *kvmeter_vm_known(const struct kvm *kvm)
{
	struct kvmeter_vm *vm;

	hash_for_each_possible_rcu(vm_table, vm, by_kvm, (unsigned long)kvm)
		if (vm->kvm == kvm)
			return vm;
	return NULL;
}

/**
 * kvmeter_vm_get_early - hold the VM that KVM knows by a struct
 * @kvm: KVM's
 *
 * Context: any.
 * Return: the VM, which may die meanwhile; NULL: not known.
 */
struct kvmeter_vm *kvmeter_vm_get_early(const struct kvm *kvm)
{
	struct kvmeter_vm *vm;

	rcu_read_lock();
	vm = (struct kvmeter_vm *)kvmeter_vm_known(kvm);
	if (vm && !kref_get_unless_zero(&vm->ref))
		vm = NULL;
	rcu_read_unlock();
	return vm;
}

/**
 * kvmeter_vm_turn_now - is a VM to be visited in this period?
 * @vm: the VM
 * @period: number of the period
 *
 * A visit costs the host 50 us, and a tenant may make as many VMs as it has memory.
 * Of one process KVMETER_SHARD_GROUP are visited in a period, of one user SHARD_USER.  If
 * there are more, all have their turns, one after the other: what they use is
 * metered in longer pieces.  Worked: 200 VMs in a process, each is visited in
 * every fourth period, at 5 ms a period in all.
 *
 * Context: kvmeter_lock.
 */
bool kvmeter_vm_turn_now(const struct kvmeter_vm *vm, u32 period)
{
	u32 shards = max(DIV_ROUND_UP(vm->group->nr_vms, KVMETER_SHARD_GROUP),
			 DIV_ROUND_UP(nr_user_vms[vm->user], SHARD_USER));

	shards = clamp(shards, 1U, (u32)KVMETER_SHARDS_MAX);
	return vm->id % shards == period % shards;
}

/* How many VMs are not dead; kvmeter_lock. */
u32 kvmeter_nr_vms(void)
{
	lockdep_assert_held(&kvmeter_lock);
	return nr_vms;
}

/**
 * kvmeter_group_owner - the VM that a thread group's common use belongs to
 * @group: the group
 *
 * Disk, memory and the threads that are no vCPU are the group's, not a VM's.
 *
 * Context: kvmeter_lock.
 * Return: the oldest VM of the group that is not over; NULL: all are.
 */
struct kvmeter_vm *kvmeter_group_owner(const struct kvmeter_group *group)
{
	struct kvmeter_vm *vm;

	lockdep_assert_held(&kvmeter_lock);
	list_for_each_entry(vm, &group->vms, group_node)
		if (!vm->over)
			return vm;
	return NULL;
}

/**
 * kvmeter_vm_owns_group - does its thread group's common use belong to this VM?
 * @vm: the VM; a dead one has no group
 *
 * Context: kvmeter_lock.
 */
bool kvmeter_vm_owns_group(const struct kvmeter_vm *vm)
{
	return vm->group && kvmeter_group_owner(vm->group) == vm;
}

/**
 * kvmeter_vm_get - hold a VM
 * @vm: one that is referenced
 *
 * Return: @vm.
 */
struct kvmeter_vm *kvmeter_vm_get(struct kvmeter_vm *vm)
{
	kref_get(&vm->ref);
	return vm;
}

/**
 * kvmeter_vm_put - give a reference back
 * @vm: held by kvmeter_vm_get(), or by the table
 *
 * The last one frees it, by the function that kvmeter_vm_add() was given.
 */
void kvmeter_vm_put(struct kvmeter_vm *vm)
{
	kref_put(&vm->ref, vm->release);
}

/**
 * kvmeter_vm_add - a VM is born: it gets an id and a place in the table
 * @vm: zeroed, but for its kvm and group; the table holds the first reference
 * @release: frees it when the last reference is gone
 *
 * Context: kvmeter_lock.
 * Return: 0 or -errno: no memory, or no ids.
 */
int kvmeter_vm_add(struct kvmeter_vm *vm, void (*release)(struct kref *ref))
{
	int err;

	lockdep_assert_held(&kvmeter_lock);
	/* the period waits for this lock: it is tried again if there is no memory at once */
	err = xa_alloc_cyclic(&vm_ids, &vm->id, vm, XA_LIMIT(1, U32_MAX - 1), &vm_id_next,
			      GFP_NOWAIT | __GFP_NOWARN);
	if (err < 0)
		return err;
	kref_init(&vm->ref);
	vm->release = release;
	list_add_tail(&vm->node, &kvmeter_vms);
	nr_vms++;
	vm->user = hash_32(__kuid_val(task_uid(vm->group->leader)), USER_BITS);
	nr_user_vms[vm->user]++;
	vm->group->nr_vms++;
	return 0;
}

/**
 * kvmeter_vm_show - a VM is complete: the event path may find it
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_show(struct kvmeter_vm *vm)
{
	hash_add_rcu(vm_table, &vm->by_kvm, (unsigned long)vm->kvm);
}

/**
 * kvmeter_vm_remove - a VM has died: it leaves the list, its id stays
 * @vm: the VM
 * @dead: the list that it goes to
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_remove(struct kvmeter_vm *vm, struct list_head *dead)
{
	lockdep_assert_held(&kvmeter_lock);
	hash_del_rcu(&vm->by_kvm);
	list_move(&vm->node, dead);
	nr_vms--;
	nr_user_vms[vm->user]--;
}

/**
 * kvmeter_vm_keep_record - keep a dead VM for its ledger and logs
 * @vm: from a list that kvmeter_vm_remove() moved it to
 *
 * It can be asked for until RECORDS_MAX more have died.
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_keep_record(struct kvmeter_vm *vm)
{
	struct kvmeter_vm *oldest;

	lockdep_assert_held(&kvmeter_lock);
	list_move_tail(&vm->node, &vm_records);
	if (nr_records < RECORDS_MAX) {
		nr_records++;
		return;
	}
	oldest = list_first_entry(&vm_records, struct kvmeter_vm, node);
	xa_erase(&vm_ids, oldest->id);
	list_del(&oldest->node);
	kvmeter_log_drop(oldest);
	kvmeter_vm_put(oldest);
}

/**
 * kvmeter_vms_exit - the table lets go of every VM
 *
 * Context: unload; nobody looks for one any more.
 */
void kvmeter_vms_exit(void)
{
	struct kvmeter_vm *vm, *next;

	list_splice_init(&vm_records, &kvmeter_vms);
	list_for_each_entry_safe(vm, next, &kvmeter_vms, node) {
		list_del(&vm->node);
		kvmeter_log_drop(vm);
		kvmeter_vm_put(vm);
	}
	xa_destroy(&vm_ids);
}
