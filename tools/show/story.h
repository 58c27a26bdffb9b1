/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The story of an adjustment, in sentences.
 */
#ifndef KVMETER_STORY_H
#define KVMETER_STORY_H

#include <stdio.h>

#include "data/host.h"
#include "data/log.h"

/** story_tell - what @a was, why, and what came of it; @host: whose periods it counts in */
void story_tell(FILE *out, const struct adjustment *a, const struct host *host);

#endif /* KVMETER_STORY_H */
