/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What births and deaths call, played: it counts or does nothing.
 */
#ifndef KVMETER_NEIGHBOUR_H
#define KVMETER_NEIGHBOUR_H

/* VMs that were told to have come and gone */
extern unsigned int neighbour_nr_born;
extern unsigned int neighbour_nr_gone;

struct kunit_suite;
extern struct kunit_suite alarm_suite;	/* alarm_kunit.c */

#endif /* KVMETER_NEIGHBOUR_H */
