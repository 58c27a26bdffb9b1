// SPDX-License-Identifier: GPL-2.0
/*
 * trace - the text of kvmeter's trace events of one VM, from its birth
 */
#include "replaylog.h"

#define VISITS_MAX	20000

struct visit visits[VISITS_MAX];
u32 nr_visits, nr_early, nr_adjusted;

static u64 key(const char *line, const char *name)
{
	char word[32];
	const char *at;

	snprintf(word, sizeof(word), " %s=", name);
	at = strstr(line, word);
	if (!at)
		die("a line of the trace has not all of its keys");
	return strtoull(at + strlen(word), NULL, 10);
}

static void read_sample(const char *line)
{
	u32 r = key(line, "resource");
	struct visit *v;

	if (r >= KMC_NR_RES || nr_visits == VISITS_MAX)
		die("more resources or visits than there should be");
	v = &visits[nr_visits];
	v->at_ns = key(line, "at_ns");
	v->in.early = key(line, "early");
	v->in.repeat = key(line, "repeat");
	v->in.nr_vcpus = key(line, "nr_vcpus");
	v->in.contended = key(line, "contended");
	v->in.sample[r].usage = key(line, "usage");
	v->in.sample[r].demand = key(line, "demand");
	v->in.sample[r].censored = key(line, "censored");
	v->surprise_mbit[r] = key(line, "surprise_mbit");
	v->next[r] = key(line, "next");
	v->next_p99[r] = key(line, "next_p99");
	if (r == KMC_NR_RES - 1) {
		nr_early += v->in.early;
		nr_visits++;
	}
}

/* It follows the samples of its visit */
static void read_adjustment(const char *line)
{
	const char *grant = strstr(line, "grant_bp=");
	struct visit *v;

	if (!nr_visits || key(line, "resource") != KMC_RES_CPU || !grant)
		die("an adjustment that belongs to no sample");
	v = &visits[nr_visits - 1];
	if (v->new_bp || sscanf(grant, "grant_bp=%u->%u", &v->old_bp, &v->new_bp) != 2)
		die("two adjustments in one visit");
	v->reason = key(line, "reason");
	nr_adjusted++;
}

void read_trace(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		if (strstr(line, " kvmeter_sample: "))
			read_sample(strstr(line, " kvmeter_sample:"));
		else if (strstr(line, " kvmeter_adjustment: "))
			read_adjustment(strstr(line, " kvmeter_adjustment:"));
	}
}

u64 since_ms(const struct visit *v)
{
	return (v->at_ns - visits[0].at_ns) / KMC_NS_PER_MS;
}
