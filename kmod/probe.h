/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, attached by name.
 */
#ifndef KVMETER_PROBE_H
#define KVMETER_PROBE_H

int kvmeter_probe_init(void);
void kvmeter_probe_exit(void);
int kvmeter_probe_init_kvm(void);
void kvmeter_probe_exit_kvm(void);

#endif /* KVMETER_PROBE_H */
