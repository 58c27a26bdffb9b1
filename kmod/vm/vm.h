/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM: the table of VMs: look-ups, labels, references, whose its group's use is.
 */
#ifndef KVMETER_VM_H
#define KVMETER_VM_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/types.h>

struct kvm;
struct kvmeter_group;
struct kvmeter_vm;

#define KVMETER_NAME_MAX	64	/* name and image of a VM, with the final 0 */

extern struct list_head kvmeter_vms;	/* VMs that are not dead, oldest first; kvmeter_lock */

const char *kvmeter_label_check(const char *label);

/* look-ups */
struct kvmeter_vm *kvmeter_vm_find_record(u32 id);
struct kvmeter_vm *kvmeter_vm_next_record(u32 id);
struct kvmeter_vm *kvmeter_vm_next(u32 id);
struct kvmeter_vm *kvmeter_vm_of_kvm(const struct kvm *kvm);
struct kvmeter_vm *kvmeter_group_owner(const struct kvmeter_group *group);
bool kvmeter_vm_owns_group(const struct kvmeter_vm *vm);
u32 kvmeter_nr_vms(void);

/* references */
struct kvmeter_vm *kvmeter_vm_get(struct kvmeter_vm *vm);
void kvmeter_vm_put(struct kvmeter_vm *vm);

/* births and deaths, by life.c */
int kvmeter_vm_add(struct kvmeter_vm *vm, void (*release)(struct kref *ref));
void kvmeter_vm_remove(struct kvmeter_vm *vm, struct list_head *dead);
void kvmeter_vm_keep_record(struct kvmeter_vm *vm);
void kvmeter_vms_exit(void);

#endif /* KVMETER_VM_H */
