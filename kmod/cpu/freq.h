/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frequency: requests for the highest of a CPU.
 */
#ifndef KVMETER_FREQ_H
#define KVMETER_FREQ_H

#include <linux/types.h>

const char *kvmeter_freq_why(void);
void kvmeter_freq_want(unsigned int cpu, u64 now_ns);
void kvmeter_freq_lapse(u64 now_ns);
void kvmeter_freq_init(void);
void kvmeter_freq_exit(void);

#endif /* KVMETER_FREQ_H */
