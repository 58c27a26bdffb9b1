/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_TENANT_ARG_H
#define KVMETER_TENANT_ARG_H

#include <linux/compiler.h>
#include <linux/stddef.h>
#include <linux/types.h>

int kvmeter_arg_read(void *arg, size_t ksize, size_t min_size, void __user *user, u32 *usize);
int kvmeter_arg_write(const void *arg, size_t ksize, void __user *user, u32 usize);
bool kvmeter_arg_is_zero(const void *arg, size_t size, size_t before);

/* Is all of @arg, a struct @type, zero after its member @last? */
#define KVMETER_REST_IS_ZERO(type, arg, last) \
	kvmeter_arg_is_zero(arg, sizeof(struct type), offsetofend(struct type, last))

#endif /* KVMETER_TENANT_ARG_H */
