/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talking to the module.  Each function returns an exit status; when it is
 * not EXIT_OK the reason has been printed.  Arrays are the caller's to free.
 */
#ifndef KVMETER_IPC_H
#define KVMETER_IPC_H

#include "data/data.h"

#define ALL_VMS	UINT32_MAX

int ipc_open(void);
void ipc_close(void);

int ipc_host_get(struct host *host);
int ipc_host_set(const struct changes *changes);
int ipc_vm_list(struct vm **vms, size_t *nr);
int ipc_vm_get(uint32_t id, struct vm *vm);
int ipc_vm_find(const char *id_or_name, struct vm *vm);
int ipc_vm_set(uint32_t id, const struct changes *changes);
int ipc_vcpu_list(uint32_t vm_id, struct vcpu **vcpus, size_t *nr);
int ipc_profile_get(const struct profile_of *of, struct profile *profile);
int ipc_profile_export(const struct profile_of *of, struct blob *blob);
int ipc_profile_import(const struct profile_of *of, const struct blob *blob);
int ipc_profile_reset(const struct profile_of *of);
int ipc_model_set(const char *image, const struct blob *blob);
int ipc_model_del(const char *image);
int ipc_model_list(struct weights **models, size_t *nr);
/* periods after @since */
int ipc_samples(uint32_t vm_id, uint64_t since, struct samples *samples);
int ipc_adjustment_get(uint64_t seq, struct adjustment *adjustment);
int ipc_log(uint32_t vm_id, uint64_t since, struct adjustment **log, size_t *nr);
int ipc_prices(uint32_t vm_id, uint64_t since, struct price_change **prices, size_t *nr);
int ipc_ledger(uint32_t vm_id, uint64_t since, struct record **records, size_t *nr);
int ipc_ledger_ack(uint32_t vm_id, uint64_t seq);
int ipc_net_bind(uint32_t vm_id, uint32_t ifindex, int netns_fd, bool bind); /* -1: initial */
int ipc_suggest(uint32_t vm_id, uint32_t resource, uint32_t *grant_bp, uint32_t duration_ms,
		uint64_t *price_ncr_h);
int ipc_cgroup_attach(uint32_t vm_id, int fd);
int ipc_cgroup_detach(uint32_t vm_id);

int ipc_quote(uint32_t vm_id, uint32_t resource, uint32_t grant_bp, struct quote *quote);

/* Join groups, a bit mask of 1 << enum group. */
int ipc_watch(unsigned int groups);
/* what ipc_watch_next() can return besides EXIT_FAILED */
enum {
	WATCH_NOTICE = 100,
	WATCH_TIMEOUT,
	WATCH_OVERRUN,	/* the socket overflowed: any group may have lost notices */
};

/* Wait for a notice, at most @timeout_ms; -1: for ever. */
int ipc_watch_next(struct notice *notice, int timeout_ms);

#endif /* KVMETER_IPC_H */
