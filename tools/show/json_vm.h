/* SPDX-License-Identifier: GPL-2.0 */
/* A VM and its parts as JSON.  @key is NULL within arrays and at the top. */
#ifndef KVMETER_JSON_VM_H
#define KVMETER_JSON_VM_H

#include "data/vm.h"

void json_vm(const char *key, const struct vm *vm);
void json_vcpu(const struct vcpu *v);
/** json_budget - @state: what was spent, too; the defaults have no state */
void json_budget(const char *key, const struct budget *b, bool state);
void json_times(const char *key, const struct times *t);
void json_counts(const char *key, const struct counts *c);
void json_cgroup(const char *key, const struct cgroup *c);
void json_moments(const char *key, uint32_t resource, const struct moments *m);
void json_hints(const struct vm *vm);

/** json_forecast_members - the members of an object that is open */
void json_forecast_members(const struct forecast *f);
void json_outlook(uint32_t resource, const struct forecast *next, const struct forecast *ahead);

#endif /* KVMETER_JSON_VM_H */
