// SPDX-License-Identifier: GPL-2.0
/*
 * Arguments of ioctls, in and out.
 *
 * Each is a struct whose first member, u32 size, is the size that the caller was
 * compiled with.  A caller that is older or newer than the module is served, as
 * long as it uses nothing that the module does not know.
 */
#include <linux/string.h>
#include <linux/uaccess.h>

#include "api/tenant/arg.h"

/**
 * kvmeter_arg_read - read an argument
 * @arg: where to
 * @ksize: the struct's size here
 * @min_size: the size of its first version: no shorter one has ever been valid
 * @user: the caller's
 * @usize: set to the size that the caller takes it to be
 *
 * Return: 0; -EFAULT; -EINVAL: too short; -E2BIG: there is something in it, or
 * beyond a page, that is not known here.
 */
int kvmeter_arg_read(void *arg, size_t ksize, size_t min_size, void __user *user, u32 *usize)
{
	if (get_user(*usize, (u32 __user *)user))
		return -EFAULT;
	if (*usize > PAGE_SIZE)
		return -E2BIG;
	if (*usize < min_size)
		return -EINVAL;
	return copy_struct_from_user(arg, ksize, user, *usize);
}

/**
 * kvmeter_arg_write - write an argument back
 * @arg: what to write
 * @ksize: the struct's size here
 * @user: the caller's
 * @usize: the size that the caller takes it to be; no more is written
 *
 * Return: 0 or -EFAULT.
 */
int kvmeter_arg_write(const void *arg, size_t ksize, void __user *user, u32 usize)
{
	return copy_to_user(user, arg, min_t(size_t, ksize, usize)) ? -EFAULT : 0;
}

/**
 * kvmeter_arg_is_zero - are the members of an argument that are answers zero?
 * @arg: the argument
 * @size: its size
 * @before: where the answers begin
 */
bool kvmeter_arg_is_zero(const void *arg, size_t size, size_t before)
{
	return !memchr_inv(arg + before, 0, size - before);
}
