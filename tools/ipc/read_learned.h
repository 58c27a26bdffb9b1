/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_READ_LEARNED_H
#define KVMETER_READ_LEARNED_H

#include <libmnl/libmnl.h>

#include "data/learned.h"

/* Each fills the whole struct; what the message lacks is 0, "" or false. */
void read_profile(const struct nlmsghdr *nlh, struct profile *p);
void read_model(const struct nlmsghdr *nlh, struct weights *m);
void read_samples(const struct nlmsghdr *nlh, struct samples *s);
/** read_blob - a profile to export; with a length of 0 there is none that fits */
void read_blob(const struct nlmsghdr *nlh, struct blob *blob);

#endif /* KVMETER_READ_LEARNED_H */
