/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of blobs share: two VMs, and a blob that goes from one to the other. */
#ifndef BLOB_UNIT_H
#define BLOB_UNIT_H

#include "unit.h"
#include "blob_field.h"

#define PERIOD_NS	(100 * KMC_NS_PER_MS)
#define BLOB_RING	4

extern struct kmc_vm the_vm, other_vm;
extern struct kmc_record rings[2][BLOB_RING];
extern struct kmc_blob the_blob, read_blob;
extern u8 bytes[KMC_BLOB_MAX];
extern u64 clock_ms;

void vm_make(struct kmc_vm *vm, struct kmc_record *ring);
/* @nr periods in which each resource is used around a level of its own */
void vm_run(struct kmc_vm *vm, u64 *seed, u32 nr);
/* @vm's resources in @mask become bytes[] */
size_t vm_write(const struct kmc_vm *vm, u32 mask);
/* bytes[] were changed: let length and checksum fit them */
void reseal(size_t len);
/* bytes[] are refused for a reason that holds @part */
void assert_refused(size_t len, const char *part);

#endif /* BLOB_UNIT_H */
