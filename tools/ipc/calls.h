/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module is asked of the host, of VMs and of what happened.  Each
 * returns an exit status; when it is not EXIT_OK, ipc_error() has the reason.
 * Arrays are the caller's to free.
 */
#ifndef KVMETER_CALLS_H
#define KVMETER_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/host.h"
#include "data/log.h"
#include "data/vm.h"

int ipc_host_get(struct host *host);
int ipc_vm_list(struct vm **vms, size_t *nr);
int ipc_vm_get(uint32_t id, struct vm *vm);
/** ipc_vm_find - by id or by name; one that is gone by its id only */
int ipc_vm_find(const char *id_or_name, struct vm *vm);
int ipc_vcpu_list(uint32_t vm_id, struct vcpu **vcpus, size_t *nr);

/* @vm_id may be ALL_VMS, but for the ledger; @since: what came after this number */
int ipc_adjustment_get(uint64_t seq, struct adjustment *adjustment);
int ipc_log(uint32_t vm_id, uint64_t since, struct adjustment **log, size_t *nr);
int ipc_prices(uint32_t vm_id, uint64_t since, struct price_change **prices, size_t *nr);
int ipc_ledger(uint32_t vm_id, uint64_t since, struct record **records, size_t *nr);
int ipc_ledger_ack(uint32_t vm_id, uint64_t seq);

int ipc_net_bind(uint32_t vm_id, uint32_t ifindex, int netns_fd, bool bind); /* -1: initial */
int ipc_cgroup_attach(uint32_t vm_id, int fd);
int ipc_cgroup_detach(uint32_t vm_id);

/** ipc_suggest - @answer: the grant that was taken, and the price it would have */
int ipc_suggest(uint32_t vm_id, uint32_t resource, uint32_t grant_bp, uint32_t duration_ms,
		struct quote *answer);
int ipc_quote(uint32_t vm_id, uint32_t resource, uint32_t grant_bp, struct quote *quote);

#endif /* KVMETER_CALLS_H */
