/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, as JSON: the members of an object that is open. */
#ifndef KVMETER_JSON_LOG_H
#define KVMETER_JSON_LOG_H

#include "data/log.h"

void json_adjustment_fields(const struct adjustment *a);
void json_price_fields(const struct price_change *p);

#endif /* KVMETER_JSON_LOG_H */
