/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters of a replay: lines of "NAME = VALUE", # begins a comment.
 *
 * A bare name is a constant of the predictors; "policy.", "tariff.", "budget."
 * and "detect." lead to the others, with the names and units of the module's
 * interfaces.  "policy." means the policy of the resource that is replayed.
 */
#ifndef KVMETER_PARAMS_H
#define KVMETER_PARAMS_H

#include "trace/whatif.h"

/** whatif_params - read "NAME = VALUE" lines of @path; an exit status, after a message */
int whatif_params(const char *path, struct whatif_conf *conf);

#endif /* KVMETER_PARAMS_H */
