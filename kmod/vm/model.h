/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Models: weights of the predictors' network, per image and a default.
 */
#ifndef KVMETER_MODEL_H
#define KVMETER_MODEL_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "core/predict.h"
#include "vm/vm.h"

#define KVMETER_MODELS_MAX	256	/* of 1 KiB each; as many as there may be images */

/**
 * struct kvmeter_model - weights of the network, for VMs of one image
 * @node: entry in the list of models; kvmeter_lock
 * @refs: one of the list's and one of each VM that uses it
 * @image: name of the image; empty: the default
 * @seq: number of the model on this host, from 1
 * @set_real_ns: when it was set, CLOCK_REALTIME
 * @weights: the weights
 *
 * Fixed once it is in the list, but for @node and @refs.
 */
struct kvmeter_model {
	struct list_head node;
	refcount_t refs;
	char image[KVMETER_NAME_MAX];
	u64 seq;
	u64 set_real_ns;
	struct kmc_model weights;
};

int kvmeter_model_set(const char *image, const struct kmc_model *weights);
int kvmeter_model_del(const char *image);
struct kvmeter_model *kvmeter_model_next(u64 after);
u32 kvmeter_model_nr_vms(const struct kvmeter_model *model);
void kvmeter_model_choose(struct kvmeter_vm *vm);
void kvmeter_model_leave(struct kvmeter_vm *vm);
void kvmeter_model_exit(void);

#endif /* KVMETER_MODEL_H */
