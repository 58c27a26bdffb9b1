/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One file of a VM's directory.  Its reader is given what the last settlement
 * published, and takes no lock.  Its writer is called under kvmeter_lock.
 * VM_RO() and VM_RW() make one, named after its folder and file.
 */
#ifndef KVMETER_SYSFS_ATTR_H
#define KVMETER_SYSFS_ATTR_H

#include <linux/sysfs.h>

struct kvmeter_shown_vm;
struct kvmeter_vm;

/* for root and the group that may read; files that are written are root's alone to write */
#define VM_MODE_RO	0440
#define VM_MODE_RW	0640

/**
 * struct vm_attr - a file of a VM
 * @attr: its name and mode
 * @show: writes the value, with a newline; returns its length or -errno
 * @store: takes a value, without space around it; returns 0 or -errno; NULL: read-only
 */
struct vm_attr {
	struct attribute attr;
	ssize_t (*show)(const struct kvmeter_shown_vm *vm, char *buf);
	int (*store)(struct kvmeter_vm *vm, char *word);
};

#define VM_RO(_group, _name, _fmt, _value)						\
static ssize_t _group##_##_name##_show(const struct kvmeter_shown_vm *vm, char *buf)	\
{											\
	return sysfs_emit(buf, _fmt "\n", _value);					\
}											\
static struct vm_attr _group##_##_name##_attr = {					\
	.attr = { .name = #_name, .mode = VM_MODE_RO },					\
	.show = _group##_##_name##_show,						\
}

#define VM_RW(_group, _name)								\
static struct vm_attr _group##_##_name##_attr = {					\
	.attr = { .name = #_name, .mode = VM_MODE_RW },					\
	.show = _group##_##_name##_show,						\
	.store = _group##_##_name##_store,						\
}

#endif /* KVMETER_SYSFS_ATTR_H */
