/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gap: the time between the ends of two periods, and what it says.
 */
#ifndef KVMETER_GAP_H
#define KVMETER_GAP_H

#include <linux/types.h>

/**
 * struct kvmeter_gaps - what periods were late by, since load
 * @longest_ns: the longest gap between the ends of two periods
 * @late: how many periods ended two periods or more after the one before
 * @lapsed: how many ended when the leases had lapsed: limits were lifted before them
 *
 * Written by the period under kvmeter_lock, each read without a lock.
 */
struct kvmeter_gaps {
	u64 longest_ns;
	u64 late;
	u64 lapsed;
};

extern struct kvmeter_gaps kvmeter_gaps;

void kvmeter_gap_begin(u64 now_ns);
void kvmeter_gap_note(u64 now_ns);

#endif /* KVMETER_GAP_H */
