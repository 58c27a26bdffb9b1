/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_PERIOD_H
#define KVMETER_PERIOD_H

int kvmeter_period_init(void);
void kvmeter_period_exit(void);

#endif /* KVMETER_PERIOD_H */
