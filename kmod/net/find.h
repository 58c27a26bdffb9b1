/* SPDX-License-Identifier: GPL-2.0 */
/* Taps that a VMM holds open. */
#ifndef KVMETER_NET_FIND_H
#define KVMETER_NET_FIND_H

void kvmeter_net_find_soon(void);
void kvmeter_net_find_exit(void);

#endif /* KVMETER_NET_FIND_H */
