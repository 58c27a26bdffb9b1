// SPDX-License-Identifier: GPL-2.0
#include "show/json_vm.h"

#include "show/json.h"
#include "show/json_settings.h"

void json_budget(const char *key, const struct budget *b, bool state)
{
	json_open(key, '{');
	json_settings(IN_BUDGET, &b->conf);
	if (state) {
		json_u64("spent_ncr", b->spent_ncr);
		json_u64_or_null("left_ncr", b->left_ncr);
		json_u64("started_real_ns", b->started_real_ns);
		json_u64_or_null("ends_real_ns", b->ends_real_ns ? b->ends_real_ns : NONE);
		json_u64("warned", b->warned);
		json_bool("capped", b->capped);
	}
	json_close('}');
}

void json_times(const char *key, const struct times *t)
{
	json_open(key, '{');
	json_u64("guest_ns", t->guest_ns);
	json_u64("host_ns", t->host_ns);
	json_u64("halt_poll_ns", t->halt_poll_ns);
	json_u64("wait_ns", t->wait_ns);
	json_u64("throttled_ns", t->throttled_ns);
	json_u64("other_ns", t->other_ns);
	json_close('}');
}

void json_counts(const char *key, const struct counts *c)
{
	size_t i;

	json_open(key, '{');
	json_u64("exits", c->exits);
	json_open("class", '{');
	for (i = 0; i < NR_EXIT_CLASSES; i++)
		json_u64(exit_class_names[i], c->class[i]);
	json_close('}');
	json_close('}');
}

void json_forecast_members(const struct forecast *f)
{
	json_u64("predicted", f->predicted);
	json_u64("p95", f->p95);
	json_u64("p99", f->p99);
}

static void json_forecast(const char *key, const struct forecast *f)
{
	json_open(key, '{');
	json_forecast_members(f);
	json_close('}');
}

void json_outlook(uint32_t resource, const struct forecast *next, const struct forecast *ahead)
{
	json_open(resource_names[resource], '{');
	json_str("unit", resource_info[resource].unit);
	json_forecast_members(next);
	json_forecast("ahead", ahead);
	json_close('}');
}

static void json_usage(const struct vm *vm, uint32_t r)
{
	const struct usage *u = &vm->usage[r];

	json_open(resource_names[r], '{');
	json_str("unit", resource_info[r].unit);
	json_u64("usage", u->usage);
	json_u64("demand", u->demand);
	json_bool("censored", u->censored);
	json_forecast_members(&u->next);
	json_forecast("ahead", &u->ahead);
	json_u64("mean", u->mean);
	json_u64("surprise_mbit", u->surprise_mbit);
	json_str("surprise_dir", DIR_NAME(u->surprise_dir));
	json_u64("unusual_mbit", u->unusual_mbit);
	json_u64("alerts", u->alerts);
	json_u64_or_null("alert_real_ns", u->alerts ? u->alert_real_ns : NONE);
	json_u64_or_null("alert_mbit", u->alerts ? u->alert_mbit : NONE);
	json_u64_or_null("alarm", u->alarm);
	json_u64("grant_bp", u->grant_bp);
	if (r < NR_ACT) {
		json_u64("wanted_bp", u->wanted_bp);
		json_u64("rest_bp", u->rest_bp);
		json_bool("enforced", u->enforced);
		json_str("unenforceable", *u->unenforceable ? u->unenforceable : NULL);
		json_u64(resource_info[r].amount, u->used);
		json_u64("charged_ncr", u->charged_ncr);
	}
	json_close('}');
}

static void json_memory(const char *key, const struct memory_use *m)
{
	size_t i;

	json_open(key, '{');
	json_u64("resident_kib", m->resident_kib);
	json_u64("used_mib_ms", m->used_mib_ms);
	json_u64("minor_faults", m->minor_faults);
	json_u64("major_faults", m->major_faults);
	json_open("guest_faults", '{');
	for (i = 0; i < NR_FAULT_KINDS; i++)
		json_u64(fault_kind_names[i], m->faults[i]);
	json_close('}');
	json_u64("working_set_kib", m->working_set_kib);
	json_str("working_set_source", WSET_SOURCE_NAME(m->working_set_source));
	if (m->current_kib != NONE) {
		json_u64("current_kib", m->current_kib);
		json_u64("full_bp", m->full_bp);
	}
	json_close('}');
}

void json_cgroup(const char *key, const struct cgroup *c)
{
	size_t i;

	json_open(key, '{');
	json_str("path", *c->path ? c->path : NULL);
	json_u64("id", c->id);
	json_str("why", *c->why ? c->why : NULL);
	json_open("knobs", '[');
	for (i = 0; i < c->nr_knobs; i++) {
		json_open(NULL, '{');
		json_str("name", c->knobs[i].name);
		json_bool("enforceable", c->knobs[i].enforceable);
		json_str("why", *c->knobs[i].why ? c->knobs[i].why : NULL);
		json_str("value", *c->knobs[i].value ? c->knobs[i].value : NULL);
		json_str("before", *c->knobs[i].value ? c->knobs[i].before : NULL);
		json_bool("conflict", c->knobs[i].conflict);
		json_close('}');
	}
	json_close(']');
	json_close('}');
}

static void json_nic(const struct nic *n)
{
	json_open(NULL, '{');
	json_str("name", n->name);
	json_u64("ifindex", n->ifindex);
	json_bool("found", n->found);
	json_u64("bytes_in", n->bytes_in);
	json_u64("bytes_out", n->bytes_out);
	json_u64("packets_in", n->packets_in);
	json_u64("packets_out", n->packets_out);
	json_close('}');
}

void json_hints(const struct vm *vm)
{
	json_open("hints", '{');
	json_bool("allowed", vm->hints);
	json_u64("taken", vm->hints_taken);
	json_u64("refused", vm->hints_refused);
	json_u64("dropped", vm->hints_dropped);
	json_close('}');
}

void json_vm(const char *key, const struct vm *vm)
{
	uint32_t r;
	size_t i;

	json_open(key, '{');
	json_u64("id", vm->id);
	json_str("name", vm->name);
	json_str("image", vm->image);
	json_u64("tgid", vm->tgid);
	json_u64("nr_vcpus", vm->nr_vcpus);
	json_u64("created_real_ns", vm->created_real_ns);
	json_u64("epoch", vm->epoch);
	json_times("times", &vm->times);
	json_counts("counts", &vm->counts);
	json_u64("group_exec_ns", vm->group_exec_ns);
	json_u64("billed_cpu_ns", vm->billed_cpu_ns);
	json_open("resources", '{');
	for (r = 0; r < NR_RESOURCES; r++)
		json_usage(vm, r);
	json_close('}');
	json_policies("policy", vm->policy);
	json_tariff("tariff", &vm->tariff);
	json_budget("budget", &vm->budget, true);
	if (vm->has_model) {
		json_open("model", '{');
		json_str("image", vm->model_image);
		json_u64("checksum", vm->model_checksum);
		json_close('}');
	}
	json_u64("price_ncr_h", vm->price_ncr_h);
	if (vm->pending_real_ns) {
		json_u64("pending_ncr_h", vm->pending_ncr_h);
		json_u64("pending_real_ns", vm->pending_real_ns);
	}
	json_u64("charged_ncr", vm->charged_ncr);
	json_u64("charged_time_ncr", vm->charged_time_ncr);
	json_u64("waived_ncr", vm->waived_ncr);
	json_bool("vcpu_forecasts", vm->vcpu_forecasts);
	json_hints(vm);
	json_bool("knob_conflict", vm->knob_conflict);
	json_bool("gone", vm->gone);
	json_u64("adjustment_seq", vm->adjustment_seq);
	json_u64("price_seq", vm->price_seq);
	json_u64("ledger_next_seq", vm->ledger_next_seq);
	json_u64("ledger_acked_seq", vm->ledger_acked_seq);
	json_u64("ledger_merged", vm->ledger_merged);
	json_open("nics", '[');
	for (i = 0; i < vm->nr_nics; i++)
		json_nic(&vm->nics[i]);
	json_close(']');
	json_memory("memory", &vm->memory);
	json_cgroup("cgroup", &vm->cgroup);
	json_close('}');
}

void json_moments(const char *key, uint32_t resource, const struct moments *m)
{
	json_open(key, '{');
	json_str("unit", resource_info[resource].unit);
	json_u64("mean_q32", m->mean_q32);
	json_u64("var_q16", m->var_q16);
	json_u64("samples", m->samples);
	json_close('}');
}

void json_vcpu(const struct vcpu *v)
{
	uint32_t r;

	json_open(NULL, '{');
	json_u64("vm_id", v->vm_id);
	json_u64("vcpu_id", v->vcpu_id);
	json_u64("tid", v->tid);
	json_times("times", &v->times);
	json_counts("counts", &v->counts);
	json_open("moments", '{');
	for (r = 0; r < NR_RESOURCES; r++)
		if (v->has_moments & 1U << r)
			json_moments(resource_names[r], r, &v->moments[r]);
	json_close('}');
	json_open("forecasts", '{');
	for (r = 0; r < NR_RESOURCES; r++)
		if (v->has_forecasts & 1U << r)
			json_outlook(r, &v->next[r], &v->ahead[r]);
	json_close('}');
	json_close('}');
}
