// SPDX-License-Identifier: GPL-2.0
#include "ipc/array.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/error.h"

struct array {
	void *p;
	size_t nr, size, room;
};

void *array_add(void *array)
{
	struct array *v = array;

	if (v->nr == v->room) {
		size_t room = v->room ? 2 * v->room : 16;
		void *p = reallocarray(v->p, room, v->size);

		if (!p) {
			ipc_fail(EXIT_FAILED, "out of memory");
			return NULL;
		}
		v->p = p;
		v->room = room;
	}
	return (char *)v->p + v->size * v->nr++;
}

int dump(struct nlmsghdr *nlh, message_fn fn, size_t size, void *objects, size_t *nr)
{
	struct array v = { .size = size };
	int rc = request(nlh, fn, &v);

	if (rc != EXIT_OK) {
		free(v.p);
		v.p = NULL;
		v.nr = 0;
	}
	memcpy(objects, &v.p, sizeof(v.p));
	*nr = v.nr;
	return rc;
}
