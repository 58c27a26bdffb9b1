/* SPDX-License-Identifier: GPL-2.0 */
/* Small files, whole: "-" is standard input or output. */
#ifndef KVMETER_FILE_H
#define KVMETER_FILE_H

#include "data/learned.h"

/* Each returns an exit status, after a message. */
int blob_load(const char *path, struct blob *blob);
int blob_save(const char *path, const struct blob *blob);

#endif /* KVMETER_FILE_H */
