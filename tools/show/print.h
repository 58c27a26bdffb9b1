/* SPDX-License-Identifier: GPL-2.0 */
/* Settings, forecasts and adjustments as text. */
#ifndef KVMETER_PRINT_H
#define KVMETER_PRINT_H

#include "data/log.h"
#include "data/vm.h"

/** print_policies - of one resource, or with NR_ACT of all that are sold */
void print_policies(const struct kmc_policy policy[NR_ACT], uint32_t resource);
void print_tariff(const struct kmc_tariff *t);
/** print_budget - @state: what was spent, too; the defaults have no state */
void print_budget(const struct budget *b, bool state);
void print_forecast(const char *title, uint32_t resource, const struct forecast *f);
void print_hints(const struct vm *vm);
/** print_adjustment - one line: what and why */
void print_adjustment(const struct adjustment *a);

#endif /* KVMETER_PRINT_H */
