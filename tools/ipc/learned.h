/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module is asked of what it has learned.  Each returns an exit
 * status; when it is not EXIT_OK, ipc_error() has the reason.
 */
#ifndef KVMETER_IPC_LEARNED_H
#define KVMETER_IPC_LEARNED_H

#include <stddef.h>
#include <stdint.h>

#include "data/learned.h"

int ipc_profile_get(const struct profile_of *of, struct profile *profile);
int ipc_profile_export(const struct profile_of *of, struct blob *blob);
int ipc_profile_import(const struct profile_of *of, const struct blob *blob);
int ipc_profile_reset(const struct profile_of *of);

/* @image: empty: the default */
int ipc_model_set(const char *image, const struct blob *blob);
int ipc_model_del(const char *image);
int ipc_model_list(struct weights **models, size_t *nr);	/* the caller's to free */

/** ipc_samples - periods after @since, as far as the module still keeps them */
int ipc_samples(uint32_t vm_id, uint64_t since, struct samples *samples);

#endif /* KVMETER_IPC_LEARNED_H */
