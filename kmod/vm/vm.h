/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM: the table of VMs: look-ups, labels, references, whose its group's use is.
 */
#ifndef KVMETER_VM_H
#define KVMETER_VM_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "core/pipeline.h"
#include "vm/group.h"

struct kvm;
struct kvmeter_cgroup;
struct kvmeter_cpu;
struct kvmeter_disk_usage;
struct kvmeter_hints;
struct kvmeter_history;
struct kvmeter_log;
struct kvmeter_memory;
struct kvmeter_model;
struct kvmeter_net;
struct kvmeter_sysfs;
struct kvmeter_tenants;
struct kvmeter_visit;

#define KVMETER_SHARD_GROUP	64	/* VMs of a process that are visited in a period */
#define KVMETER_SHARDS_MAX	8	/* periods between visits; a lease is ten at least */
#define KVMETER_NAME_MAX	64	/* name and image of a VM, with the final 0 */

/**
 * struct kvmeter_vm - one VM
 * @ref: references; any context
 * @release: frees the VM; fixed by life.c
 * @id: number of the VM, not used again; fixed
 * @node: entry in kvmeter_vms, or among dead VMs
 * @kvm: KVM's identity of the VM; referenced through the slots
 * @by_kvm: entry in the table by @kvm
 * @user: hash of its VMM's user; fixed
 * @group: its VMM's thread group; NULL: the VM is dead
 * @group_node: entry in the group's list
 * @tgid: process of the VMM; fixed
 * @name: what people call it
 * @image: what it runs
 * @slots: its vCPU threads
 * @slots_by_id: the same, by vCPU id and thread id
 * @nr_slots: length of @slots
 * @nr_vcpus: distinct vCPUs; not 0, as a VM is born with one
 * @created_real_ns: when it was first seen, CLOCK_REALTIME
 * @over: its descriptors are closed: no more charges
 * @dead: no threads are left: only its records remain
 * @published: it was offered to the listeners
 * @appeared: they took it: it vanishes again
 * @seeded: its profile began as its image's prior
 * @unenforceable: per resource, why the grant in force is not the one that was decided;
 *                 NULL: it is
 * @core: the stages' state
 * @records: the ledger's ring
 * @cpu: CPU time, exits, tokens: cpu/cpu.h
 * @memory: memory/memory.h
 * @disk: disk/disk.h
 * @net: net/net.h
 * @cgroup: control group that was handed over, NULL: none; cgroup/cgroup.h
 * @cgroup_why: why it was dropped; NULL: it was not
 * @log: adjustments and price changes: vm/log.h
 * @history: the last periods: vm/history.h
 * @model: weights of its network; referenced; NULL: none; vm/model.h
 * @visit: when it was visited and what came of it: period/visit.h
 * @hints: what its guest asked for: period/hint.h
 * @sysfs: its directory, while @appeared; api/sysfs.c
 * @tenants: its own side; NULL: none yet; api/tenant/call.h
 *
 * All is under kvmeter_lock, but where said otherwise here or at the part.  A part
 * belongs to the folder that defines it; parts live as long as the VM.
 */
struct kvmeter_vm {
	struct kref ref;
	void (*release)(struct kref *ref);
	u32 id;
	struct list_head node;
	struct kvm *kvm;
	struct hlist_node by_kvm;
	u8 user;
	struct kvmeter_group *group;
	struct list_head group_node;
	pid_t tgid;
	char name[KVMETER_NAME_MAX];
	char image[KVMETER_NAME_MAX];
	struct list_head slots;
	struct rb_root slots_by_id;
	u32 nr_slots;
	u32 nr_vcpus;
	u64 created_real_ns;
	bool over;
	bool dead;
	bool published;
	bool appeared;
	bool seeded;
	const char *unenforceable[KMC_NR_ACT];
	struct kmc_vm core;
	struct kmc_record *records;

	struct kvmeter_cpu *cpu;
	struct kvmeter_memory *memory;
	struct kvmeter_disk_usage *disk;
	struct kvmeter_net *net;
	struct kvmeter_cgroup *cgroup;
	const char *cgroup_why;
	struct kvmeter_log *log;
	struct kvmeter_history *history;
	struct kvmeter_model *model;
	struct kvmeter_visit *visit;
	struct kvmeter_hints *hints;
	struct kvmeter_sysfs *sysfs;
	struct kvmeter_tenants *tenants;
};

extern struct list_head kvmeter_vms;	/* VMs that are not dead, oldest first; kvmeter_lock */

const char *kvmeter_label_check(const char *label);

/* look-ups */
struct kvmeter_vm *kvmeter_vm_find_record(u32 id);
struct kvmeter_vm *kvmeter_vm_next_record(u32 id);
struct kvmeter_vm *kvmeter_vm_next(u32 id);
struct kvmeter_vm *kvmeter_vm_of_kvm(const struct kvm *kvm);
const struct kvmeter_vm *kvmeter_vm_known(const struct kvm *kvm);
bool kvmeter_vm_turn_now(const struct kvmeter_vm *vm, u32 period);
struct kvmeter_vm *kvmeter_group_owner(const struct kvmeter_group *group);
bool kvmeter_vm_owns_group(const struct kvmeter_vm *vm);
u32 kvmeter_nr_vms(void);

/* references */
struct kvmeter_vm *kvmeter_vm_get(struct kvmeter_vm *vm);
struct kvmeter_vm *kvmeter_vm_get_early(const struct kvm *kvm);
void kvmeter_vm_put(struct kvmeter_vm *vm);

/* births and deaths, by life.c */
int kvmeter_vm_add(struct kvmeter_vm *vm, void (*release)(struct kref *ref));
void kvmeter_vm_show(struct kvmeter_vm *vm);
void kvmeter_vm_remove(struct kvmeter_vm *vm, struct list_head *dead);
void kvmeter_vm_keep_record(struct kvmeter_vm *vm);
void kvmeter_vms_exit(void);

#endif /* KVMETER_VM_H */
