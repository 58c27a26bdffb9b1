/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_READ_LOG_H
#define KVMETER_READ_LOG_H

#include <libmnl/libmnl.h>

#include "data/log.h"

/* Each fills the whole struct; what the message lacks is 0, "" or false. */
void read_adjustment(const struct nlmsghdr *nlh, struct adjustment *j);
void read_price(const struct nlmsghdr *nlh, struct price_change *p);
void read_record(const struct nlmsghdr *nlh, struct record *r);
void read_suggestion(const struct nlmsghdr *nlh, struct quote *q);

#endif /* KVMETER_READ_LOG_H */
