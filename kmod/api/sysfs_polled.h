/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Polled: the files of a VM whose pollers are woken.
 */
#ifndef KVMETER_SYSFS_POLLED_H
#define KVMETER_SYSFS_POLLED_H

#include "core/units.h"

struct kernfs_node;

/**
 * struct kvmeter_polled - the files of a VM that can be polled; each referenced or NULL
 * @state: state
 * @price: price_ncr_h
 * @grant: grant_bp of each resource that is adjusted
 */
struct kvmeter_polled {
	struct kernfs_node *state;
	struct kernfs_node *price;
	struct kernfs_node *grant[KMC_NR_ACT];
};

void kvmeter_polled_find(struct kvmeter_polled *polled, struct kernfs_node *dir);
void kvmeter_polled_put(struct kvmeter_polled *polled);

#endif /* KVMETER_SYSFS_POLLED_H */
