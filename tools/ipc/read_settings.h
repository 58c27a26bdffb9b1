/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_READ_SETTINGS_H
#define KVMETER_READ_SETTINGS_H

#include "data/settings.h"
#include "data/vm.h"
#include "ipc/attr.h"

/** read_settings - all of @place that are attributes of their own */
void read_settings(enum place place, const struct attrs *a, void *to);
void read_policy(const struct nlattr *nest, struct kmc_policy policy[NR_ACT]);
void read_tariff(const struct nlattr *nest, struct kmc_tariff *t);
void read_budget(const struct nlattr *nest, struct budget *b);	/* not its state */

#endif /* KVMETER_READ_SETTINGS_H */
