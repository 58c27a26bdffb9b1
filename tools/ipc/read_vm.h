/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_READ_VM_H
#define KVMETER_READ_VM_H

#include <libmnl/libmnl.h>

#include "data/host.h"
#include "data/vm.h"

/* Each fills the whole struct; what the message lacks is 0, "" or false. */
void read_vm(const struct nlmsghdr *nlh, struct vm *vm);
void read_vcpu(const struct nlmsghdr *nlh, struct vcpu *v);
void read_host(const struct nlmsghdr *nlh, struct host *h);

#endif /* KVMETER_READ_VM_H */
