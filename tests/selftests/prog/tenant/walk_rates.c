// SPDX-License-Identifier: GPL-2.0
/*
 * walk_rates - 1000 of each as fast as can be: what the limits let through
 */
#include "tenant.h"

/* whoever may set budgets cannot fill the operator's buffers with what becomes of them */
static void walk_budgets(int fd)
{
	unsigned int taken = 0, other = 0;
	uint64_t begin, ms;
	int i;

	begin = now_ms();
	for (i = 0; i < 100; i++) {
		wait_ms(10);
		if (!kvmeter_budget(fd, i % 2 ? 0 : KVMETER_NCR_NONE, 0, 0, 0))
			taken++;
		else
			other += errno != EBUSY;
	}
	ms = now_ms() - begin;
	result(taken >= 5 && taken <= 21 + ms / 1000 && !other, "100 budgets",
	       "%u taken, %u other errors, in %llu ms", taken, other, (unsigned long long)ms);
}

/* an attempt to attach costs before a VM is known */
static void walk_attempts(void)
{
	unsigned int taken = 0;
	uint64_t begin, ms;
	int i;

	begin = now_ms();
	for (i = 0; i < 1000; i++) {
		int one = kvmeter_open();

		if (kvmeter_attach(one, one, 0) && errno == EINVAL)
			taken++;
		close(one);
	}
	ms = now_ms() - begin;
	result(taken >= 20 && taken <= 401 + ms / 5, "1000 attachments", "%u looked at, in %llu ms",
	       taken, (unsigned long long)ms);
}

void walk_rates(int fd)
{
	unsigned int taken = 0, busy = 0, other = 0, told = 0;
	uint64_t begin, ms;
	struct kvmeter_ioc_suggest s;
	struct kvmeter_ioc_quote q;
	int i;

	wait_ms(2500);
	begin = now_ms();
	for (i = 0; i < 1000; i++) {
		if (!kvmeter_suggest(fd, KVMETER_RES_CPU, 10000 + i, 1000, &s)) {
			taken++;
			continue;
		}
		busy += errno == EBUSY;
		told += errno == EBUSY && s.answer == KVMETER_ANSWER_RATE && s.retry_ms > 0 &&
			s.retry_ms <= 100;
	}
	ms = now_ms() - begin;
	result(taken >= 20 && taken <= 21 + ms / 100 && taken + busy == 1000 && told == busy,
	       "1000 suggestions", "%u taken, %u busy, %u told, in %llu ms", taken, busy, told,
	       (unsigned long long)ms);
	printf("# 1000 suggestions in %llu ms: %u taken\n", (unsigned long long)ms, taken);
	taken = 0;
	begin = now_ms();
	for (i = 0; i < 1000; i++) {
		if (!kvmeter_quote(fd, KVMETER_RES_CPU, 20000, &q))
			taken++;
		else
			other += errno != EBUSY;
	}
	ms = now_ms() - begin;
	result(taken >= 20 && taken <= 101 + ms / 10 && !other, "1000 quotes",
	       "%u taken, %u other errors, in %llu ms", taken, other, (unsigned long long)ms);
	printf("# 1000 quotes in %llu ms: %u taken\n", (unsigned long long)ms, taken);
	walk_budgets(fd);
	walk_attempts();
	wait_ms(2500);
	want("no budget any more", kvmeter_budget(fd, KVMETER_NCR_NONE, 0, 0, 0), 0);
	want("and it goes on", kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL), 0);
}
