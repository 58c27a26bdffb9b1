// SPDX-License-Identifier: GPL-2.0
/*
 * walk_suggest - what a suggestion is answered, by all that may be in its way
 */
#include "tenant.h"

static void answered(const char *name, int fd, uint32_t r, uint32_t bp, uint32_t ms,
		     uint32_t accepted, uint32_t answer)
{
	struct kvmeter_ioc_suggest s;
	struct kvmeter_ioc_quote q;

	if (ms && !kvmeter_quote(fd, r, bp, &q))
		result(q.accepted_bp == accepted && q.answer == answer, name,
		       "quoted %u bp, answer %u", q.accepted_bp, q.answer);
	wait_ms(150);	/* within the rate */
	if (kvmeter_suggest(fd, r, bp, ms, &s))
		result(false, name, "error %d (%s)", errno, strerror(errno));
	else
		result(s.accepted_bp == accepted && s.answer == answer, name, "%u bp, answer %u",
		       s.accepted_bp, s.answer);
}

void walk_suggest(int fd, int other)
{
	struct kvmeter_ioc_get get;

	want("exits", kvmeter_suggest(fd, KVMETER_RES_EXITS, 10000, 1, NULL), EOPNOTSUPP);
	want("no resource", kvmeter_suggest(fd, UINT32_MAX, 10000, 1, NULL), EOPNOTSUPP);
	want("too much", kvmeter_suggest(fd, KVMETER_RES_CPU, 100001, 1, NULL), ERANGE);
	answered("observe", fd, KVMETER_RES_CPU, 20000, 1000, 0, KVMETER_ANSWER_OBSERVE);
	allow(fd);
	answered("not sold", fd, KVMETER_RES_MEMORY, 20000, 1000, 0, KVMETER_ANSWER_NOT_SOLD);
	answered("as asked", fd, KVMETER_RES_CPU, 15000, 60000, 15000, KVMETER_ANSWER_ACCEPTED);
	answered("ceiling", fd, KVMETER_RES_CPU, 90000, 60000, 30000, KVMETER_ANSWER_CEILING);
	answered("floor", fd, KVMETER_RES_CPU, 1, 60000, 2000, KVMETER_ANSWER_FLOOR);
	kvmeter_get(fd, &get);
	result(get.res[0].rest_bp == 2000 && get.res[0].suggested_until_ns > get.at_ns,
	       "the suggestion is in force", "rest %u", get.res[0].rest_bp);
	kvmeter_get(other, &get);
	result(get.res[0].rest_bp == 10000, "and not in another VM", "rest %u", get.res[0].rest_bp);
	answered("ended", fd, KVMETER_RES_CPU, 0, 0, 10000, KVMETER_ANSWER_ACCEPTED);
	operator("kv ask suggest vm-id=%u resource=0 grant-bp=12000 duration-ms=60000 >/dev/null",
		 id_of(fd));
	answered("the operator's stands", fd, KVMETER_RES_CPU, 20000, 1000, 0,
		 KVMETER_ANSWER_OUTRANKED);
	answered("and is not ended", fd, KVMETER_RES_CPU, 0, 0, 0, KVMETER_ANSWER_OUTRANKED);
	operator("kv ask suggest vm-id=%u resource=0 grant-bp=0 duration-ms=0 >/dev/null",
		 id_of(fd));
	kvmeter_budget(fd, 0, 0, 0, 0);
	wait_ms(200);
	answered("no money", fd, KVMETER_RES_CPU, 20000, 1000, 20000, KVMETER_ANSWER_BUDGET);
	kvmeter_budget(fd, KVMETER_NCR_NONE, 0, 0, 0);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
}
