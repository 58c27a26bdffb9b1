/* SPDX-License-Identifier: GPL-2.0 */
/* Weights of the core's network, in files. */
#ifndef KVMETER_MODEL_H
#define KVMETER_MODEL_H

#include "rnn.h"

/* Each returns an exit status, after a message. */
int model_read(const char *path, struct kmc_model *model);
int model_write(const char *path, const struct kmc_model *m);

#endif /* KVMETER_MODEL_H */
