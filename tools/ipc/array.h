/* SPDX-License-Identifier: GPL-2.0 */
/* The objects of a dump, in an array that grows. */
#ifndef KVMETER_ARRAY_H
#define KVMETER_ARRAY_H

#include <stddef.h>

#include "ipc/request.h"

/**
 * dump - send a request for many objects and take them all
 * @nlh: the request
 * @fn: reads one message; its data is what array_add() takes
 * @size: of an object
 * @objects: of type "object **": the array, the caller's to free
 * @nr: how many
 *
 * Return: an exit status; unless it is EXIT_OK the array is empty.
 */
int dump(struct nlmsghdr *nlh, message_fn fn, size_t size, void *objects, size_t *nr);

/** array_add - room for one more object; NULL, after ipc_fail(): there is none */
void *array_add(void *array);

/** DUMPER - on_@name(), which adds what read_@name() makes of a message */
#define DUMPER(name, type)						\
static int on_##name(const struct nlmsghdr *nlh, void *array)		\
{									\
	type *one = array_add(array);					\
									\
	if (!one)							\
		return EXIT_FAILED;					\
	read_##name(nlh, one);						\
	return EXIT_OK;							\
}

#endif /* KVMETER_ARRAY_H */
