// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kvmeter.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "gen.h"

#include <uapi/linux/kvmeter_nl.h>
#include <kmod/compat/genetlink.h>

/* Common nested types */
const struct nla_policy kvmeter_budget_nl_policy[KVMETER_A_BUDGET_PAD + 1] = {
	[KVMETER_A_BUDGET_CAP_NCR] = { .type = NLA_U64, },
	[KVMETER_A_BUDGET_PERIOD_S] = { .type = NLA_U32, },
	[KVMETER_A_BUDGET_ACTION] = NLA_POLICY_MAX(NLA_U32, 1),
	[KVMETER_A_BUDGET_PACE] = NLA_POLICY_MAX(NLA_U32, 1),
};

const struct nla_policy kvmeter_cost_nl_policy[KVMETER_A_COST_PAD + 1] = {
	[KVMETER_A_COST_RESOURCE] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVMETER_A_COST_NCR_H] = { .type = NLA_U64, },
};

const struct nla_policy kvmeter_policy_nl_policy[KVMETER_A_POLICY_PAD + 1] = {
	[KVMETER_A_POLICY_MODE] = NLA_POLICY_MAX(NLA_U32, 2),
	[KVMETER_A_POLICY_SHADOW] = NLA_POLICY_MAX(NLA_U32, 2),
	[KVMETER_A_POLICY_CONTENDED_ONLY] = NLA_POLICY_MAX(NLA_U32, 1),
	[KVMETER_A_POLICY_NOMINAL_BP] = { .type = NLA_U32, },
	[KVMETER_A_POLICY_THRESHOLD_MBIT] = { .type = NLA_U32, },
	[KVMETER_A_POLICY_SENSITIVITY_MBIT] = { .type = NLA_U32, },
	[KVMETER_A_POLICY_FLOOR_BP] = { .type = NLA_U32, },
	[KVMETER_A_POLICY_CEILING_BP] = { .type = NLA_U32, },
	[KVMETER_A_POLICY_STEP_BP] = { .type = NLA_U32, },
	[KVMETER_A_POLICY_DEAD_BAND_BP] = { .type = NLA_U32, },
	[KVMETER_A_POLICY_DWELL_MS] = { .type = NLA_U32, },
	[KVMETER_A_POLICY_HALF_LIFE_S] = { .type = NLA_U32, },
	[KVMETER_A_POLICY_RESOURCE] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVMETER_A_POLICY_NOMINAL] = { .type = NLA_U64, },
	[KVMETER_A_POLICY_FOLLOW] = NLA_POLICY_MASK(NLA_U32, 0x1f),
};

const struct nla_policy kvmeter_tariff_nl_policy[KVMETER_A_TARIFF_DISK_NCR_GIB + 1] = {
	[KVMETER_A_TARIFF_BASE_NCR_H] = { .type = NLA_U64, },
	[KVMETER_A_TARIFF_FLOOR_NCR_H] = { .type = NLA_U64, },
	[KVMETER_A_TARIFF_CEILING_NCR_H] = { .type = NLA_U64, },
	[KVMETER_A_TARIFF_SLEW_NCR_H_MIN] = { .type = NLA_U64, },
	[KVMETER_A_TARIFF_NOTICE_MS] = { .type = NLA_U32, },
	[KVMETER_A_TARIFF_COST] = NLA_POLICY_NESTED(kvmeter_cost_nl_policy),
	[KVMETER_A_TARIFF_CPU_NCR_H] = { .type = NLA_U64, },
	[KVMETER_A_TARIFF_MEMORY_NCR_GIB_H] = { .type = NLA_U64, },
	[KVMETER_A_TARIFF_NETWORK_NCR_GIB] = { .type = NLA_U64, },
	[KVMETER_A_TARIFF_DISK_NCR_GIB] = { .type = NLA_U64, },
};

/* KVMETER_CMD_HOST_SET - do */
static const struct nla_policy kvmeter_host_set_nl_policy[KVMETER_A_HOST_BUDGET + 1] = {
	[KVMETER_A_HOST_PERIOD_NS] = { .type = NLA_U64, },
	[KVMETER_A_HOST_RECORD_NS] = { .type = NLA_U64, },
	[KVMETER_A_HOST_BURST_NS] = { .type = NLA_U64, },
	[KVMETER_A_HOST_POLICY] = NLA_POLICY_NESTED(kvmeter_policy_nl_policy),
	[KVMETER_A_HOST_TARIFF] = NLA_POLICY_NESTED(kvmeter_tariff_nl_policy),
	[KVMETER_A_HOST_BUDGET] = NLA_POLICY_NESTED(kvmeter_budget_nl_policy),
};

/* KVMETER_CMD_VM_GET - do */
static const struct nla_policy kvmeter_vm_get_nl_policy[KVMETER_A_VM_ID + 1] = {
	[KVMETER_A_VM_ID] = { .type = NLA_U32, },
};

/* KVMETER_CMD_VM_SET - do */
static const struct nla_policy kvmeter_vm_set_nl_policy[KVMETER_A_VM_VCPU_FORECASTS + 1] = {
	[KVMETER_A_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_VM_NAME] = { .type = NLA_NUL_STRING, .len = KVMETER_NAME_LEN, },
	[KVMETER_A_VM_IMAGE] = { .type = NLA_NUL_STRING, .len = KVMETER_NAME_LEN, },
	[KVMETER_A_VM_POLICY] = NLA_POLICY_NESTED(kvmeter_policy_nl_policy),
	[KVMETER_A_VM_TARIFF] = NLA_POLICY_NESTED(kvmeter_tariff_nl_policy),
	[KVMETER_A_VM_BUDGET] = NLA_POLICY_NESTED(kvmeter_budget_nl_policy),
	[KVMETER_A_VM_HINTS] = NLA_POLICY_MAX(NLA_U32, 1),
	[KVMETER_A_VM_WORKING_SET_KIB] = { .type = NLA_U64, },
	[KVMETER_A_VM_VCPU_FORECASTS] = NLA_POLICY_MAX(NLA_U32, 1),
};

/* KVMETER_CMD_VCPU_GET - dump */
static const struct nla_policy kvmeter_vcpu_get_nl_policy[KVMETER_A_VCPU_VM_ID + 1] = {
	[KVMETER_A_VCPU_VM_ID] = { .type = NLA_U32, },
};

/* KVMETER_CMD_PROFILE_GET - do */
static const struct nla_policy kvmeter_profile_get_nl_policy[KVMETER_A_PROFILE_IMAGE + 1] = {
	[KVMETER_A_PROFILE_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_PROFILE_RESOURCE] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVMETER_A_PROFILE_IMAGE] = { .type = NLA_NUL_STRING, .len = KVMETER_NAME_LEN, },
};

/* KVMETER_CMD_ADJUSTMENT_GET - do */
static const struct nla_policy kvmeter_adjustment_get_nl_policy[KVMETER_A_ADJUSTMENT_SEQ + 1] = {
	[KVMETER_A_ADJUSTMENT_SEQ] = { .type = NLA_U64, },
};

/* KVMETER_CMD_LOG_GET - dump */
static const struct nla_policy kvmeter_log_get_nl_policy[KVMETER_A_ADJUSTMENT_SINCE_SEQ + 1] = {
	[KVMETER_A_ADJUSTMENT_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_ADJUSTMENT_SINCE_SEQ] = { .type = NLA_U64, },
};

/* KVMETER_CMD_PRICE_GET - dump */
static const struct nla_policy kvmeter_price_get_nl_policy[KVMETER_A_PRICE_SINCE_SEQ + 1] = {
	[KVMETER_A_PRICE_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_PRICE_SINCE_SEQ] = { .type = NLA_U64, },
};

/* KVMETER_CMD_LEDGER_GET - dump */
static const struct nla_policy kvmeter_ledger_get_nl_policy[KVMETER_A_RECORD_SINCE_SEQ + 1] = {
	[KVMETER_A_RECORD_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_RECORD_SINCE_SEQ] = { .type = NLA_U64, },
};

/* KVMETER_CMD_LEDGER_ACK - do */
static const struct nla_policy kvmeter_ledger_ack_nl_policy[KVMETER_A_RECORD_SEQ + 1] = {
	[KVMETER_A_RECORD_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_RECORD_SEQ] = { .type = NLA_U64, },
};

/* KVMETER_CMD_SUGGEST - do */
static const struct nla_policy kvmeter_suggest_nl_policy[KVMETER_A_SUGGESTION_DURATION_MS + 1] = {
	[KVMETER_A_SUGGESTION_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_SUGGESTION_RESOURCE] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVMETER_A_SUGGESTION_GRANT_BP] = { .type = NLA_U32, },
	[KVMETER_A_SUGGESTION_DURATION_MS] = { .type = NLA_U32, },
};

/* KVMETER_CMD_QUOTE - do */
static const struct nla_policy kvmeter_quote_nl_policy[KVMETER_A_SUGGESTION_GRANT_BP + 1] = {
	[KVMETER_A_SUGGESTION_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_SUGGESTION_RESOURCE] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVMETER_A_SUGGESTION_GRANT_BP] = { .type = NLA_U32, },
};

/* KVMETER_CMD_MODEL_SET - do */
static const struct nla_policy kvmeter_model_set_nl_policy[KVMETER_A_MODEL_DATA + 1] = {
	[KVMETER_A_MODEL_IMAGE] = { .type = NLA_NUL_STRING, .len = KVMETER_NAME_LEN, },
	[KVMETER_A_MODEL_DATA] = { .type = NLA_BINARY, },
};

/* KVMETER_CMD_MODEL_DEL - do */
static const struct nla_policy kvmeter_model_del_nl_policy[KVMETER_A_MODEL_IMAGE + 1] = {
	[KVMETER_A_MODEL_IMAGE] = { .type = NLA_NUL_STRING, .len = KVMETER_NAME_LEN, },
};

/* KVMETER_CMD_SAMPLE_GET - do */
static const struct nla_policy kvmeter_sample_get_nl_policy[KVMETER_A_SAMPLES_SINCE_SEQ + 1] = {
	[KVMETER_A_SAMPLES_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_SAMPLES_RESOURCE] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVMETER_A_SAMPLES_SINCE_SEQ] = { .type = NLA_U64, },
};

/* KVMETER_CMD_PROFILE_EXPORT - do */
static const struct nla_policy kvmeter_profile_export_nl_policy[KVMETER_A_PROFILE_IMAGE + 1] = {
	[KVMETER_A_PROFILE_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_PROFILE_RESOURCE] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVMETER_A_PROFILE_IMAGE] = { .type = NLA_NUL_STRING, .len = KVMETER_NAME_LEN, },
};

/* KVMETER_CMD_PROFILE_IMPORT - do */
static const struct nla_policy kvmeter_profile_import_nl_policy[KVMETER_A_PROFILE_DATA + 1] = {
	[KVMETER_A_PROFILE_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_PROFILE_RESOURCE] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVMETER_A_PROFILE_IMAGE] = { .type = NLA_NUL_STRING, .len = KVMETER_NAME_LEN, },
	[KVMETER_A_PROFILE_DATA] = { .type = NLA_BINARY, },
};

/* KVMETER_CMD_PROFILE_RESET - do */
static const struct nla_policy kvmeter_profile_reset_nl_policy[KVMETER_A_PROFILE_IMAGE + 1] = {
	[KVMETER_A_PROFILE_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_PROFILE_RESOURCE] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVMETER_A_PROFILE_IMAGE] = { .type = NLA_NUL_STRING, .len = KVMETER_NAME_LEN, },
};

/* KVMETER_CMD_NET_BIND - do */
static const struct nla_policy kvmeter_net_bind_nl_policy[KVMETER_A_NIC_BIND_NETNS_FD + 1] = {
	[KVMETER_A_NIC_BIND_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_NIC_BIND_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[KVMETER_A_NIC_BIND_NETNS_FD] = { .type = NLA_U32, },
};

/* KVMETER_CMD_NET_UNBIND - do */
static const struct nla_policy kvmeter_net_unbind_nl_policy[KVMETER_A_NIC_BIND_NETNS_FD + 1] = {
	[KVMETER_A_NIC_BIND_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_NIC_BIND_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[KVMETER_A_NIC_BIND_NETNS_FD] = { .type = NLA_U32, },
};

/* KVMETER_CMD_CGROUP_ATTACH - do */
static const struct nla_policy kvmeter_cgroup_attach_nl_policy[KVMETER_A_HANDOVER_FD + 1] = {
	[KVMETER_A_HANDOVER_VM_ID] = { .type = NLA_U32, },
	[KVMETER_A_HANDOVER_FD] = { .type = NLA_U32, },
};

/* KVMETER_CMD_CGROUP_DETACH - do */
static const struct nla_policy kvmeter_cgroup_detach_nl_policy[KVMETER_A_HANDOVER_VM_ID + 1] = {
	[KVMETER_A_HANDOVER_VM_ID] = { .type = NLA_U32, },
};

/* Ops table for kvmeter */
const struct genl_split_ops kvmeter_nl_ops[25] = {
	{
		.cmd	= KVMETER_CMD_HOST_GET,
		.doit	= kvmeter_nl_host_get_doit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_HOST_SET,
		.doit		= kvmeter_nl_host_set_doit,
		.policy		= kvmeter_host_set_nl_policy,
		.maxattr	= KVMETER_A_HOST_BUDGET,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_VM_GET,
		.doit		= kvmeter_nl_vm_get_doit,
		.policy		= kvmeter_vm_get_nl_policy,
		.maxattr	= KVMETER_A_VM_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= KVMETER_CMD_VM_GET,
		.dumpit	= kvmeter_nl_vm_get_dumpit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= KVMETER_CMD_VM_SET,
		.doit		= kvmeter_nl_vm_set_doit,
		.policy		= kvmeter_vm_set_nl_policy,
		.maxattr	= KVMETER_A_VM_VCPU_FORECASTS,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_VCPU_GET,
		.dumpit		= kvmeter_nl_vcpu_get_dumpit,
		.policy		= kvmeter_vcpu_get_nl_policy,
		.maxattr	= KVMETER_A_VCPU_VM_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= KVMETER_CMD_PROFILE_GET,
		.doit		= kvmeter_nl_profile_get_doit,
		.policy		= kvmeter_profile_get_nl_policy,
		.maxattr	= KVMETER_A_PROFILE_IMAGE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_ADJUSTMENT_GET,
		.doit		= kvmeter_nl_adjustment_get_doit,
		.policy		= kvmeter_adjustment_get_nl_policy,
		.maxattr	= KVMETER_A_ADJUSTMENT_SEQ,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_LOG_GET,
		.dumpit		= kvmeter_nl_log_get_dumpit,
		.policy		= kvmeter_log_get_nl_policy,
		.maxattr	= KVMETER_A_ADJUSTMENT_SINCE_SEQ,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= KVMETER_CMD_PRICE_GET,
		.dumpit		= kvmeter_nl_price_get_dumpit,
		.policy		= kvmeter_price_get_nl_policy,
		.maxattr	= KVMETER_A_PRICE_SINCE_SEQ,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= KVMETER_CMD_LEDGER_GET,
		.dumpit		= kvmeter_nl_ledger_get_dumpit,
		.policy		= kvmeter_ledger_get_nl_policy,
		.maxattr	= KVMETER_A_RECORD_SINCE_SEQ,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= KVMETER_CMD_LEDGER_ACK,
		.doit		= kvmeter_nl_ledger_ack_doit,
		.policy		= kvmeter_ledger_ack_nl_policy,
		.maxattr	= KVMETER_A_RECORD_SEQ,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_SUGGEST,
		.doit		= kvmeter_nl_suggest_doit,
		.policy		= kvmeter_suggest_nl_policy,
		.maxattr	= KVMETER_A_SUGGESTION_DURATION_MS,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_QUOTE,
		.doit		= kvmeter_nl_quote_doit,
		.policy		= kvmeter_quote_nl_policy,
		.maxattr	= KVMETER_A_SUGGESTION_GRANT_BP,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_MODEL_SET,
		.doit		= kvmeter_nl_model_set_doit,
		.policy		= kvmeter_model_set_nl_policy,
		.maxattr	= KVMETER_A_MODEL_DATA,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_MODEL_DEL,
		.doit		= kvmeter_nl_model_del_doit,
		.policy		= kvmeter_model_del_nl_policy,
		.maxattr	= KVMETER_A_MODEL_IMAGE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= KVMETER_CMD_MODEL_GET,
		.dumpit	= kvmeter_nl_model_get_dumpit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= KVMETER_CMD_SAMPLE_GET,
		.doit		= kvmeter_nl_sample_get_doit,
		.policy		= kvmeter_sample_get_nl_policy,
		.maxattr	= KVMETER_A_SAMPLES_SINCE_SEQ,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_PROFILE_EXPORT,
		.doit		= kvmeter_nl_profile_export_doit,
		.policy		= kvmeter_profile_export_nl_policy,
		.maxattr	= KVMETER_A_PROFILE_IMAGE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_PROFILE_IMPORT,
		.doit		= kvmeter_nl_profile_import_doit,
		.policy		= kvmeter_profile_import_nl_policy,
		.maxattr	= KVMETER_A_PROFILE_DATA,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_PROFILE_RESET,
		.doit		= kvmeter_nl_profile_reset_doit,
		.policy		= kvmeter_profile_reset_nl_policy,
		.maxattr	= KVMETER_A_PROFILE_IMAGE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_NET_BIND,
		.doit		= kvmeter_nl_net_bind_doit,
		.policy		= kvmeter_net_bind_nl_policy,
		.maxattr	= KVMETER_A_NIC_BIND_NETNS_FD,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_NET_UNBIND,
		.doit		= kvmeter_nl_net_unbind_doit,
		.policy		= kvmeter_net_unbind_nl_policy,
		.maxattr	= KVMETER_A_NIC_BIND_NETNS_FD,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_CGROUP_ATTACH,
		.doit		= kvmeter_nl_cgroup_attach_doit,
		.policy		= kvmeter_cgroup_attach_nl_policy,
		.maxattr	= KVMETER_A_HANDOVER_FD,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= KVMETER_CMD_CGROUP_DETACH,
		.doit		= kvmeter_nl_cgroup_detach_doit,
		.policy		= kvmeter_cgroup_detach_nl_policy,
		.maxattr	= KVMETER_A_HANDOVER_VM_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

const struct genl_multicast_group kvmeter_nl_mcgrps[] = {
	[KVMETER_NLGRP_LIFECYCLE] = { "lifecycle", GENL_MCAST_CAP_NET_ADMIN, },
	[KVMETER_NLGRP_PRICE] = { "price", GENL_MCAST_CAP_NET_ADMIN, },
	[KVMETER_NLGRP_ADJUSTMENTS] = { "adjustments", GENL_MCAST_CAP_NET_ADMIN, },
	[KVMETER_NLGRP_BUDGET] = { "budget", GENL_MCAST_CAP_NET_ADMIN, },
	[KVMETER_NLGRP_ALERTS] = { "alerts", GENL_MCAST_CAP_NET_ADMIN, },
};
