/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_FAMILY_H
#define KVMETER_NL_FAMILY_H

int kvmeter_netlink_init(void);
void kvmeter_netlink_exit(void);

#endif /* KVMETER_NL_FAMILY_H */
