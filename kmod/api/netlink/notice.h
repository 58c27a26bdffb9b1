/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_NOTICE_H
#define KVMETER_NL_NOTICE_H

#include "period/notify.h"

extern const struct kvmeter_listener kvmeter_netlink_listener;

#endif /* KVMETER_NL_NOTICE_H */
