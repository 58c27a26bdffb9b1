// SPDX-License-Identifier: GPL-2.0
/*
 * replaylog - does the core decide again what the module decided?
 *
 *	replaylog [KEY=VALUE...] < TRACE
 *
 * TRACE is the text of kvmeter's trace events of one VM from its birth, of
 * which kvmeter_sample and kvmeter_adjustment are read. The samples go through
 * the same two functions that the module calls, kmc_plan() and kmc_settle(),
 * built here by another compiler for userspace, with the same policy of cpu
 * (KEYs: as in the netlink specification). Surprise, forecasts and adjustments
 * must be the module's, each of them, in the same order.
 *
 * With ideal=FILE what the guest was told to do, a line of bp per step-ms, goes
 * through the core as well: what a meter without noise would have shown in the
 * same periods. The guest's first step began at an instant that is not known
 * to the ns: the one within 2 s of the VM's birth is taken that fits the
 * samples best.
 *
 * Prints key=value: what was compared and how much of it differed; for the
 * ideal trace, mean and 99th percentile of |metered - ideal| in bp, and per
 * episode (from the first rise to the return to rest) when it began and ended,
 * in periods, in the module and on the ideal trace.
 */
#include <stdlib.h>

#include "pipeline.h"

#define RING		8
#define VISITS_MAX	20000
#define EPISODES_MAX	64
#define SHIFT_MAX_MS	2000

struct visit {
	struct kmc_plan_in in;
	u64 at_ns;
	u32 surprise_mbit[KMC_NR_RES];
	u64 next[KMC_NR_RES];
	u64 next_p99[KMC_NR_RES];
	u32 old_bp, new_bp;	/* of cpu, as the module adjusted */
	u8 reason;
};

static struct visit visits[VISITS_MAX];
static u32 nr_visits, nr_early, nr_adjusted, nr_wrong;

static struct kmc_policy policy[KMC_NR_ACT];
static struct kmc_tariff tariff;
static struct kmc_budget_conf budget;
static u64 period_ms = 100, step_ms = 100;
static const char *ideal_path;

static u32 *ideal;
static u32 nr_ideal;

static void die(const char *what)
{
	fprintf(stderr, "replaylog: %s\n", what);
	exit(2);
}

static void setting(const char *arg)
{
	struct kmc_policy *p = &policy[KMC_RES_CPU];
	const char *value = strchr(arg, '=');
	const struct {
		const char *name;
		u32 *at;
	} keys[] = {
		{ "nominal-bp", &p->nominal_bp }, { "threshold-mbit", &p->threshold_mbit },
		{ "sensitivity-mbit", &p->sensitivity_mbit }, { "floor-bp", &p->floor_bp },
		{ "ceiling-bp", &p->ceiling_bp }, { "step-bp", &p->step_bp },
		{ "dead-band-bp", &p->dead_band_bp }, { "dwell-ms", &p->dwell_ms },
		{ "half-life-s", &p->half_life_s },
	};
	size_t len, i;

	if (!value++)
		die("settings are KEY=VALUE");
	len = value - 1 - arg;
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].name) == len && !strncmp(arg, keys[i].name, len)) {
			*keys[i].at = atoi(value);
			return;
		}
	if (!strncmp(arg, "mode=", 5))
		p->mode = atoi(value);
	else if (!strncmp(arg, "shadow=", 7))
		p->shadow = atoi(value);
	else if (!strncmp(arg, "period-ms=", 10))
		period_ms = strtoull(value, NULL, 10);
	else if (!strncmp(arg, "step-ms=", 8))
		step_ms = strtoull(value, NULL, 10);
	else if (!strncmp(arg, "ideal=", 6))
		ideal_path = value;
	else
		die(arg);
}

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

static void read_trace(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		if (strstr(line, " kvmeter_sample: "))
			read_sample(strstr(line, " kvmeter_sample:"));
		else if (strstr(line, " kvmeter_adjustment: "))
			read_adjustment(strstr(line, " kvmeter_adjustment:"));
	}
}

static void wrong(const struct visit *v, const char *what, u64 module, u64 core)
{
	if (nr_wrong++ < 10)
		fprintf(stderr, "visit %td, %s: module %llu, core %llu\n", v - visits, what,
			module, core);
}

/* One period of a VM without a machine: what is decided is in force */
static void step(struct kmc_vm *vm, const struct kmc_plan_in *in, struct kmc_plan *plan, u64 at_ns)
{
	const struct kmc_now now = { .at_ns = at_ns, .real_ns = at_ns };
	const struct kmc_used used = {};
	struct kmc_notice notice;
	u32 effect_bp[KMC_NR_ACT];
	u32 r;

	kmc_plan(vm, in, plan, &now);
	for (r = 0; r < KMC_NR_ACT; r++)
		effect_bp[r] = vm->decide[r].grant_bp;
	kmc_settle(vm, effect_bp, &used, &notice, &now);
}

static struct kmc_vm *vm_new(void)
{
	static struct kmc_record ring[RING];
	static struct kmc_vm vm;
	const struct kmc_now now = { .at_ns = visits[0].at_ns, .real_ns = visits[0].at_ns };

	kmc_vm_init(&vm, policy, &tariff, &budget, period_ms * KMC_NS_PER_MS, ring, RING, &now);
	return &vm;
}

static void replay(void)
{
	struct kmc_vm *vm = vm_new();
	struct kmc_plan plan;
	struct visit *v;
	u32 r;

	for (v = visits; v < visits + nr_visits; v++) {
		const struct kmc_verdict *got = &plan.verdict[KMC_RES_CPU];
		bool moved;

		step(vm, &v->in, &plan, v->at_ns);
		for (r = 0; r < KMC_NR_RES; r++) {
			if (vm->surprise[r].mbit != v->surprise_mbit[r])
				wrong(v, "surprise", v->surprise_mbit[r], vm->surprise[r].mbit);
			if (vm->predict[r].next.mean != v->next[r])
				wrong(v, "forecast", v->next[r], vm->predict[r].next.mean);
			if (vm->predict[r].next.p99 != v->next_p99[r])
				wrong(v, "p99", v->next_p99[r], vm->predict[r].next.p99);
		}
		moved = got->new_bp != got->old_bp;
		if (moved != !!v->new_bp)
			wrong(v, "adjusted", !!v->new_bp, moved);
		else if (moved && (got->new_bp != v->new_bp || got->old_bp != v->old_bp ||
				   got->reason != v->reason))
			wrong(v, "new grant", v->new_bp, got->new_bp);
	}
}

/* The ideal trace */

static void read_ideal(void)
{
	FILE *f = fopen(ideal_path, "r");
	char line[64];

	if (!f)
		die(ideal_path);
	while (fgets(line, sizeof(line), f)) {
		ideal = realloc(ideal, (nr_ideal + 1) * sizeof(*ideal));
		ideal[nr_ideal++] = atoi(line);
	}
	fclose(f);
}

/* What the guest was to do on the average of a span; ms since its first step */
static u32 ideal_mean(s64 from_ms, s64 to_ms)
{
	u64 sum = 0;
	s64 ms;

	for (ms = from_ms; ms < to_ms; ms++)
		if (ms >= 0)
			sum += ideal[min_t(u64, ms / step_ms, nr_ideal - 1)];
	return sum / max_t(s64, to_ms - from_ms, 1);
}

static u64 since_ms(const struct visit *v)
{
	return (v->at_ns - visits[0].at_ns) / KMC_NS_PER_MS;
}

static bool within(const struct visit *v, s64 shift_ms)
{
	return !v->in.early && v > visits &&
	       (s64)since_ms(v) - shift_ms < (s64)(step_ms * nr_ideal);
}

/* |metered - ideal| of each period, where the guest was free; their number */
static u32 distances(s64 shift_ms, u32 *off)
{
	u64 before_ms = 0;
	u32 nr = 0, i;

	for (i = 0; i < nr_visits; i++) {
		const struct visit *v = &visits[i];
		const struct kmc_sample *s = &v->in.sample[KMC_RES_CPU];
		u64 now_ms = since_ms(v);
		u32 want;

		if (v->in.early)
			continue;
		if (within(v, shift_ms) && (s64)before_ms >= shift_ms && !s->censored) {
			want = ideal_mean((s64)before_ms - shift_ms, (s64)now_ms - shift_ms);
			off[nr++] = s->usage > want ? s->usage - want : want - s->usage;
		}
		before_ms = now_ms;
	}
	return nr;
}

static u64 sum_of(const u32 *v, u32 nr)
{
	u64 sum = 0;

	while (nr--)
		sum += *v++;
	return sum;
}

static s64 best_shift(u32 *off)
{
	s64 shift_ms, best_ms = 0;
	u64 least = U64_MAX;

	for (shift_ms = -SHIFT_MAX_MS; shift_ms <= SHIFT_MAX_MS; shift_ms += 5) {
		u32 nr = distances(shift_ms, off);
		u64 mean = nr ? sum_of(off, nr) * 1000 / nr : U64_MAX;

		if (mean < least) {
			least = mean;
			best_ms = shift_ms;
		}
	}
	return best_ms;
}

static int by_size(const void *a, const void *b)
{
	return *(const u32 *)a < *(const u32 *)b ? -1 : *(const u32 *)a > *(const u32 *)b;
}

struct episode {
	s64 from, to;	/* periods since the first visit */
};

struct episodes {
	struct episode at[EPISODES_MAX];
	u32 nr;
	bool open;
};

static void episode_step(struct episodes *e, const struct visit *v, u32 old_bp, u32 new_bp)
{
	s64 now = (since_ms(v) + period_ms / 2) / period_ms;

	if (!e->open && new_bp > old_bp && e->nr < EPISODES_MAX) {
		e->at[e->nr].from = now;
		e->open = true;
	} else if (e->open && new_bp == KMC_BP) {
		e->at[e->nr++].to = now;
		e->open = false;
	}
}

/* The same periods, without noise, the guest limited as it would be */
static void replay_ideal(s64 shift_ms, struct episodes *e)
{
	struct kmc_vm *vm = vm_new();
	struct kmc_plan plan;
	u64 before_ms = 0;
	u32 i;

	for (i = 0; i < nr_visits; i++) {
		const struct visit *v = &visits[i];
		struct kmc_plan_in in = { .repeat = v->in.repeat, .nr_vcpus = v->in.nr_vcpus };
		struct kmc_sample *s = &in.sample[KMC_RES_CPU];
		const struct kmc_verdict *got = &plan.verdict[KMC_RES_CPU];

		if (v->in.early)
			continue;
		s->demand = ideal_mean((s64)before_ms - shift_ms, (s64)since_ms(v) - shift_ms);
		s->usage = min_t(u64, s->demand, kmc_grant_cap_bp(&vm->policy[KMC_RES_CPU],
								  vm->effect_bp[KMC_RES_CPU]));
		s->censored = s->usage < s->demand;
		step(vm, &in, &plan, v->at_ns);
		if (within(v, shift_ms))
			episode_step(e, v, got->old_bp, got->new_bp);
		before_ms = since_ms(v);
	}
}

static void compare_ideal(void)
{
	u32 *off = calloc(nr_visits, sizeof(*off));
	struct episodes module = {}, core = {};
	s64 shift_ms, late = 0;
	u32 nr, i;

	read_ideal();
	shift_ms = best_shift(off);
	nr = distances(shift_ms, off);
	if (!nr)
		die("no period of the trace is one of the guest's");
	qsort(off, nr, sizeof(*off), by_size);
	for (i = 0; i < nr_visits; i++)
		if (visits[i].new_bp && within(&visits[i], shift_ms))
			episode_step(&module, &visits[i], visits[i].old_bp, visits[i].new_bp);
	replay_ideal(shift_ms, &core);
	printf("shift_ms=%lld compared=%u mean_off_bp=%llu p99_off_bp=%u\n", shift_ms, nr,
	       sum_of(off, nr) / nr, off[nr - 1 - nr / 100]);
	for (i = 0; i < min(module.nr, core.nr); i++) {
		printf("# episode %u: module %lld to %lld, ideal %lld to %lld\n", i,
		       module.at[i].from, module.at[i].to, core.at[i].from, core.at[i].to);
		late = max(late, llabs(module.at[i].from - core.at[i].from));
		late = max(late, llabs(module.at[i].to - core.at[i].to));
	}
	printf("module_episodes=%u ideal_episodes=%u late_periods=%lld\n", module.nr, core.nr, late);
	free(off);
}

int main(int argc, char **argv)
{
	u32 r;

	(void)argc;
	for (r = 0; r < KMC_NR_ACT; r++)
		kmc_policy_default(&policy[r]);
	kmc_tariff_default(&tariff);
	kmc_budget_default(&budget);
	while (*++argv)
		setting(*argv);
	read_trace();
	if (!nr_visits)
		die("no samples in the trace");
	replay();
	printf("visits=%u early=%u adjusted=%u wrong=%u\n", nr_visits, nr_early, nr_adjusted,
	       nr_wrong);
	if (ideal_path)
		compare_ideal();
	return 0;
}
