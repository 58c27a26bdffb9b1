/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_SETTINGS_H
#define KVMETER_SETTINGS_H

struct kmc_budget_conf;
struct kmc_policy;
struct kmc_tariff;
struct kvmeter_conf;
struct kvmeter_vm;

/**
 * struct kvmeter_settings - what a request changes of a VM
 * @policy: one per adjusted resource, KMC_NR_ACT of them; NULL: stays
 * @tariff: NULL: stays
 * @budget: the operator's; NULL: stays
 * @own_budget: the VM's own; NULL: stays
 *
 * Each was checked by its kmc_..._check().
 */
struct kvmeter_settings {
	const struct kmc_policy *policy;
	const struct kmc_tariff *tariff;
	const struct kmc_budget_conf *budget;
	const struct kmc_budget_conf *own_budget;
};

void kvmeter_vm_commit(struct kvmeter_vm *vm, const struct kvmeter_settings *s);
void kvmeter_host_commit(const struct kvmeter_conf *conf);

#endif /* KVMETER_SETTINGS_H */
