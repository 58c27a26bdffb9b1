// SPDX-License-Identifier: GPL-2.0
/*
 * A recording is read twice: for when it begins and ends and which VMs are in
 * it, and for the values.  So no more of it is in memory than the frames.
 */
#include "top/past.h"

#include <math.h>
#include <stdlib.h>

#include "cli/error.h"
#include "data/names.h"
#include "trace/trace.h"

struct past_vm {
	uint32_t id;
	uint32_t nr_vcpus;
	char name[KVMETER_NAME_LEN + 1];
	size_t first, end;		/* frames in which it was there */
	struct point *point;		/* per frame of the recording */
};

struct reading {
	struct past *past;
	struct whatif_conf *conf;
	uint64_t last_ns;		/* when the last period began */
};

static struct past_vm *past_vm(const struct past *past, uint32_t id)
{
	size_t i;

	for (i = 0; i < past->nr_vms; i++)
		if (past->vm[i].id == id)
			return &past->vm[i];
	return NULL;
}

static uint64_t series_begin_ns(const struct trace *t)
{
	uint64_t span_ns = t->nr * t->note.period_ns;

	return t->note.end_ns > span_ns ? t->note.end_ns - span_ns : 0;
}

/* First reading: which VMs, from when to when */
static int look(struct trace *t, void *arg)
{
	struct reading *r = arg;
	struct past *past = r->past;
	struct past_vm *vm;

	if (!t->note.period_ns || !t->note.end_ns || resource_by_name(t->note.resource) < 0) {
		error("%s: not from a recording: it has no times", t->id);
		return EXIT_FAILED;
	}
	if (!past->nr_vms || series_begin_ns(t) < past->begin_ns)
		past->begin_ns = series_begin_ns(t);
	if (t->note.end_ns - t->note.period_ns > r->last_ns)
		r->last_ns = t->note.end_ns - t->note.period_ns;
	vm = past_vm(past, t->note.vm_id);
	if (!vm) {
		past->vm = reallocarray(past->vm, past->nr_vms + 1, sizeof(*past->vm));
		if (!past->vm)
			abort();
		vm = &past->vm[past->nr_vms++];
		*vm = (struct past_vm){ .id = t->note.vm_id };
	}
	/* the last name is the one that it is known by */
	vm->nr_vcpus = t->note.nr_vcpus;
	memcpy(vm->name, t->note.name, sizeof(vm->name));
	return EXIT_OK;
}

/* A period belongs to the frame that it begins in */
static void cut(struct past *past, uint64_t last_ns, uint64_t step_ns)
{
	uint64_t span_ns = last_ns - past->begin_ns;

	past->step_ns = step_ns;
	if (span_ns / step_ns >= PAST_FRAMES_MAX)
		past->step_ns = span_ns / PAST_FRAMES_MAX + 1;
	past->nr_frames = span_ns / past->step_ns + 1;
}

static void points_init(struct past *past, uint64_t rest_ncr_h)
{
	const struct level unknown = { NAN, NAN, NAN, NAN };
	size_t v, i, r;

	for (v = 0; v < past->nr_vms; v++) {
		struct past_vm *vm = &past->vm[v];

		vm->first = past->nr_frames;
		vm->point = calloc(past->nr_frames, sizeof(*vm->point));
		if (!vm->point)
			abort();
		for (i = 0; i < past->nr_frames; i++) {
			for (r = 0; r < NR_RESOURCES; r++)
				vm->point[i].level[r] = unknown;
			for (r = 0; r < NR_ACT; r++)
				vm->point[i].grant_bp[r] = KMC_BP;
			vm->point[i].price_ncr_h = rest_ncr_h;
		}
	}
}

/* What the core made of a frame, at its end */
static void set_point(struct point *p, const struct whatif *w, const struct whatif_step *step,
		      double usage, int64_t price_more_ncr_h)
{
	enum kmc_resource r = w->conf->resource;
	const struct kmc_forecast *next = &w->vm.predict[r].next;

	p->level[r] = (struct level){ usage, next->mean, next->p95, next->p99 };
	if (r == KMC_RES_CPU) {
		p->surprise_mbit = w->vm.surprise[r].mbit;
		p->surprise_dir = w->vm.surprise[r].dir > 0 ? KVMETER_SURPRISE_DIR_UP :
				  w->vm.surprise[r].dir < 0 ? KVMETER_SURPRISE_DIR_DOWN :
							      KVMETER_SURPRISE_DIR_NONE;
	}
	if (r < KMC_NR_ACT)
		p->grant_bp[r] = step->grant_bp;
	p->price_ncr_h += price_more_ncr_h;
}

/* Second reading: a series through the core, its mean per frame.  A VM's price is
 * that at rest and what each of its resources adds.
 */
static int take(struct trace *t, void *arg)
{
	static struct whatif w;
	struct reading *r = arg;
	const struct past *past = r->past;
	struct past_vm *vm = past_vm(past, t->note.vm_id);
	uint64_t period_ns = t->note.period_ns;
	uint64_t at_ns = series_begin_ns(t) - past->begin_ns, rest_ncr_h;
	struct whatif_step step;
	double sum = 0, nr = 0;
	size_t i, frame;

	r->conf->resource = resource_by_name(t->note.resource);
	whatif_init(&w, r->conf, period_ns, t->note.nr_vcpus);
	rest_ncr_h = w.vm.price.now_ncr_h;
	for (i = 0; i < t->nr; i++, at_ns += period_ns) {
		whatif_step(&w, t->value[i], &step);
		sum += step.usage;
		nr++;
		frame = at_ns / past->step_ns;
		if (i + 1 < t->nr && (at_ns + period_ns) / past->step_ns == frame)
			continue;
		set_point(&vm->point[frame], &w, &step, sum / nr,
			  (int64_t)(step.price_ncr_h - rest_ncr_h));
		if (frame < vm->first)
			vm->first = frame;
		if (frame >= vm->end)
			vm->end = frame + 1;
		sum = 0;
		nr = 0;
	}
	return EXIT_OK;
}

int past_read(struct past *past, const char *path, struct whatif_conf *conf, uint64_t step_ns)
{
	struct reading r = { .past = past, .conf = conf };
	struct kmc_now now = { 0 };
	struct kmc_price price;
	int rc;

	*past = (struct past){ 0 };
	rc = trace_each(path, look, &r);
	if (!rc && !past->nr_vms) {
		error("%s: nothing is recorded in it", path);
		rc = EXIT_FAILED;
	}
	if (rc)
		return rc;
	cut(past, r.last_ns, step_ns);
	kmc_price_init(&price, &conf->tariff, &now);
	points_init(past, price.now_ncr_h);
	return trace_each(path, take, &r);
}

void past_frame(const struct past *past, size_t i, struct frame *f)
{
	size_t v;

	f->seen = reallocarray(f->seen, past->nr_vms + 1, sizeof(*f->seen));
	if (!f->seen)
		abort();
	f->nr = 0;
	f->real_ns = past->begin_ns + (i + 1) * past->step_ns;
	for (v = 0; v < past->nr_vms; v++) {
		const struct past_vm *vm = &past->vm[v];
		const struct point *p = &vm->point[i];

		if (i < vm->first || i >= vm->end)
			continue;
		f->seen[f->nr++] = (struct seen){
			.id = vm->id, .nr_vcpus = vm->nr_vcpus, .name = vm->name, .image = "",
			.policy = "-", .cpu = p->level[KVMETER_RESOURCE_CPU].usage / 100,
			.guest = NAN, .host = NAN, .wait = NAN, .throttled = NAN,
			.exits_s = p->level[KVMETER_RESOURCE_EXITS].usage,
			.spent_ncr = NONE, .adjustment_seq = NONE, .now = *p,
			.track = vm->point + vm->first, .nr_track = i + 1 - vm->first,
		};
	}
	f->nr_all = f->nr;
}

void past_free(struct past *past)
{
	size_t v;

	for (v = 0; v < past->nr_vms; v++)
		free(past->vm[v].point);
	free(past->vm);
	*past = (struct past){ 0 };
}
