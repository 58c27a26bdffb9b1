// SPDX-License-Identifier: GPL-2.0
/*
 * ideal - what a meter without noise would have shown, and what the core decides by it
 */
#include "replaylog.h"

#define SHIFT_MAX_MS	2000

/* What the guest was told to do in each step, in bp */
static u32 *ideal;
static u32 nr_ideal;

static void read_ideal(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[64];

	if (!f)
		die(path);
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

/* Prints how far the samples are from it */
static void print_distances(s64 shift_ms, u32 *off)
{
	u32 nr = distances(shift_ms, off);

	if (!nr)
		die("no period of the trace is one of the guest's");
	qsort(off, nr, sizeof(*off), by_size);
	printf("shift_ms=%lld compared=%u mean_off_bp=%llu p99_off_bp=%u\n", shift_ms, nr,
	       sum_of(off, nr) / nr, off[nr - 1 - nr / 100]);
}

void compare_ideal(const char *path)
{
	u32 *off = calloc(nr_visits, sizeof(*off));
	struct episodes module = {}, core = {};
	const struct visit *v;
	s64 shift_ms;

	read_ideal(path);
	shift_ms = best_shift(off);
	print_distances(shift_ms, off);
	for (v = visits; v < visits + nr_visits; v++)
		if (v->new_bp && within(v, shift_ms))
			episode_step(&module, v, v->old_bp, v->new_bp);
	replay_ideal(shift_ms, &core);
	episodes_compare(&module, &core);
	free(off);
}
