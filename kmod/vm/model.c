// SPDX-License-Identifier: GPL-2.0
/*
 * Models: weights of the predictors' network, per image and a default.
 *
 * What a network learned from one kind of VM says little of another.  So the
 * operator trains one per image ("kvmeter train") and loads it here.  A VM uses
 * its image's; where there is none, the default; where there is none either,
 * its predictors do without and the other experts forecast.
 *
 * Weights do not change once they are in the list.  A new set replaces the old
 * one in the list and in each VM that used it.  The list and each VM hold a
 * reference, a VM's to its end.  So what it forecast with is what its record
 * names.  The period, which computes with it, never meets weights that are
 * gone.
 *
 * Priors come by themselves, and the oldest may go.  Models were put here by
 * hand: at most KVMETER_MODELS_MAX, and one too many is refused.
 */
#include <linux/slab.h>

#include "base/host.h"
#include "core/predict.h"
#include "core/rnn.h"
#include "core/units.h"
#include "vm/model.h"
#include "vm/vm.h"

/* both under kvmeter_lock; in the order of their numbers */
static LIST_HEAD(models);
static unsigned int nr_models;
static u64 models_set;

static void model_put(struct kvmeter_model *model)
{
	if (model && refcount_dec_and_test(&model->refs))
		kfree(model);
}

static struct kvmeter_model *model_find(const char *image)
{
	struct kvmeter_model *model;

	lockdep_assert_held(&kvmeter_lock);
	list_for_each_entry(model, &models, node)
		if (!strcmp(model->image, image))
			return model;
	return NULL;
}

/**
 * kvmeter_model_next - the model with the smallest number above another
 * @after: the other number
 *
 * Context: kvmeter_lock.
 * Return: the model, or NULL.
 */
struct kvmeter_model *kvmeter_model_next(u64 after)
{
	struct kvmeter_model *model;

	lockdep_assert_held(&kvmeter_lock);
	list_for_each_entry(model, &models, node)
		if (model->seq > after)
			return model;
	return NULL;
}

/**
 * kvmeter_model_nr_vms - how many living VMs use a model
 * @model: the model
 *
 * Context: kvmeter_lock.
 */
u32 kvmeter_model_nr_vms(const struct kvmeter_model *model)
{
	struct kvmeter_vm *vm;
	u32 nr = 0;

	list_for_each_entry(vm, &kvmeter_vms, node)
		nr += vm->model == model;
	return nr;
}

/**
 * kvmeter_model_choose - use what there is for a VM's image
 * @vm: the VM; its image or the list of models has changed
 *
 * Context: kvmeter_lock.
 */
void kvmeter_model_choose(struct kvmeter_vm *vm)
{
	struct kvmeter_model *model = model_find(vm->image);
	u32 r;

	if (!model)
		model = model_find("");
	if (model == vm->model)
		return;
	if (model)
		refcount_inc(&model->refs);
	for (r = 0; r < KMC_NR_RES; r++)
		kmc_predict_set_model(&vm->core.predict[r], model ? &model->weights : NULL);
	model_put(vm->model);
	vm->model = model;
}

/**
 * kvmeter_model_leave - a VM gives its model back
 * @vm: the VM; nothing of it computes any more
 *
 * Context: any.
 */
void kvmeter_model_leave(struct kvmeter_vm *vm)
{
	model_put(vm->model);
	vm->model = NULL;
}

static void models_changed(void)
{
	struct kvmeter_vm *vm;

	list_for_each_entry(vm, &kvmeter_vms, node)
		kvmeter_model_choose(vm);
}

static void model_drop(struct kvmeter_model *model)
{
	list_del(&model->node);
	nr_models--;
	model_put(model);
}

/**
 * kvmeter_model_set - weights for VMs of an image
 * @image: a label that was checked; empty: the default
 * @weights: checked by kmc_model_check()
 *
 * Context: kvmeter_lock.
 * Return: 0, -ENOMEM, or -ENOSPC: there are KVMETER_MODELS_MAX.
 */
int kvmeter_model_set(const char *image, const struct kmc_model *weights)
{
	struct kvmeter_model *old = model_find(image), *model;

	if (!old && nr_models == KVMETER_MODELS_MAX)
		return -ENOSPC;
	model = kzalloc(sizeof(*model), GFP_KERNEL);
	if (!model)
		return -ENOMEM;
	refcount_set(&model->refs, 1);
	strscpy(model->image, image, sizeof(model->image));
	model->seq = ++models_set;
	model->set_real_ns = ktime_get_real_ns();
	model->weights = *weights;
	list_add_tail(&model->node, &models);
	nr_models++;
	if (old)
		model_drop(old);
	models_changed();
	return 0;
}

/**
 * kvmeter_model_del - VMs of an image have no weights of their own any more
 * @image: name of the image; empty: the default
 *
 * Context: kvmeter_lock.
 * Return: 0, or -ENOENT: it has none.
 */
int kvmeter_model_del(const char *image)
{
	struct kvmeter_model *model = model_find(image);

	if (!model)
		return -ENOENT;
	model_drop(model);
	models_changed();
	return 0;
}

/* The VMs are gone, and netlink. */
void kvmeter_model_exit(void)
{
	struct kvmeter_model *model, *next;

	list_for_each_entry_safe(model, next, &models, node)
		model_put(model);
}
