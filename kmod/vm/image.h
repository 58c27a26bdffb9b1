/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Images: VMs of one image share a prior.
 */
#ifndef KVMETER_IMAGE_H
#define KVMETER_IMAGE_H

#include <linux/types.h>

struct kmc_blob;
struct kmc_profile;
struct kvmeter_vm;

const struct kmc_profile *kvmeter_image_profiles(const char *name);
int kvmeter_image_import(const char *name, const struct kmc_blob *b, u32 mask);
int kvmeter_image_reset(const char *name, u32 mask);
void kvmeter_image_seed(struct kvmeter_vm *vm);
void kvmeter_image_learn(const struct kvmeter_vm *vm);
void kvmeter_vm_set_image(struct kvmeter_vm *vm, const char *image);
void kvmeter_image_exit(void);

#endif /* KVMETER_IMAGE_H */
