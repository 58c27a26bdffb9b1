/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The columns of the list: as many as the screen is wide.
 */
#ifndef KVMETER_FIELDS_H
#define KVMETER_FIELDS_H

#include "top/frame.h"

#define FIELDS_BATCH	0	/* instead of a width: the columns that scripts know */

/** fields_fill - make the table of a frame, for a screen of @width columns */
void fields_fill(const struct frame *f, int width);

#endif /* KVMETER_FIELDS_H */
