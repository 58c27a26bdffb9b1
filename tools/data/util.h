/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_UTIL_H
#define KVMETER_UTIL_H

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#define __noreturn		__attribute__((noreturn))

#endif /* KVMETER_UTIL_H */
