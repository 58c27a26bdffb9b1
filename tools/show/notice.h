/* SPDX-License-Identifier: GPL-2.0 */
/* Notices, each a line. */
#ifndef KVMETER_NOTICE_H
#define KVMETER_NOTICE_H

#include "data/log.h"

void print_notice(const struct notice *n);
void json_notice(const struct notice *n);

/* @nr notices of a group were lost, 0: it is not known how many */
void print_lost(enum group g, uint64_t nr);
void json_lost(enum group g, uint64_t nr);

#endif /* KVMETER_NOTICE_H */
