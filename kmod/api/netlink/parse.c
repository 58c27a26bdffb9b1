// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink, attributes in.
 *
 * Each function changes the fields that are there, in a copy, and checks the
 * whole.  It returns 0, or -errno with extack set, and then the copy is of no use.
 *
 * A request's nests have been checked with it, by NLA_POLICY_NESTED in the
 * generated tables.  Generic netlink checks types, lengths and ranges in them
 * before the handler runs, in each of several nests of one type.  So a nest is
 * taken apart here without a policy.  No dump takes a nest.
 */
#include <uapi/linux/kvmeter_nl.h>

#include "api/netlink/parse.h"
#include "base/host.h"
#include "compat/genetlink.h"
#include "core/policy.h"
#include "core/units.h"
#include "vm/vm.h"

static void take_u64(const struct nlattr *attr, u64 *v)
{
	if (attr)
		*v = nla_get_u64(attr);
}

static void take_u32(const struct nlattr *attr, u32 *v)
{
	if (attr)
		*v = nla_get_u32(attr);
}

/* enums; their range is in the attribute policy */
static void take_u8(const struct nlattr *attr, u8 *v)
{
	if (attr)
		*v = nla_get_u32(attr);
}

static void take_bool(const struct nlattr *attr, bool *v)
{
	if (attr)
		*v = nla_get_u32(attr);
}

/*
 * What an attribute says of one resource's policy.  The nominal share of the
 * vCPUs' time is cpu's alone: in an attribute for all resources, it is cpu's.
 */
static int take_policy(struct nlattr *tb[], const struct nlattr *attr, u32 r,
		       struct kmc_policy *p, struct netlink_ext_ack *extack)
{
	const char *why;

	take_u8(tb[KVMETER_A_POLICY_MODE], &p->mode);
	take_u8(tb[KVMETER_A_POLICY_SHADOW], &p->shadow);
	take_bool(tb[KVMETER_A_POLICY_CONTENDED_ONLY], &p->contended_only);
	if (r == KMC_RES_CPU || tb[KVMETER_A_POLICY_RESOURCE])
		take_u32(tb[KVMETER_A_POLICY_NOMINAL_BP], &p->nominal_bp);
	take_u32(tb[KVMETER_A_POLICY_THRESHOLD_MBIT], &p->threshold_mbit);
	take_u32(tb[KVMETER_A_POLICY_SENSITIVITY_MBIT], &p->sensitivity_mbit);
	take_u32(tb[KVMETER_A_POLICY_FLOOR_BP], &p->floor_bp);
	take_u32(tb[KVMETER_A_POLICY_CEILING_BP], &p->ceiling_bp);
	take_u32(tb[KVMETER_A_POLICY_STEP_BP], &p->step_bp);
	take_u32(tb[KVMETER_A_POLICY_DEAD_BAND_BP], &p->dead_band_bp);
	take_u32(tb[KVMETER_A_POLICY_DWELL_MS], &p->dwell_ms);
	take_u32(tb[KVMETER_A_POLICY_HALF_LIFE_S], &p->half_life_s);
	take_u64(tb[KVMETER_A_POLICY_NOMINAL], &p->nominal);
	take_u32(tb[KVMETER_A_POLICY_FOLLOW], &p->follow);

	why = kmc_policy_check(r, p);
	if (why) {
		kvmeter_nl_err_str(extack, attr, why);
		return -EINVAL;
	}
	return 0;
}

static int parse_policy(const struct nlattr *attr, struct kmc_policy policy[KMC_NR_ACT],
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KVMETER_A_POLICY_PAD + 1];
	u32 r;
	int err;

	err = nla_parse_nested(tb, KVMETER_A_POLICY_PAD, attr, NULL, extack);
	if (err)
		return err;
	if (tb[KVMETER_A_POLICY_RESOURCE]) {
		r = nla_get_u32(tb[KVMETER_A_POLICY_RESOURCE]);
		if (r >= KMC_NR_ACT) {
			NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_POLICY_RESOURCE],
					    "exits are profiled, not adjusted");
			return -EOPNOTSUPP;
		}
		return take_policy(tb, attr, r, &policy[r], extack);
	}
	if (tb[KVMETER_A_POLICY_NOMINAL]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_POLICY_NOMINAL],
				    "nominal needs a resource");
		return -EINVAL;
	}
	for (r = 0; r < KMC_NR_ACT; r++) {
		err = take_policy(tb, attr, r, &policy[r], extack);
		if (err)
			return err;
	}
	return 0;
}

/**
 * kvmeter_nl_parse_policies - take the policies of a request
 * @info: the request
 * @type: the attribute: a nest for one resource or for all, any number of times
 * @policy: changed
 *
 * Return: 0, -EINVAL or -EOPNOTSUPP: exits are not adjusted.
 */
int kvmeter_nl_parse_policies(const struct genl_info *info, int type,
			      struct kmc_policy policy[KMC_NR_ACT])
{
	struct nlattr *one;
	int rem, err;

	nlmsg_for_each_attr(one, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(one) != type)
			continue;
		err = parse_policy(one, policy, info->extack);
		if (err)
			return err;
	}
	return 0;
}

static int parse_cost(const struct nlattr *attr, struct kmc_tariff *t,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KVMETER_A_COST_PAD + 1];
	u32 r;
	int err;

	err = nla_parse_nested(tb, KVMETER_A_COST_PAD, attr, NULL, extack);
	if (err)
		return err;
	if (!tb[KVMETER_A_COST_RESOURCE]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "cost needs a resource");
		return -EINVAL;
	}
	if (!tb[KVMETER_A_COST_NCR_H]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "cost needs ncr-h");
		return -EINVAL;
	}
	r = nla_get_u32(tb[KVMETER_A_COST_RESOURCE]);
	if (r >= KMC_NR_ACT) {
		NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_COST_RESOURCE],
				    "exits have no grant that could cost");
		return -EOPNOTSUPP;
	}
	t->cost_ncr_h[r] = nla_get_u64(tb[KVMETER_A_COST_NCR_H]);
	return 0;
}

/**
 * kvmeter_nl_parse_tariff - take a tariff
 * @attr: the nest, or NULL
 * @t: changed
 * @extack: told what is wrong
 *
 * Return: 0, -EINVAL or -EOPNOTSUPP: exits cost nothing.
 */
int kvmeter_nl_parse_tariff(const struct nlattr *attr, struct kmc_tariff *t,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KVMETER_A_TARIFF_DISK_NCR_GIB + 1];
	const struct nlattr *one;
	const char *why;
	int rem, err;

	if (!attr)
		return 0;
	err = nla_parse_nested(tb, KVMETER_A_TARIFF_DISK_NCR_GIB, attr, NULL, extack);
	if (err)
		return err;
	take_u64(tb[KVMETER_A_TARIFF_BASE_NCR_H], &t->base_ncr_h);
	take_u64(tb[KVMETER_A_TARIFF_FLOOR_NCR_H], &t->floor_ncr_h);
	take_u64(tb[KVMETER_A_TARIFF_CEILING_NCR_H], &t->ceiling_ncr_h);
	take_u64(tb[KVMETER_A_TARIFF_SLEW_NCR_H_MIN], &t->slew_ncr_h_min);
	take_u32(tb[KVMETER_A_TARIFF_NOTICE_MS], &t->notice_ms);
	take_u64(tb[KVMETER_A_TARIFF_CPU_NCR_H], &t->rate_ncr[KMC_RES_CPU]);
	take_u64(tb[KVMETER_A_TARIFF_MEMORY_NCR_GIB_H], &t->rate_ncr[KMC_RES_MEMORY]);
	take_u64(tb[KVMETER_A_TARIFF_NETWORK_NCR_GIB], &t->rate_ncr[KMC_RES_NETWORK]);
	take_u64(tb[KVMETER_A_TARIFF_DISK_NCR_GIB], &t->rate_ncr[KMC_RES_DISK]);
	nla_for_each_nested(one, attr, rem) {
		if (nla_type(one) != KVMETER_A_TARIFF_COST)
			continue;
		err = parse_cost(one, t, extack);
		if (err)
			return err;
	}

	why = kmc_tariff_check(t);
	if (why) {
		kvmeter_nl_err_str(extack, attr, why);
		return -EINVAL;
	}
	return 0;
}

/**
 * kvmeter_nl_parse_budget - take a budget
 * @attr: the nest, or NULL
 * @b: changed
 * @extack: told what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int kvmeter_nl_parse_budget(const struct nlattr *attr, struct kmc_budget_conf *b,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KVMETER_A_BUDGET_PAD + 1];
	const char *why;
	int err;

	if (!attr)
		return 0;
	err = nla_parse_nested(tb, KVMETER_A_BUDGET_PAD, attr, NULL, extack);
	if (err)
		return err;
	take_u64(tb[KVMETER_A_BUDGET_CAP_NCR], &b->cap_ncr);
	take_u32(tb[KVMETER_A_BUDGET_PERIOD_S], &b->period_s);
	take_u8(tb[KVMETER_A_BUDGET_ACTION], &b->action);
	take_bool(tb[KVMETER_A_BUDGET_PACE], &b->pace);

	why = kmc_budget_check(b);
	if (why) {
		kvmeter_nl_err_str(extack, attr, why);
		return -EINVAL;
	}
	return 0;
}

/**
 * kvmeter_nl_check_name - check a name of a VM or an image
 * @attr: the name, or NULL
 * @extack: told what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int kvmeter_nl_check_name(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	const char *why = attr ? kvmeter_label_check(nla_data(attr)) : NULL;

	if (!why)
		return 0;
	kvmeter_nl_err_str(extack, attr, why);
	return -EINVAL;
}

/**
 * kvmeter_nl_parse_host - take the host's settings
 * @info: the request
 * @conf: changed
 *
 * Return: 0, -EINVAL, -ERANGE or -EOPNOTSUPP.
 */
int kvmeter_nl_parse_host(const struct genl_info *info, struct kvmeter_conf *conf)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **tb = info->attrs;
	int err;

	take_u64(tb[KVMETER_A_HOST_PERIOD_NS], &conf->period_ns);
	take_u64(tb[KVMETER_A_HOST_RECORD_NS], &conf->record_ns);
	take_u64(tb[KVMETER_A_HOST_BURST_NS], &conf->burst_ns);
	if (conf->period_ns < KVMETER_PERIOD_MIN_NS || conf->period_ns > KVMETER_PERIOD_MAX_NS) {
		NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_HOST_PERIOD_NS],
				    "period_ns must be 10000000 (10 ms) to 10000000000 (10 s)");
		return -ERANGE;
	}
	if (conf->record_ns < 100 * KMC_NS_PER_MS || conf->record_ns > KMC_NS_PER_HOUR) {
		NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_HOST_RECORD_NS],
				    "record_ns must be 100000000 (100 ms) to 3600000000000 (1 h)");
		return -ERANGE;
	}
	if (conf->burst_ns > 10 * KMC_NS_PER_S) {
		NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_HOST_BURST_NS],
				    "burst_ns must be 0 to 10000000000 (10 s)");
		return -ERANGE;
	}
	err = kvmeter_nl_parse_policies(info, KVMETER_A_HOST_POLICY, conf->policy);
	if (err)
		return err;
	err = kvmeter_nl_parse_tariff(tb[KVMETER_A_HOST_TARIFF], &conf->tariff, extack);
	if (err)
		return err;
	return kvmeter_nl_parse_budget(tb[KVMETER_A_HOST_BUDGET], &conf->budget, extack);
}
