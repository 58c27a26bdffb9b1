/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A profile as a picture: the share of periods per bin over a logarithmic axis.
 * The tail has another colour from the alarm on.  It shows where mean,
 * forecast, its 99 % and the alarm lie.
 */
#ifndef KVMETER_SVG_H
#define KVMETER_SVG_H

#include "data/learned.h"

/** svg_profile - draw @p into the file @path, "-": standard output; an exit status */
int svg_profile(const char *path, const struct profile *p, const char *title);

#endif /* KVMETER_SVG_H */
