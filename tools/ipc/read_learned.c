// SPDX-License-Identifier: GPL-2.0
#include "ipc/read_learned.h"

#include <string.h>

#include <linux/genetlink.h>

#include "ipc/attr.h"

static void read_bin(const struct nlattr *nest, struct profile *p)
{
	struct attrs a = parse_nest(nest);
	struct bin *b = &p->bins[p->nr_bins];

	if (p->nr_bins == ARRAY_SIZE(p->bins))
		return;
	b->low = U64(BIN, LOW);
	b->end = U64(BIN, END);
	b->weight = U32(BIN, WEIGHT);
	p->nr_bins++;
}

static void read_expert(const struct nlattr *nest, struct profile *p)
{
	struct attrs a = parse_nest(nest);
	struct expert *e = &p->experts[p->nr_experts];

	if (p->nr_experts == ARRAY_SIZE(p->experts))
		return;
	get_str(&a, KVMETER_A_EXPERT_NAME, e->name, sizeof(e->name));
	e->value_q8 = U64(EXPERT, VALUE_Q8);
	e->loss_q8 = U64(EXPERT, LOSS_Q8);
	e->weight_q16 = U32(EXPERT, WEIGHT_Q16);
	p->nr_experts++;
}

void read_profile(const struct nlmsghdr *nlh, struct profile *p)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;

	memset(p, 0, sizeof(*p));
	p->vm_id = U32(PROFILE, VM_ID);
	get_str(&a, KVMETER_A_PROFILE_IMAGE, p->image, sizeof(p->image));
	p->resource = U32(PROFILE, RESOURCE);
	p->moments.mean_q32 = U64(PROFILE, MEAN_Q32);
	p->moments.var_q16 = U64(PROFILE, VAR_Q16);
	p->moments.samples = U64(PROFILE, SAMPLES);
	p->prior_samples = U32(PROFILE, PRIOR_SAMPLES);
	p->censored = U64(PROFILE, CENSORED);
	p->effective_samples = U32(PROFILE, EFFECTIVE_SAMPLES);
	p->half_life = U32(PROFILE, HALF_LIFE);
	p->next.predicted = U64(PROFILE, PREDICTED);
	p->next.p95 = U64(PROFILE, P95);
	p->next.p99 = U64(PROFILE, P99);
	p->alarm = get_u64_or_none(&a, KVMETER_A_PROFILE_ALARM);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == KVMETER_A_PROFILE_BIN)
			read_bin(attr, p);
		if (mnl_attr_get_type(attr) == KVMETER_A_PROFILE_EXPERT)
			read_expert(attr, p);
	}
}

void read_model(const struct nlmsghdr *nlh, struct weights *m)
{
	struct attrs a = parse_message(nlh);

	memset(m, 0, sizeof(*m));
	get_str(&a, KVMETER_A_MODEL_IMAGE, m->image, sizeof(m->image));
	m->checksum = U32(MODEL, CHECKSUM);
	m->seq = U64(MODEL, SEQ);
	m->set_real_ns = U64(MODEL, SET_REAL_NS);
	m->nr_vms = U32(MODEL, NR_VMS);
}

static void read_series(const struct nlattr *nest, struct samples *s)
{
	struct attrs a = parse_nest(nest);
	const struct nlattr *values = a.tb[KVMETER_A_SERIES_VALUE];
	uint32_t r = U32(SERIES, RESOURCE);

	if (!values || r >= NR_RESOURCES)
		return;
	s->nr[r] = mnl_attr_get_payload_len(values) / sizeof(uint32_t);
	if (s->nr[r] > SAMPLES_MAX)
		s->nr[r] = SAMPLES_MAX;
	memcpy(s->value[r], mnl_attr_get_payload(values), s->nr[r] * sizeof(uint32_t));
}

void read_samples(const struct nlmsghdr *nlh, struct samples *s)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;

	memset(s, 0, sizeof(*s));
	s->epoch = U64(SAMPLES, EPOCH);
	s->first_seq = U64(SAMPLES, FIRST_SEQ);
	s->seq = U64(SAMPLES, SEQ);
	s->period_ns = U64(SAMPLES, PERIOD_NS);
	s->end_real_ns = U64(SAMPLES, END_REAL_NS);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == KVMETER_A_SAMPLES_SERIES)
			read_series(attr, s);
}

void read_blob(const struct nlmsghdr *nlh, struct blob *blob)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *bytes = a.tb[KVMETER_A_PROFILE_DATA];

	blob->len = bytes ? mnl_attr_get_payload_len(bytes) : 0;
	if (blob->len > BLOB_MAX)
		blob->len = 0;
	if (blob->len)
		memcpy(blob->bytes, mnl_attr_get_payload(bytes), blob->len);
}
