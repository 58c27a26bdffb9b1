/* SPDX-License-Identifier: GPL-2.0 */
/* Settings as JSON, by their table. */
#ifndef KVMETER_JSON_SETTINGS_H
#define KVMETER_JSON_SETTINGS_H

#include "data/names.h"
#include "data/settings.h"

/** json_settings - all settings of @place in @from, as members of an object that is open */
void json_settings(enum place place, const void *from);

void json_policies(const char *key, const struct kmc_policy policy[NR_ACT]);
void json_tariff(const char *key, const struct kmc_tariff *t);

#endif /* KVMETER_JSON_SETTINGS_H */
