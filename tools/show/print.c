// SPDX-License-Identifier: GPL-2.0
/* How the model's things are shown, to people and as JSON. */
#include <math.h>
#include <string.h>

#include "show/print.h"

const char * const resource_names[NR_RESOURCES] = {
	[KVMETER_RESOURCE_CPU] = "cpu",
	[KVMETER_RESOURCE_MEMORY] = "memory",
	[KVMETER_RESOURCE_NETWORK] = "network",
	[KVMETER_RESOURCE_DISK] = "disk",
	[KVMETER_RESOURCE_EXITS] = "exits",
};

const struct resource_info resource_info[NR_RESOURCES] = {
	[KVMETER_RESOURCE_CPU] = { "CPU, share of the vCPUs' time", "bp", "cpu_ns",
				   "cpu_ncr_h", "per vCPU-hour" },
	[KVMETER_RESOURCE_MEMORY] = { "Memory, resident", "mib", "memory_mib_ms",
				      "memory_ncr_gib_h", "per GiB-hour" },
	[KVMETER_RESOURCE_NETWORK] = { "Network, busier direction", "kib_s", "network_bytes",
				       "network_ncr_gib", "per GiB" },
	[KVMETER_RESOURCE_DISK] = { "Disk, by cost", "kib_s", "disk_cost_bytes",
				    "disk_ncr_gib", "per GiB of cost" },
	[KVMETER_RESOURCE_EXITS] = { "Exits, rate", "per_s", NULL, NULL, NULL },
};

const char * const mode_names[] = {
	[KVMETER_MODE_OBSERVE] = "observe",
	[KVMETER_MODE_ELASTIC] = "elastic",
	[KVMETER_MODE_GUARD] = "guard",
};

const char * const reason_names[] = {
	[KVMETER_REASON_NONE] = "none",
	[KVMETER_REASON_RISE] = "rise",
	[KVMETER_REASON_GUARD] = "guard",
	[KVMETER_REASON_RETURN] = "return",
	[KVMETER_REASON_SUGGESTION] = "suggestion",
	[KVMETER_REASON_BUDGET_PACE] = "budget-pace",
	[KVMETER_REASON_BUDGET_CAP] = "budget-cap",
	[KVMETER_REASON_BUDGET_FREE] = "budget-free",
	[KVMETER_REASON_POLICY] = "policy",
};

const char * const cap_action_names[] = {
	[KVMETER_CAP_ACTION_FLOOR] = "floor",
	[KVMETER_CAP_ACTION_PAUSE] = "pause",
};

const char * const dir_names[] = {
	[KVMETER_SURPRISE_DIR_NONE] = "none",
	[KVMETER_SURPRISE_DIR_UP] = "up",
	[KVMETER_SURPRISE_DIR_DOWN] = "down",
};

const char * const fault_kind_names[NR_FAULT_KINDS] = {
	[KVMETER_FAULT_KIND_TAKEN] = "taken",
	[KVMETER_FAULT_KIND_FIXED] = "fixed",
	[KVMETER_FAULT_KIND_EMULATED] = "emulated",
	[KVMETER_FAULT_KIND_SPURIOUS] = "spurious",
	[KVMETER_FAULT_KIND_FAST] = "fast",
	[KVMETER_FAULT_KIND_MMIO] = "mmio",
	[KVMETER_FAULT_KIND_READ] = "read",
	[KVMETER_FAULT_KIND_WRITE] = "write",
	[KVMETER_FAULT_KIND_EXEC] = "exec",
};

const char * const wset_source_names[] = {
	[KVMETER_WSET_SOURCE_BOUND] = "bound",
	[KVMETER_WSET_SOURCE_FOUND] = "found",
	[KVMETER_WSET_SOURCE_FED] = "fed",
};

const char * const exit_class_names[NR_EXIT_CLASSES] = {
	[KVMETER_EXIT_CLASS_IO] = "io",
	[KVMETER_EXIT_CLASS_MMIO] = "mmio",
	[KVMETER_EXIT_CLASS_HALT] = "halt",
	[KVMETER_EXIT_CLASS_IRQ] = "irq",
	[KVMETER_EXIT_CLASS_WINDOW] = "window",
	[KVMETER_EXIT_CLASS_FAULT] = "fault",
	[KVMETER_EXIT_CLASS_HYPERCALL] = "hypercall",
	[KVMETER_EXIT_CLASS_SIGNAL] = "signal",
	[KVMETER_EXIT_CLASS_OTHER] = "other",
};

char *fmt_price(char *buf, uint64_t ncr_h)
{
	return strcat(fmt_amount(buf, ncr_h), "/h");
}

char *fmt_cap(char *buf, uint64_t ncr)
{
	if (ncr != NONE)
		return fmt_amount(buf, ncr);
	snprintf(buf, FMT_LEN, "none");
	return buf;
}

char *fmt_surprise(char *buf, const struct usage *u)
{
	uint32_t tenth = (u->surprise_mbit + 50) / 100;
	const char *sign = "";

	if (u->surprise_dir == KVMETER_SURPRISE_DIR_UP)
		sign = "+";
	if (u->surprise_dir == KVMETER_SURPRISE_DIR_DOWN)
		sign = "-";
	snprintf(buf, FMT_LEN, "%s%u.%u", sign, tenth / 10, tenth % 10);
	return buf;
}

/* 1536 of the unit 1024^@scale bytes: "1.5 MiB" */
static char *fmt_size(char *buf, uint64_t v, unsigned int scale, const char *per)
{
	static const char * const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double x = v;

	for (; x >= 1024 && scale + 1 < ARRAY_SIZE(units); scale++)
		x /= 1024;
	snprintf(buf, FMT_LEN, "%.*f %s%s", x < 10 && x != (uint64_t)x, x, units[scale], per);
	return buf;
}

char *fmt_used(char *buf, uint32_t resource, uint64_t amount)
{
	switch (resource) {
	case KVMETER_RESOURCE_CPU:
		return fmt_duration(buf, amount);
	case KVMETER_RESOURCE_MEMORY:
		snprintf(buf, FMT_LEN, "%.3f GiB-hours", amount / (1024 * 3600000.0));
		return buf;
	}
	return fmt_size(buf, amount, 0, "");
}

char *fmt_sample(char *buf, uint32_t resource, uint64_t v)
{
	switch (resource) {
	case KVMETER_RESOURCE_CPU:
		return fmt_percent(buf, v);
	case KVMETER_RESOURCE_MEMORY:
		return fmt_size(buf, v, 2, "");
	case KVMETER_RESOURCE_NETWORK:
	case KVMETER_RESOURCE_DISK:
		return fmt_size(buf, v, 1, "/s");
	}
	snprintf(buf, FMT_LEN, "%llu/s", (unsigned long long)v);
	return buf;
}

uint64_t vm_cpu_ns(const struct times *t)
{
	return t->guest_ns + t->host_ns + t->other_ns;
}

/* under observe, what it shadows is worth a word */
const char *vm_policy_name(const struct vm *vm)
{
	return vm->budget.capped ? "capped" :
	       MODE_NAME(vm->policy[KVMETER_RESOURCE_CPU].mode);
}

double moments_mean(const struct moments *m)
{
	return m->mean_q32 / 4294967296.0;
}

double moments_stddev(const struct moments *m)
{
	return sqrt(m->var_q16 / 65536.0);
}

static void json_policy(uint32_t r, const struct policy *p)
{
	uint32_t f;

	json_open(resource_names[r], '{');
	json_str("mode", MODE_NAME(p->mode));
	json_str("shadow", MODE_NAME(p->shadow));
	json_bool("contended_only", p->contended_only);
	json_u64("nominal_bp", p->nominal_bp);
	json_u64("threshold_mbit", p->threshold_mbit);
	json_u64("sensitivity_mbit", p->sensitivity_mbit);
	json_u64("floor_bp", p->floor_bp);
	json_u64("ceiling_bp", p->ceiling_bp);
	json_u64("step_bp", p->step_bp);
	json_u64("dead_band_bp", p->dead_band_bp);
	json_u64("dwell_ms", p->dwell_ms);
	json_u64("half_life_s", p->half_life_s);
	json_u64("nominal", p->nominal);
	json_open("follow", '[');
	for (f = 0; f < NR_RESOURCES; f++)
		if (p->follow & 1U << f)
			json_str(NULL, resource_names[f]);
	json_close(']');
	json_close('}');
}

void json_policies(const char *key, const struct policy policy[NR_ACT])
{
	uint32_t r;

	json_open(key, '{');
	for (r = 0; r < NR_ACT; r++)
		json_policy(r, &policy[r]);
	json_close('}');
}

void json_tariff(const char *key, const struct tariff *t)
{
	uint32_t r;

	json_open(key, '{');
	json_u64("base_ncr_h", t->base_ncr_h);
	json_u64("floor_ncr_h", t->floor_ncr_h);
	json_u64("ceiling_ncr_h", t->ceiling_ncr_h);
	json_u64("slew_ncr_h_min", t->slew_ncr_h_min);
	json_u64("notice_ms", t->notice_ms);
	json_open("cost_ncr_h", '{');
	for (r = 0; r < NR_ACT; r++)
		json_u64(resource_names[r], t->cost_ncr_h[r]);
	json_close('}');
	for (r = 0; r < NR_ACT; r++)
		json_u64(resource_info[r].rate, t->rate_ncr[r]);
	json_close('}');
}

static void json_amount_or_null(const char *key, uint64_t v)
{
	if (v == NONE)
		json_str(key, NULL);
	else
		json_u64(key, v);
}

void json_budget(const char *key, const struct budget *b, bool state)
{
	json_open(key, '{');
	json_amount_or_null("cap_ncr", b->cap_ncr);
	json_u64("period_s", b->period_s);
	json_str("action", CAP_ACTION_NAME(b->action));
	json_bool("pace", b->pace);
	if (state) {
		json_u64("spent_ncr", b->spent_ncr);
		json_amount_or_null("left_ncr", b->left_ncr);
		json_u64("started_real_ns", b->started_real_ns);
		json_amount_or_null("ends_real_ns", b->ends_real_ns ? b->ends_real_ns : NONE);
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

void print_forecast(const char *title, uint32_t resource, const struct forecast *f)
{
	char a[FMT_LEN], b[FMT_LEN];

	printf("  %-15s %s, 95%% below %s", title, fmt_sample(a, resource, f->predicted),
	       fmt_sample(b, resource, f->p95));
	printf(", 99%% below %s\n", fmt_sample(a, resource, f->p99));
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
	json_amount_or_null("alert_real_ns", u->alerts ? u->alert_real_ns : NONE);
	json_amount_or_null("alert_mbit", u->alerts ? u->alert_mbit : NONE);
	json_amount_or_null("alarm", u->alarm);
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

void json_hints(const struct vm *vm)
{
	json_open("hints", '{');
	json_bool("allowed", vm->hints);
	json_u64("taken", vm->hints_taken);
	json_u64("refused", vm->hints_refused);
	json_u64("dropped", vm->hints_dropped);
	json_close('}');
}

void print_hints(const struct vm *vm)
{
	printf("hints %s: %llu taken, %llu refused, %llu dropped\n",
	       vm->hints ? "allowed" : "not allowed", (unsigned long long)vm->hints_taken,
	       (unsigned long long)vm->hints_refused, (unsigned long long)vm->hints_dropped);
}

static const char *source_name(uint32_t source)
{
	static const char * const names[] = {
		[KVMETER_SOURCE_GUEST] = "guest",
		[KVMETER_SOURCE_TENANT] = "tenant",
		[KVMETER_SOURCE_HOST] = "host",
	};

	return source < ARRAY_SIZE(names) && names[source] ? names[source] : "unknown";
}

void json_adjustment_fields(const struct adjustment *a)
{
	json_u64("seq", a->seq);
	json_u64("epoch", a->epoch);
	json_u64("vm_id", a->vm_id);
	json_u64("real_ns", a->real_ns);
	json_str("resource", RESOURCE_NAME(a->resource));
	json_str("reason", REASON_NAME(a->reason));
	json_str("mode", MODE_NAME(a->mode));
	if (a->source)
		json_str("source", source_name(a->source));
	json_bool("would", a->would);
	json_bool("enforced", a->enforced);
	json_u64("old_grant_bp", a->old_grant_bp);
	json_u64("new_grant_bp", a->new_grant_bp);
	json_u64("factor_bp", a->factor_bp);
	json_u64("threshold_mbit", a->threshold_mbit);
	json_u64("surprise_mbit", a->surprise_mbit);
	json_u64("usage_bp", a->usage_bp);
	json_u64("demand_bp", a->demand_bp);
	json_u64("predicted_bp", a->predicted_bp);
	json_u64("p99_bp", a->p99_bp);
	json_u64("old_ncr_h", a->old_ncr_h);
	json_u64("new_ncr_h", a->new_ncr_h);
	json_u64("effective_real_ns", a->effective_real_ns);
}

void json_price_fields(const struct price_change *p)
{
	json_u64("seq", p->seq);
	json_u64("epoch", p->epoch);
	json_u64("vm_id", p->vm_id);
	json_u64("real_ns", p->real_ns);
	json_u64("effective_real_ns", p->effective_real_ns);
	json_u64("old_ncr_h", p->old_ncr_h);
	json_u64("new_ncr_h", p->new_ncr_h);
	json_u64("adjustment_seq", p->adjustment_seq);
}

static void print_policy(uint32_t r, const struct policy *p)
{
	char a[FMT_LEN], b[FMT_LEN];
	const char *sep = "";
	uint32_t f;

	printf("  mode            %s", MODE_NAME(p->mode));
	if (p->mode == KVMETER_MODE_OBSERVE)
		printf(", shadows %s", MODE_NAME(p->shadow));
	if (p->contended_only)
		printf(", only while others wait for CPU");
	printf("\n  threshold       %s bits, sensitivity %s bits\n",
	       fmt_bits(a, p->threshold_mbit), fmt_bits(b, p->sensitivity_mbit));
	printf("  grant           %s", fmt_percent(a, p->floor_bp));
	printf(" to %s, nominal is ", fmt_percent(a, p->ceiling_bp));
	if (r == KVMETER_RESOURCE_CPU)
		printf("%s of the vCPUs' time\n", fmt_percent(b, p->nominal_bp));
	else
		printf("%s\n", p->nominal ? fmt_sample(b, r, p->nominal) : "not set");
	printf("  step            %s per period, dead band %s, dwell ",
	       fmt_percent(a, p->step_bp), fmt_percent(b, p->dead_band_bp));
	printf("%s\n", fmt_duration(a, p->dwell_ms * 1000000ULL));
	printf("  half-life       %s\n", fmt_duration(a, p->half_life_s * 1000000000ULL));
	if (!p->follow)
		return;
	printf("  follows         ");
	for (f = 0; f < NR_RESOURCES; f++) {
		if (!(p->follow & 1U << f))
			continue;
		printf("%s%s", sep, resource_names[f]);
		sep = ", ";
	}
	putchar('\n');
}

/* One resource's, or those of all that are sold */
void print_policies(const struct policy policy[NR_ACT], uint32_t resource)
{
	uint32_t r;

	for (r = 0; r < NR_ACT; r++) {
		if (resource < NR_ACT ? r != resource : r && !policy[r].nominal)
			continue;
		printf("Policy of %s\n", resource_names[r]);
		print_policy(r, &policy[r]);
	}
}

void print_tariff(const struct tariff *t)
{
	char a[FMT_LEN], b[FMT_LEN];
	uint32_t r;

	printf("  base            %s\n", fmt_price(a, t->base_ncr_h));
	printf("  limits          %s to %s\n", fmt_price(a, t->floor_ncr_h),
	       fmt_price(b, t->ceiling_ncr_h));
	printf("  slew            %s%s\n",
	       t->slew_ncr_h_min ? fmt_price(a, t->slew_ncr_h_min) : "no limit",
	       t->slew_ncr_h_min ? " per minute" : "");
	printf("  notice of rises %s\n", fmt_duration(a, t->notice_ms * 1000000ULL));
	for (r = 0; r < NR_ACT; r++)
		if (t->cost_ncr_h[r] || r == KVMETER_RESOURCE_CPU)
			printf("  cost of %-7s %s for a whole grant\n", resource_names[r],
			       fmt_price(a, t->cost_ncr_h[r]));
	for (r = 0; r < NR_ACT; r++)
		if (t->rate_ncr[r] || r == KVMETER_RESOURCE_CPU)
			printf("  metered %-7s %s %s\n", resource_names[r],
			       fmt_amount(a, t->rate_ncr[r]), resource_info[r].per);
}

void print_budget(const struct budget *b, bool state)
{
	char x[FMT_LEN], y[FMT_LEN];

	printf("  cap             %s", fmt_cap(x, b->cap_ncr));
	if (b->period_s)
		printf(" per %s", fmt_duration(x, b->period_s * 1000000000ULL));
	printf(", at the cap: %s, pace %s\n", CAP_ACTION_NAME(b->action), b->pace ? "on" : "off");
	if (!state)
		return;
	printf("  spent           %s, left %s%s\n", fmt_amount(x, b->spent_ncr),
	       b->left_ncr == NONE ? "no limit" : fmt_amount(y, b->left_ncr),
	       b->capped ? ", the cap is reached" : "");
	printf("  since           %s", fmt_time(x, b->started_real_ns));
	if (b->ends_real_ns)
		printf(", until %s", fmt_time(y, b->ends_real_ns));
	putchar('\n');
}

void print_adjustment(const struct adjustment *a)
{
	char x[FMT_LEN], y[FMT_LEN];

	printf("%s #%llu VM %u %s", fmt_time(x, a->real_ns), (unsigned long long)a->seq, a->vm_id,
	       RESOURCE_NAME(a->resource));
	printf(" %s -> %s%s", fmt_percent(x, a->old_grant_bp), fmt_percent(y, a->new_grant_bp),
	       a->would ? " (would have)" : a->enforced ? "" : " (not enforced)");
	printf(" %s, surprise %s bits", REASON_NAME(a->reason), fmt_bits(x, a->surprise_mbit));
	if (a->old_ncr_h != a->new_ncr_h)
		printf(", price %s -> %s", fmt_price(x, a->old_ncr_h), fmt_price(y, a->new_ncr_h));
	putchar('\n');
}
