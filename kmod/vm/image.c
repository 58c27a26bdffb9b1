// SPDX-License-Identifier: GPL-2.0
/*
 * Images: VMs of one image share a prior.
 *
 * When a VM goes, its profiles are folded into its image's; a VM that gets an
 * image name while it is young starts from there.  The prior weighs as
 * KMC_PROFILE_PRIOR of the VM's own periods.  After as many, the VM's own
 * behaviour counts half, and it can only count more from there.
 *
 * A prior can also come from elsewhere (a blob, see core/blob.h), or be
 * forgotten.
 *
 * Bounded: at most IMAGES_MAX images, the one that was used longest ago goes.
 */
#include <linux/slab.h>

#include "base/host.h"
#include "core/blob.h"
#include "core/profile.h"
#include "core/units.h"
#include "vm/image.h"
#include "vm/model.h"
#include "vm/vm.h"

#define IMAGES_MAX	256	/* kernel memory is bounded, names are the operator's */
#define YOUNG_SAMPLES	600	/* a minute at 100 ms: an older VM is not seeded any more */

struct kvmeter_image {
	struct list_head node;
	char name[KVMETER_NAME_MAX];
	struct kmc_profile profile[KMC_NR_RES];
};

/* both under kvmeter_lock; most recently used first */
static LIST_HEAD(images);
static unsigned int nr_images;

static struct kvmeter_image *image_find(const char *name)
{
	struct kvmeter_image *image;

	lockdep_assert_held(&kvmeter_lock);
	list_for_each_entry(image, &images, node) {
		if (!strcmp(image->name, name)) {
			list_move(&image->node, &images);
			return image;
		}
	}
	return NULL;
}

static struct kvmeter_image *image_make(const char *name)
{
	struct kvmeter_image *image = NULL;
	int i;

	/* a VM's death does not wait for memory: the one not used for longest makes room */
	if (nr_images < IMAGES_MAX)
		image = kzalloc(sizeof(*image), GFP_NOWAIT | __GFP_NOWARN);
	if (!image && list_empty(&images))
		return NULL;
	if (image) {
		nr_images++;
	} else {
		image = list_last_entry(&images, struct kvmeter_image, node);
		list_del(&image->node);
	}
	strscpy(image->name, name, sizeof(image->name));
	for (i = 0; i < KMC_NR_RES; i++)
		kmc_profile_init(&image->profile[i], 0);
	list_add(&image->node, &images);
	return image;
}

/**
 * kvmeter_image_seed - start a young VM from its image's prior
 * @vm: the VM; one that is older or has no image is left alone
 *
 * Context: kvmeter_lock.
 */
void kvmeter_image_seed(struct kvmeter_vm *vm)
{
	struct kvmeter_image *image;
	int i;

	if (!vm->image[0] || vm->seeded || vm->core.profile[KMC_RES_CPU].nr_samples > YOUNG_SAMPLES)
		return;
	image = image_find(vm->image);
	if (!image)
		return;
	vm->seeded = true;
	for (i = 0; i < KMC_NR_RES; i++)
		kmc_profile_seed(&vm->core.profile[i], &image->profile[i], KMC_PROFILE_PRIOR);
}

/**
 * kvmeter_image_learn - a VM has died: its image learns from it
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_image_learn(const struct kvmeter_vm *vm)
{
	struct kvmeter_image *image;
	int i;

	if (!vm->image[0])
		return;
	image = image_find(vm->image);
	if (!image)
		image = image_make(vm->image);
	if (!image)
		return;		/* no memory: the prior misses one VM */
	for (i = 0; i < KMC_NR_RES; i++)
		kmc_profile_merge(&image->profile[i], &vm->core.profile[i]);
}

/**
 * kvmeter_image_profiles - what VMs of an image start from
 * @name: of the image
 *
 * Context: kvmeter_lock.
 * Return: a profile per resource; NULL: the image is not known.
 */
const struct kmc_profile *kvmeter_image_profiles(const char *name)
{
	const struct kvmeter_image *image = image_find(name);

	return image ? image->profile : NULL;
}

/**
 * kvmeter_image_import - a prior from elsewhere instead of the present one
 * @name: of the image, checked; it need not be known
 * @b: read whole
 * @mask: which resources, all in @b: bit r is enum kmc_resource r
 *
 * Context: kvmeter_lock.
 * Return: 0 or -ENOMEM.
 */
int kvmeter_image_import(const char *name, const struct kmc_blob *b, u32 mask)
{
	struct kvmeter_image *image = image_find(name);
	int i;

	if (!image)
		image = image_make(name);
	if (!image)
		return -ENOMEM;
	for (i = 0; i < KMC_NR_RES; i++) {
		if (!(mask >> i & 1))
			continue;
		/* as if one VM that knew this had gone */
		kmc_profile_init(&image->profile[i], 0);
		kmc_profile_merge(&image->profile[i], &b->profile[i]);
	}
	return 0;
}

/**
 * kvmeter_image_reset - forget the prior of an image
 * @name: of the image
 * @mask: which resources: bit r is enum kmc_resource r
 *
 * Context: kvmeter_lock.
 * Return: 0, or -ENOENT: there is no such image.
 */
int kvmeter_image_reset(const char *name, u32 mask)
{
	struct kvmeter_image *image = image_find(name);
	int i;

	if (!image)
		return -ENOENT;
	for (i = 0; i < KMC_NR_RES; i++)
		if (mask >> i & 1)
			kmc_profile_init(&image->profile[i], 0);
	return 0;
}

/**
 * kvmeter_vm_set_image - the operator says what a VM runs
 * @vm: the VM
 * @image: name of the image, checked; empty: none
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_set_image(struct kvmeter_vm *vm, const char *image)
{
	if (!strcmp(vm->image, image))
		return;
	strscpy(vm->image, image, sizeof(vm->image));
	kvmeter_image_seed(vm);
	kvmeter_model_choose(vm);
}

/* The VMs are gone, and netlink. */
void kvmeter_image_exit(void)
{
	struct kvmeter_image *image, *next;

	list_for_each_entry_safe(image, next, &images, node)
		kfree(image);
}
