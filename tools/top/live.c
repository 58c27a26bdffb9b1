// SPDX-License-Identifier: GPL-2.0
/* The VMs as the module knows them now, beside what it said the time before. */
#include "data/clock.h"
#include "top/live.h"

#include <math.h>
#include <stdlib.h>

#include "ipc/ipc.h"
#include "show/value.h"

static int compare_id(const void *key, const void *vm)
{
	uint32_t id = *(const uint32_t *)key, other = ((const struct vm *)vm)->id;

	return id < other ? -1 : id > other;
}

/* The module lists VMs by their ids */
static const struct vm *vm_before(const struct live *l, uint32_t id)
{
	if (!l->nr_before)
		return NULL;
	return bsearch(&id, l->before, l->nr_before, sizeof(*l->before), compare_id);
}

/* share in percent of the vCPUs' time */
static double share(uint64_t now, uint64_t before, double capacity_ns)
{
	return capacity_ns > 0 && now >= before ? 100 * (now - before) / capacity_ns : NAN;
}

static void set_rates(struct seen *s, const struct vm *vm, const struct vm *old, uint64_t span_ns)
{
	const struct times zero = { 0 };
	const struct times *t = &vm->times, *o = old ? &old->times : &zero;
	/* without an earlier reading there is no rate */
	double capacity_ns = old ? (double)span_ns * vm->nr_vcpus : 0;

	s->cpu = share(vm_cpu_ns(t), vm_cpu_ns(o), capacity_ns);
	s->guest = share(t->guest_ns, o->guest_ns, capacity_ns);
	s->host = share(t->host_ns + t->other_ns, o->host_ns + o->other_ns, capacity_ns);
	s->wait = share(t->wait_ns, o->wait_ns, capacity_ns);
	s->throttled = share(t->throttled_ns, o->throttled_ns, capacity_ns);
	s->exits_s = old && span_ns ? (vm->counts.exits - old->counts.exits) * 1e9 / span_ns : NAN;
}

static void set_point(struct point *p, const struct vm *vm, double cpu)
{
	const struct usage *u = vm->usage;
	int r;

	for (r = 0; r < NR_RESOURCES; r++)
		p->level[r] = (struct level){ u[r].usage, u[r].next.predicted, u[r].next.p95,
					      u[r].next.p99 };
	/* what it used since the last reading says more than one period of it */
	if (!isnan(cpu))
		p->level[KVMETER_RESOURCE_CPU].usage = 100 * cpu;
	for (r = 0; r < NR_ACT; r++)
		p->grant_bp[r] = u[r].grant_bp;
	p->surprise_mbit = u[KVMETER_RESOURCE_CPU].surprise_mbit;
	p->surprise_dir = u[KVMETER_RESOURCE_CPU].surprise_dir;
	p->price_ncr_h = vm->price_ncr_h;
}

static void set_seen(struct seen *s, const struct live *l, const struct vm *vm)
{
	*s = (struct seen){ .id = vm->id, .nr_vcpus = vm->nr_vcpus, .name = vm->name,
			    .image = vm->image, .policy = vm_policy_name(vm),
			    .spent_ncr = vm->budget.spent_ncr,
			    .adjustment_seq = vm->adjustment_seq };
	set_rates(s, vm, vm_before(l, vm->id), l->at_ns - l->before_ns);
	set_point(&s->now, vm, s->cpu);
}

int live_read(struct live *l)
{
	struct seen seen;
	struct vm *vms;
	size_t nr, i;
	int rc = ipc_vm_list(&vms, &nr);

	if (rc)
		return rc;
	free(l->before);
	l->before = l->vms;
	l->nr_before = l->nr;
	l->before_ns = l->at_ns;
	l->vms = vms;
	l->nr = nr;
	l->at_ns = clock_ns(CLOCK_MONOTONIC);
	l->real_ns = clock_ns(CLOCK_REALTIME);
	for (i = 0; i < nr && l->before; i++) {
		set_seen(&seen, l, &vms[i]);
		tracks_add(&l->tracks, seen.id, &seen.now);
	}
	tracks_sweep(&l->tracks);
	return EXIT_OK;
}

void live_frame(const struct live *l, struct frame *f)
{
	size_t i;

	f->seen = reallocarray(f->seen, l->nr + 1, sizeof(*f->seen));
	if (!f->seen)
		abort();
	f->nr = l->nr;
	f->nr_all = l->nr;
	f->real_ns = l->real_ns;
	for (i = 0; i < l->nr; i++) {
		const struct track *t = tracks_find(&l->tracks, l->vms[i].id);

		set_seen(&f->seen[i], l, &l->vms[i]);
		f->seen[i].track = t ? t->point : NULL;
		f->seen[i].nr_track = t ? t->nr : 0;
	}
}

void live_free(struct live *l)
{
	free(l->vms);
	free(l->before);
	tracks_free(&l->tracks);
}
