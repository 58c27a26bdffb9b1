// SPDX-License-Identifier: GPL-2.0
/* Generic netlink, by libmnl. */
#include "ipc/ipc.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "show/print.h"

#define MAX_ATTR	64
#define BUF_SIZE	65536
#define WATCH_RCVBUF	(4 << 20)

/* since libmnl 1.0.5 in its own headers */
#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

struct conn {
	struct mnl_socket *sock;
	unsigned int seq;
};

static struct conn cmd, mcast;
static uint16_t family_id;
static uint32_t group_ids[NR_GROUPS];
static char request_buf[BUF_SIZE];
static char reply_buf[BUF_SIZE];

static const char * const group_names[NR_GROUPS] = {
	[GROUP_LIFECYCLE] = "lifecycle",
	[GROUP_PRICE] = "price",
	[GROUP_ADJUST] = "adjustments",
	[GROUP_BUDGET] = "budget",
	[GROUP_ALERT] = "alerts",
};

/*
 * Errors: the kernel's text and the name of the attribute that it refuses.
 */

struct set;

struct entry {
	uint16_t type;
	const char *name;
	const struct set *nested;
};

struct set {
	struct entry entries[20];	/* a name of NULL ends them */
};

#define A(set, attr, text)	{ KVMETER_A_##set##_##attr, text, NULL }
#define N(set, attr, text, in)	{ KVMETER_A_##set##_##attr, text, &(in) }

static const struct set policy_set = { {
	A(POLICY, MODE, "mode"),
	A(POLICY, SHADOW, "shadow"),
	A(POLICY, CONTENDED_ONLY, "contended-only"),
	A(POLICY, NOMINAL_BP, "nominal-bp"),
	A(POLICY, THRESHOLD_MBIT, "threshold-mbit"),
	A(POLICY, SENSITIVITY_MBIT, "sensitivity-mbit"),
	A(POLICY, FLOOR_BP, "floor-bp"),
	A(POLICY, CEILING_BP, "ceiling-bp"),
	A(POLICY, STEP_BP, "step-bp"),
	A(POLICY, DEAD_BAND_BP, "dead-band-bp"),
	A(POLICY, DWELL_MS, "dwell-ms"),
	A(POLICY, HALF_LIFE_S, "half-life-s"),
	A(POLICY, RESOURCE, "resource"),
	A(POLICY, NOMINAL, "nominal"),
	A(POLICY, FOLLOW, "follow"),
} };

static const struct set cost_set = { {
	A(COST, RESOURCE, "resource"),
	A(COST, NCR_H, "ncr-h"),
} };

static const struct set tariff_set = { {
	A(TARIFF, BASE_NCR_H, "base-ncr-h"),
	A(TARIFF, FLOOR_NCR_H, "floor-ncr-h"),
	A(TARIFF, CEILING_NCR_H, "ceiling-ncr-h"),
	A(TARIFF, SLEW_NCR_H_MIN, "slew-ncr-h-min"),
	A(TARIFF, NOTICE_MS, "notice-ms"),
	N(TARIFF, COST, "cost", cost_set),
	A(TARIFF, CPU_NCR_H, "cpu-ncr-h"),
	A(TARIFF, MEMORY_NCR_GIB_H, "memory-ncr-gib-h"),
	A(TARIFF, NETWORK_NCR_GIB, "network-ncr-gib"),
	A(TARIFF, DISK_NCR_GIB, "disk-ncr-gib"),
} };

static const struct set budget_set = { {
	A(BUDGET, CAP_NCR, "cap-ncr"),
	A(BUDGET, PERIOD_S, "period-s"),
	A(BUDGET, ACTION, "action"),
	A(BUDGET, PACE, "pace"),
} };

static const struct set vm_set = { {
	A(VM, ID, "id"),
	A(VM, NAME, "name"),
	A(VM, IMAGE, "image"),
	N(VM, POLICY, "policy", policy_set),
	N(VM, TARIFF, "tariff", tariff_set),
	N(VM, BUDGET, "budget", budget_set),
	A(VM, HINTS, "hints"),
	A(VM, WORKING_SET_KIB, "working-set-kib"),
	A(VM, VCPU_FORECASTS, "vcpu-forecasts"),
} };

static const struct set host_set = { {
	A(HOST, PERIOD_NS, "period-ns"),
	A(HOST, RECORD_NS, "record-ns"),
	A(HOST, BURST_NS, "burst-ns"),
	N(HOST, POLICY, "policy", policy_set),
	N(HOST, TARIFF, "tariff", tariff_set),
	N(HOST, BUDGET, "budget", budget_set),
} };

static const struct set vcpu_set = { { A(VCPU, VM_ID, "vm-id") } };

static const struct set price_set = { {
	A(PRICE, VM_ID, "vm-id"),
	A(PRICE, SINCE_SEQ, "since-seq"),
} };

static const struct set profile_set = { {
	A(PROFILE, VM_ID, "vm-id"),
	A(PROFILE, RESOURCE, "resource"),
	A(PROFILE, IMAGE, "image"),
	A(PROFILE, DATA, "data"),
} };

static const struct set model_set = { {
	A(MODEL, IMAGE, "image"),
	A(MODEL, DATA, "data"),
} };

static const struct set samples_set = { {
	A(SAMPLES, VM_ID, "vm-id"),
	A(SAMPLES, SINCE_SEQ, "since-seq"),
} };

static const struct set adjustment_set = { {
	A(ADJUSTMENT, VM_ID, "vm-id"),
	A(ADJUSTMENT, SEQ, "seq"),
	A(ADJUSTMENT, SINCE_SEQ, "since-seq"),
} };

static const struct set record_set = { {
	A(RECORD, VM_ID, "vm-id"),
	A(RECORD, SEQ, "seq"),
	A(RECORD, SINCE_SEQ, "since-seq"),
} };

static const struct set suggestion_set = { {
	A(SUGGESTION, VM_ID, "vm-id"),
	A(SUGGESTION, RESOURCE, "resource"),
	A(SUGGESTION, GRANT_BP, "grant-bp"),
	A(SUGGESTION, DURATION_MS, "duration-ms"),
} };

static const struct set handover_set = { {
	A(HANDOVER, VM_ID, "vm-id"),
	A(HANDOVER, FD, "fd"),
} };

static const struct set *const cmd_sets[] = {
	[KVMETER_CMD_HOST_SET] = &host_set,
	[KVMETER_CMD_VM_GET] = &vm_set,
	[KVMETER_CMD_VM_SET] = &vm_set,
	[KVMETER_CMD_VCPU_GET] = &vcpu_set,
	[KVMETER_CMD_PROFILE_GET] = &profile_set,
	[KVMETER_CMD_ADJUSTMENT_GET] = &adjustment_set,
	[KVMETER_CMD_LOG_GET] = &adjustment_set,
	[KVMETER_CMD_PRICE_GET] = &price_set,
	[KVMETER_CMD_LEDGER_GET] = &record_set,
	[KVMETER_CMD_LEDGER_ACK] = &record_set,
	[KVMETER_CMD_SUGGEST] = &suggestion_set,
	[KVMETER_CMD_QUOTE] = &suggestion_set,
	[KVMETER_CMD_MODEL_SET] = &model_set,
	[KVMETER_CMD_MODEL_DEL] = &model_set,
	[KVMETER_CMD_SAMPLE_GET] = &samples_set,
	[KVMETER_CMD_PROFILE_EXPORT] = &profile_set,
	[KVMETER_CMD_PROFILE_IMPORT] = &profile_set,
	[KVMETER_CMD_PROFILE_RESET] = &profile_set,
	[KVMETER_CMD_CGROUP_ATTACH] = &handover_set,
	[KVMETER_CMD_CGROUP_DETACH] = &handover_set,
};

static const struct entry *find_entry(const struct set *set, uint16_t type)
{
	const struct entry *e;

	for (e = set->entries; e < set->entries + ARRAY_SIZE(set->entries) && e->name; e++)
		if (e->type == type)
			return e;
	return NULL;
}

/* the name of the request's attribute at @offset, "budget.pace"; empty: not known */
static void attr_name(const struct nlmsghdr *req, uint32_t offset, char *name, size_t size)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(req);
	const char *pos = (const char *)mnl_nlmsg_get_payload_offset(req, sizeof(*genl));
	const char *end = mnl_nlmsg_get_payload_tail(req);
	const struct set *set = genl->cmd < ARRAY_SIZE(cmd_sets) ? cmd_sets[genl->cmd] : NULL;
	size_t len = 0;

	name[0] = 0;
	while (set && mnl_attr_ok((const struct nlattr *)pos, end - pos)) {
		const struct nlattr *attr = (const struct nlattr *)pos;
		const char *next = pos + MNL_ALIGN(attr->nla_len);
		uint32_t at = pos - (const char *)req;
		const struct entry *e = find_entry(set, mnl_attr_get_type(attr));

		if (offset >= at + MNL_ALIGN(attr->nla_len)) {
			pos = next;
			continue;
		}
		if (!e)
			return;
		len += snprintf(name + len, size - len, "%s%s", len ? "." : "", e->name);
		if (offset == at || len >= size)
			return;
		set = e->nested;
		pos = mnl_attr_get_payload(attr);
		end = next;
	}
}

struct ext_ack {
	const char *msg;
	uint32_t offset;	/* 0: no attribute is blamed */
	bool range;
	uint64_t min, max;
	uint32_t max_len;	/* 0: none told */
};

static void parse_ext_policy(const struct nlattr *nest, struct ext_ack *ack)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == NL_POLICY_TYPE_ATTR_MAX_LENGTH &&
		    mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			ack->max_len = mnl_attr_get_u32(attr);
		if (mnl_attr_get_payload_len(attr) != sizeof(uint64_t))
			continue;
		if (mnl_attr_get_type(attr) == NL_POLICY_TYPE_ATTR_MIN_VALUE_U)
			ack->min = mnl_attr_get_u64(attr);
		if (mnl_attr_get_type(attr) == NL_POLICY_TYPE_ATTR_MAX_VALUE_U) {
			ack->max = mnl_attr_get_u64(attr);
			ack->range = true;
		}
	}
}

/* the attributes after an error or a dump's end, from @offset in the payload */
static void parse_ext_ack(const struct nlmsghdr *nlh, size_t offset, struct ext_ack *ack)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, offset) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			if (!mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
				ack->msg = mnl_attr_get_str(attr);
			break;
		case NLMSGERR_ATTR_OFFS:
			if (!mnl_attr_validate(attr, MNL_TYPE_U32))
				ack->offset = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_POLICY:
			parse_ext_policy(attr, ack);
			break;
		}
	}
}

static int report(const struct nlmsghdr *req, int code, const struct ext_ack *ack)
{
	char name[64] = "", range[80] = "";

	if (code == EPERM && !ack->msg) {
		error("not permitted: needs CAP_NET_ADMIN: run as root");
		return EXIT_FAILED;
	}
	if (ack->offset)
		attr_name(req, ack->offset, name, sizeof(name));
	if (ack->range)
		snprintf(range, sizeof(range), ": allowed are %llu to %llu",
			 (unsigned long long)ack->min, (unsigned long long)ack->max);
	else if (ack->max_len)
		snprintf(range, sizeof(range), ": at most %u characters", ack->max_len);
	error("%s%s%s%s%s", ack->msg ? ack->msg : strerror(code), range,
	      *name ? " (attribute " : "", name, *name ? ")" : "");
	return code == ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED;
}

/*
 * Requests.
 */

static int conn_open(struct conn *c)
{
	int one = 1;

	if (c->sock)
		return EXIT_OK;
	c->sock = mnl_socket_open(NETLINK_GENERIC);
	if (!c->sock || mnl_socket_bind(c->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		error("can not open a netlink socket: %s", strerror(errno));
		return EXIT_FAILED;
	}
	/* old kernels lack them: errors are then told less well */
	mnl_socket_setsockopt(c->sock, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(c->sock, NETLINK_CAP_ACK, &one, sizeof(one));
	c->seq = time(NULL);
	return EXIT_OK;
}

static void conn_close(struct conn *c)
{
	if (c->sock)
		mnl_socket_close(c->sock);
	c->sock = NULL;
}

static struct nlmsghdr *request_new(uint16_t type, uint8_t command, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request_buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++cmd.seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = command;
	genl->version = 1;
	return nlh;
}

typedef int message_fn(const struct nlmsghdr *nlh, void *data);

/* one message of a reply: -1 go on, else an exit status */
static int take_message(const struct nlmsghdr *req, const struct nlmsghdr *nlh, message_fn *fn,
			void *data)
{
	struct ext_ack ack = { 0 };
	const struct nlmsgerr *err;
	size_t payload;
	int code;

	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		err = mnl_nlmsg_get_payload(nlh);
		if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
			return report(req, EBADMSG, &ack);
		if (!err->error)
			return EXIT_OK;
		payload = sizeof(*err);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			payload += err->msg.nlmsg_len - sizeof(err->msg);
		parse_ext_ack(nlh, payload, &ack);
		return report(req, -err->error, &ack);
	case NLMSG_DONE:
		if (mnl_nlmsg_get_payload_len(nlh) < sizeof(int))
			return EXIT_OK;
		code = *(const int *)mnl_nlmsg_get_payload(nlh);
		if (code >= 0)
			return EXIT_OK;
		parse_ext_ack(nlh, sizeof(int), &ack);
		return report(req, -code, &ack);
	case NLMSG_NOOP:
	case NLMSG_OVERRUN:
		return -1;
	}
	if (fn && fn(nlh, data))
		return EXIT_FAILED;
	return -1;
}

/**
 * request - send a request and take its reply, which an ack or a dump's end closes
 * @nlh: the request
 * @fn: called for each message, non-zero: it said what is wrong
 * @data: for @fn
 *
 * Return: an exit status.
 */
static int request(struct nlmsghdr *nlh, message_fn *fn, void *data)
{
	unsigned int portid = mnl_socket_get_portid(cmd.sock);
	uint32_t seq = nlh->nlmsg_seq;

	if (!(nlh->nlmsg_flags & NLM_F_DUMP))
		nlh->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(cmd.sock, nlh, nlh->nlmsg_len) < 0) {
		error("can not send: %s", strerror(errno));
		return EXIT_FAILED;
	}
	for (;;) {
		ssize_t len = mnl_socket_recvfrom(cmd.sock, reply_buf, sizeof(reply_buf));
		const struct nlmsghdr *msg = (const struct nlmsghdr *)reply_buf;
		int left = len;
		int rc;

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0) {
			error("can not receive: %s", strerror(errno));
			return EXIT_FAILED;
		}
		for (; mnl_nlmsg_ok(msg, left); msg = mnl_nlmsg_next(msg, &left)) {
			if (!mnl_nlmsg_portid_ok(msg, portid) || !mnl_nlmsg_seq_ok(msg, seq))
				continue;
			rc = take_message(nlh, msg, fn, data);
			if (rc >= 0)
				return rc;
		}
	}
}

/*
 * Attributes in.
 */

struct attrs {
	const struct nlattr *tb[MAX_ATTR];
};

static void take_attr(struct attrs *a, const struct nlattr *attr)
{
	if (mnl_attr_get_type(attr) < MAX_ATTR)
		a->tb[mnl_attr_get_type(attr)] = attr;
}

static struct attrs parse_message(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	struct attrs a = { 0 };

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		take_attr(&a, attr);
	return a;
}

static struct attrs parse_nest(const struct nlattr *nest)
{
	const struct nlattr *attr;
	struct attrs a = { 0 };

	if (nest)
		mnl_attr_for_each_nested(attr, nest)
			take_attr(&a, attr);
	return a;
}

/* a missing attribute reads as 0, "" or false */
static uint32_t get_u32(const struct attrs *a, int type)
{
	const struct nlattr *attr = a->tb[type];

	return attr && mnl_attr_get_payload_len(attr) >= 4 ? mnl_attr_get_u32(attr) : 0;
}

static uint64_t get_u64(const struct attrs *a, int type)
{
	const struct nlattr *attr = a->tb[type];

	return attr && mnl_attr_get_payload_len(attr) >= 8 ? mnl_attr_get_u64(attr) : 0;
}

static uint64_t get_u64_or_none(const struct attrs *a, int type)
{
	return a->tb[type] ? get_u64(a, type) : NONE;
}

static void get_str(const struct attrs *a, int type, char *s, size_t size)
{
	const struct nlattr *attr = a->tb[type];
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(s, mnl_attr_get_payload(attr), len);
	s[len] = 0;
}

#define U32(set, name)	get_u32(&a, KVMETER_A_##set##_##name)
#define U64(set, name)	get_u64(&a, KVMETER_A_##set##_##name)
#define FLAG(set, name)	(!!a.tb[KVMETER_A_##set##_##name])

static void read_policy(const struct nlattr *nest, struct policy policy[NR_ACT])
{
	struct attrs a = parse_nest(nest);
	struct policy *p;

	if (U32(POLICY, RESOURCE) >= NR_ACT)
		return;
	p = &policy[U32(POLICY, RESOURCE)];
	p->mode = U32(POLICY, MODE);
	p->shadow = U32(POLICY, SHADOW);
	p->contended_only = U32(POLICY, CONTENDED_ONLY);
	p->nominal_bp = U32(POLICY, NOMINAL_BP);
	p->threshold_mbit = U32(POLICY, THRESHOLD_MBIT);
	p->sensitivity_mbit = U32(POLICY, SENSITIVITY_MBIT);
	p->floor_bp = U32(POLICY, FLOOR_BP);
	p->ceiling_bp = U32(POLICY, CEILING_BP);
	p->step_bp = U32(POLICY, STEP_BP);
	p->dead_band_bp = U32(POLICY, DEAD_BAND_BP);
	p->dwell_ms = U32(POLICY, DWELL_MS);
	p->half_life_s = U32(POLICY, HALF_LIFE_S);
	p->nominal = U64(POLICY, NOMINAL);
	p->follow = U32(POLICY, FOLLOW);
}

static void read_tariff(const struct nlattr *nest, struct tariff *t)
{
	struct attrs a = parse_nest(nest);
	const struct nlattr *attr;

	t->base_ncr_h = U64(TARIFF, BASE_NCR_H);
	t->floor_ncr_h = U64(TARIFF, FLOOR_NCR_H);
	t->ceiling_ncr_h = U64(TARIFF, CEILING_NCR_H);
	t->slew_ncr_h_min = U64(TARIFF, SLEW_NCR_H_MIN);
	t->notice_ms = U32(TARIFF, NOTICE_MS);
	t->rate_ncr[KVMETER_RESOURCE_CPU] = U64(TARIFF, CPU_NCR_H);
	t->rate_ncr[KVMETER_RESOURCE_MEMORY] = U64(TARIFF, MEMORY_NCR_GIB_H);
	t->rate_ncr[KVMETER_RESOURCE_NETWORK] = U64(TARIFF, NETWORK_NCR_GIB);
	t->rate_ncr[KVMETER_RESOURCE_DISK] = U64(TARIFF, DISK_NCR_GIB);
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != KVMETER_A_TARIFF_COST)
			continue;
		a = parse_nest(attr);
		if (U32(COST, RESOURCE) < NR_ACT)
			t->cost_ncr_h[U32(COST, RESOURCE)] = U64(COST, NCR_H);
	}
}

static void read_budget(const struct nlattr *nest, struct budget *b)
{
	struct attrs a = parse_nest(nest);

	b->cap_ncr = U64(BUDGET, CAP_NCR);
	b->period_s = U32(BUDGET, PERIOD_S);
	b->action = U32(BUDGET, ACTION);
	b->pace = U32(BUDGET, PACE);
	b->left_ncr = NONE;
}

static void read_budget_state(const struct nlattr *nest, struct budget *b)
{
	struct attrs a = parse_nest(nest);

	b->spent_ncr = U64(BUDGET_STATE, SPENT_NCR);
	b->left_ncr = get_u64_or_none(&a, KVMETER_A_BUDGET_STATE_LEFT_NCR);
	b->started_real_ns = U64(BUDGET_STATE, STARTED_REAL_NS);
	b->ends_real_ns = U64(BUDGET_STATE, ENDS_REAL_NS);
	b->warned = U32(BUDGET_STATE, WARNED);
	b->capped = FLAG(BUDGET_STATE, CAPPED);
}

static void read_times(const struct nlattr *nest, struct times *t)
{
	struct attrs a = parse_nest(nest);

	t->guest_ns = U64(TIMES, GUEST_NS);
	t->host_ns = U64(TIMES, HOST_NS);
	t->halt_poll_ns = U64(TIMES, HALT_POLL_NS);
	t->wait_ns = U64(TIMES, WAIT_NS);
	t->throttled_ns = U64(TIMES, THROTTLED_NS);
	t->other_ns = U64(TIMES, OTHER_NS);
}

static void read_counts(const struct nlattr *nest, struct counts *c)
{
	struct attrs a = parse_nest(nest);
	const struct nlattr *attr;

	c->exits = U64(COUNTS, EXITS);
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != KVMETER_A_COUNTS_CLASS)
			continue;
		a = parse_nest(attr);
		if (U32(EXIT_COUNT, CLASS) < NR_EXIT_CLASSES)
			c->class[U32(EXIT_COUNT, CLASS)] = U64(EXIT_COUNT, COUNT);
	}
}

static void read_forecast(const struct nlattr *nest, struct forecast *f)
{
	struct attrs a = parse_nest(nest);

	f->predicted = U64(FORECAST, PREDICTED);
	f->p95 = U64(FORECAST, P95);
	f->p99 = U64(FORECAST, P99);
}

static void read_usage(const struct nlattr *nest, struct vm *vm)
{
	struct attrs a = parse_nest(nest);
	struct usage *u;

	if (U32(USAGE, RESOURCE) >= NR_RESOURCES)
		return;
	u = &vm->usage[U32(USAGE, RESOURCE)];
	u->usage = U64(USAGE, USAGE);
	u->demand = U64(USAGE, DEMAND);
	u->next.predicted = U64(USAGE, PREDICTED);
	u->next.p95 = U64(USAGE, P95);
	u->next.p99 = U64(USAGE, P99);
	read_forecast(a.tb[KVMETER_A_USAGE_AHEAD], &u->ahead);
	u->mean = U64(USAGE, MEAN);
	u->alarm = get_u64_or_none(&a, KVMETER_A_USAGE_ALARM);
	u->surprise_mbit = U32(USAGE, SURPRISE_MBIT);
	u->surprise_dir = U32(USAGE, SURPRISE_DIR);
	u->unusual_mbit = U32(USAGE, UNUSUAL_MBIT);
	u->alerts = U64(USAGE, ALERTS);
	u->alert_real_ns = U64(USAGE, ALERT_REAL_NS);
	u->alert_mbit = U32(USAGE, ALERT_MBIT);
	u->grant_bp = U32(USAGE, GRANT_BP);
	u->wanted_bp = U32(USAGE, WANTED_BP);
	u->rest_bp = U32(USAGE, REST_BP);
	u->censored = FLAG(USAGE, CENSORED);
	u->enforced = FLAG(USAGE, ENFORCED);
	u->used = U64(USAGE, USED);
	u->charged_ncr = U64(USAGE, CHARGED_NCR);
	get_str(&a, KVMETER_A_USAGE_UNENFORCEABLE, u->unenforceable, sizeof(u->unenforceable));
}

static void read_vm_model(const struct nlattr *nest, struct vm *vm)
{
	struct attrs a = parse_nest(nest);

	vm->has_model = nest;
	get_str(&a, KVMETER_A_VM_MODEL_IMAGE, vm->model_image, sizeof(vm->model_image));
	vm->model_checksum = U32(VM_MODEL, CHECKSUM);
}

static void read_knob(const struct nlattr *nest, struct knob *k)
{
	struct attrs a = parse_nest(nest);

	get_str(&a, KVMETER_A_KNOB_NAME, k->name, sizeof(k->name));
	k->enforceable = FLAG(KNOB, ENFORCEABLE);
	get_str(&a, KVMETER_A_KNOB_WHY, k->why, sizeof(k->why));
	get_str(&a, KVMETER_A_KNOB_VALUE, k->value, sizeof(k->value));
	get_str(&a, KVMETER_A_KNOB_BEFORE, k->before, sizeof(k->before));
	k->conflict = FLAG(KNOB, CONFLICT);
}

static void read_memory(const struct nlattr *nest, struct memory_use *m)
{
	struct attrs a = parse_nest(nest);
	const struct nlattr *attr;

	m->resident_kib = U64(MEMORY, RESIDENT_KIB);
	m->used_mib_ms = U64(MEMORY, USED_MIB_MS);
	m->minor_faults = U64(MEMORY, MINOR_FAULTS);
	m->major_faults = U64(MEMORY, MAJOR_FAULTS);
	m->working_set_kib = U64(MEMORY, WORKING_SET_KIB);
	m->working_set_source = U32(MEMORY, WORKING_SET_SOURCE);
	m->current_kib = get_u64_or_none(&a, KVMETER_A_MEMORY_CURRENT_KIB);
	m->full_bp = U32(MEMORY, FULL_BP);
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != KVMETER_A_MEMORY_FAULT)
			continue;
		a = parse_nest(attr);
		if (U32(FAULT_COUNT, KIND) < NR_FAULT_KINDS)
			m->faults[U32(FAULT_COUNT, KIND)] = U64(FAULT_COUNT, COUNT);
	}
}

static void read_nic(const struct nlattr *nest, struct nic *n)
{
	struct attrs a = parse_nest(nest);

	get_str(&a, KVMETER_A_NIC_NAME, n->name, sizeof(n->name));
	n->ifindex = U32(NIC, IFINDEX);
	n->found = FLAG(NIC, FOUND);
	n->bytes_in = U64(NIC, IN_BYTES);
	n->bytes_out = U64(NIC, OUT_BYTES);
	n->packets_in = U64(NIC, IN_PACKETS);
	n->packets_out = U64(NIC, OUT_PACKETS);
}

static void read_cgroup(const struct nlattr *nest, struct cgroup *c)
{
	struct attrs a = parse_nest(nest);
	const struct nlattr *attr;

	c->id = U64(CGROUP, ID);
	get_str(&a, KVMETER_A_CGROUP_PATH, c->path, sizeof(c->path));
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == KVMETER_A_CGROUP_KNOB &&
		    c->nr_knobs < ARRAY_SIZE(c->knobs))
			read_knob(attr, &c->knobs[c->nr_knobs++]);
}

static void read_vm(const struct nlmsghdr *nlh, struct vm *vm)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;

	memset(vm, 0, sizeof(*vm));
	vm->id = U32(VM, ID);
	get_str(&a, KVMETER_A_VM_NAME, vm->name, sizeof(vm->name));
	get_str(&a, KVMETER_A_VM_IMAGE, vm->image, sizeof(vm->image));
	vm->tgid = U32(VM, TGID);
	vm->nr_vcpus = U32(VM, NR_VCPUS);
	vm->created_real_ns = U64(VM, CREATED_REAL_NS);
	vm->epoch = U64(VM, EPOCH);
	read_times(a.tb[KVMETER_A_VM_TIMES], &vm->times);
	read_counts(a.tb[KVMETER_A_VM_COUNTS], &vm->counts);
	vm->group_exec_ns = U64(VM, GROUP_EXEC_NS);
	vm->billed_cpu_ns = U64(VM, BILLED_CPU_NS);
	read_tariff(a.tb[KVMETER_A_VM_TARIFF], &vm->tariff);
	read_budget(a.tb[KVMETER_A_VM_BUDGET], &vm->budget);
	read_budget_state(a.tb[KVMETER_A_VM_BUDGET_STATE], &vm->budget);
	vm->price_ncr_h = U64(VM, PRICE_NCR_H);
	vm->pending_ncr_h = U64(VM, PENDING_NCR_H);
	vm->pending_real_ns = U64(VM, PENDING_REAL_NS);
	vm->charged_ncr = U64(VM, CHARGED_NCR);
	vm->charged_time_ncr = U64(VM, CHARGED_TIME_NCR);
	vm->waived_ncr = U64(VM, WAIVED_NCR);
	vm->vcpu_forecasts = U32(VM, VCPU_FORECASTS);
	vm->hints = U32(VM, HINTS);
	vm->hints_taken = U64(VM, HINTS_TAKEN);
	vm->hints_refused = U64(VM, HINTS_REFUSED);
	vm->hints_dropped = U64(VM, HINTS_DROPPED);
	vm->knob_conflict = FLAG(VM, KNOB_CONFLICT);
	vm->gone = FLAG(VM, GONE);
	vm->adjustment_seq = U64(VM, ADJUSTMENT_SEQ);
	vm->price_seq = U64(VM, PRICE_SEQ);
	vm->ledger_next_seq = U64(VM, LEDGER_NEXT_SEQ);
	vm->ledger_acked_seq = U64(VM, LEDGER_ACKED_SEQ);
	vm->ledger_merged = U64(VM, LEDGER_MERGED);
	read_vm_model(a.tb[KVMETER_A_VM_MODEL], vm);
	read_memory(a.tb[KVMETER_A_VM_MEMORY], &vm->memory);
	read_cgroup(a.tb[KVMETER_A_VM_CGROUP], &vm->cgroup);
	get_str(&a, KVMETER_A_VM_CGROUP_WHY, vm->cgroup.why, sizeof(vm->cgroup.why));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == KVMETER_A_VM_USAGE)
			read_usage(attr, vm);
		if (mnl_attr_get_type(attr) == KVMETER_A_VM_POLICY)
			read_policy(attr, vm->policy);
		if (mnl_attr_get_type(attr) == KVMETER_A_VM_NIC &&
		    vm->nr_nics < ARRAY_SIZE(vm->nics))
			read_nic(attr, &vm->nics[vm->nr_nics++]);
	}
}

static void read_adjustment(const struct nlmsghdr *nlh, struct adjustment *j)
{
	struct attrs a = parse_message(nlh);

	memset(j, 0, sizeof(*j));
	j->seq = U64(ADJUSTMENT, SEQ);
	j->epoch = U64(ADJUSTMENT, EPOCH);
	j->real_ns = U64(ADJUSTMENT, REAL_NS);
	j->vm_id = U32(ADJUSTMENT, VM_ID);
	j->resource = U32(ADJUSTMENT, RESOURCE);
	j->reason = U32(ADJUSTMENT, REASON);
	j->mode = U32(ADJUSTMENT, MODE);
	j->source = U32(ADJUSTMENT, SOURCE);
	j->would = FLAG(ADJUSTMENT, WOULD);
	j->enforced = FLAG(ADJUSTMENT, ENFORCED);
	j->old_grant_bp = U32(ADJUSTMENT, OLD_GRANT_BP);
	j->new_grant_bp = U32(ADJUSTMENT, NEW_GRANT_BP);
	j->factor_bp = U32(ADJUSTMENT, FACTOR_BP);
	j->threshold_mbit = U32(ADJUSTMENT, THRESHOLD_MBIT);
	j->surprise_mbit = U32(ADJUSTMENT, SURPRISE_MBIT);
	j->usage_bp = U64(ADJUSTMENT, USAGE_BP);
	j->demand_bp = U64(ADJUSTMENT, DEMAND_BP);
	j->predicted_bp = U64(ADJUSTMENT, PREDICTED_BP);
	j->p99_bp = U64(ADJUSTMENT, P99_BP);
	j->old_ncr_h = U64(ADJUSTMENT, OLD_NCR_H);
	j->new_ncr_h = U64(ADJUSTMENT, NEW_NCR_H);
	j->effective_real_ns = U64(ADJUSTMENT, EFFECTIVE_REAL_NS);
}

static void read_price(const struct nlmsghdr *nlh, struct price_change *p)
{
	struct attrs a = parse_message(nlh);

	memset(p, 0, sizeof(*p));
	p->seq = U64(PRICE, SEQ);
	p->epoch = U64(PRICE, EPOCH);
	p->vm_id = U32(PRICE, VM_ID);
	p->real_ns = U64(PRICE, REAL_NS);
	p->effective_real_ns = U64(PRICE, EFFECTIVE_REAL_NS);
	p->old_ncr_h = U64(PRICE, OLD_NCR_H);
	p->new_ncr_h = U64(PRICE, NEW_NCR_H);
	p->adjustment_seq = U64(PRICE, ADJUSTMENT_SEQ);
}

static void read_record(const struct nlmsghdr *nlh, struct record *r)
{
	struct attrs a = parse_message(nlh);

	memset(r, 0, sizeof(*r));
	r->epoch = U64(RECORD, EPOCH);
	r->vm_id = U32(RECORD, VM_ID);
	r->seq = U64(RECORD, SEQ);
	r->first_seq = U64(RECORD, FIRST_SEQ);
	r->start_real_ns = U64(RECORD, START_REAL_NS);
	r->end_real_ns = U64(RECORD, END_REAL_NS);
	r->span_ns = U64(RECORD, SPAN_NS);
	r->price_ncr_h = U64(RECORD, PRICE_NCR_H);
	r->used[KVMETER_RESOURCE_CPU] = U64(RECORD, CPU_NS);
	r->used[KVMETER_RESOURCE_MEMORY] = U64(RECORD, MEMORY_MIB_MS);
	r->used[KVMETER_RESOURCE_NETWORK] = U64(RECORD, NETWORK_BYTES);
	r->used[KVMETER_RESOURCE_DISK] = U64(RECORD, DISK_COST_BYTES);
	r->time_ncr = U64(RECORD, TIME_NCR);
	r->used_ncr[KVMETER_RESOURCE_CPU] = U64(RECORD, CPU_NCR);
	r->used_ncr[KVMETER_RESOURCE_MEMORY] = U64(RECORD, MEMORY_NCR);
	r->used_ncr[KVMETER_RESOURCE_NETWORK] = U64(RECORD, NETWORK_NCR);
	r->used_ncr[KVMETER_RESOURCE_DISK] = U64(RECORD, DISK_NCR);
	r->waived_ncr = U64(RECORD, WAIVED_NCR);
	r->total_ncr = U64(RECORD, TOTAL_NCR);
	r->total_used[KVMETER_RESOURCE_CPU] = U64(RECORD, TOTAL_CPU_NS);
	r->total_used[KVMETER_RESOURCE_MEMORY] = U64(RECORD, TOTAL_MEMORY_MIB_MS);
	r->total_used[KVMETER_RESOURCE_NETWORK] = U64(RECORD, TOTAL_NETWORK_BYTES);
	r->total_used[KVMETER_RESOURCE_DISK] = U64(RECORD, TOTAL_DISK_COST_BYTES);
	r->total_waived_ncr = U64(RECORD, TOTAL_WAIVED_NCR);
}

static void read_vcpu(const struct nlmsghdr *nlh, struct vcpu *v)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;

	memset(v, 0, sizeof(*v));
	v->vm_id = U32(VCPU, VM_ID);
	v->vcpu_id = U32(VCPU, VCPU_ID);
	v->tid = U32(VCPU, TID);
	read_times(a.tb[KVMETER_A_VCPU_TIMES], &v->times);
	read_counts(a.tb[KVMETER_A_VCPU_COUNTS], &v->counts);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		const struct nlattr *next;
		struct moments *m;
		uint32_t r;

		if (mnl_attr_get_type(attr) != KVMETER_A_VCPU_MOMENTS)
			continue;
		a = parse_nest(attr);
		r = U32(MOMENTS, RESOURCE);
		if (r >= NR_RESOURCES)
			continue;
		m = &v->moments[r];
		v->has_moments |= 1U << r;
		m->mean_q32 = U64(MOMENTS, MEAN_Q32);
		m->var_q16 = U64(MOMENTS, VAR_Q16);
		m->samples = U64(MOMENTS, SAMPLES);
		next = a.tb[KVMETER_A_MOMENTS_NEXT];
		if (!next)
			continue;
		v->has_forecasts |= 1U << r;
		read_forecast(next, &v->next[r]);
		read_forecast(a.tb[KVMETER_A_MOMENTS_AHEAD], &v->ahead[r]);
	}
}

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

static int on_profile(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;
	struct profile *p = data;

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
	return 0;
}

static void read_model(const struct nlmsghdr *nlh, struct weights *m)
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

static int on_samples(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;
	struct samples *s = data;

	memset(s, 0, sizeof(*s));
	s->epoch = U64(SAMPLES, EPOCH);
	s->first_seq = U64(SAMPLES, FIRST_SEQ);
	s->seq = U64(SAMPLES, SEQ);
	s->period_ns = U64(SAMPLES, PERIOD_NS);
	s->end_real_ns = U64(SAMPLES, END_REAL_NS);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == KVMETER_A_SAMPLES_SERIES)
			read_series(attr, s);
	return 0;
}

static int on_blob(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *bytes = a.tb[KVMETER_A_PROFILE_DATA];
	struct blob *blob = data;

	blob->len = bytes ? mnl_attr_get_payload_len(bytes) : 0;
	if (!blob->len || blob->len > BLOB_MAX) {
		error("the module sent no profile");
		return -1;
	}
	memcpy(blob->bytes, mnl_attr_get_payload(bytes), blob->len);
	return 0;
}

static int on_host(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;
	struct host *h = data;

	memset(h, 0, sizeof(*h));
	get_str(&a, KVMETER_A_HOST_VERSION, h->version, sizeof(h->version));
	h->epoch = U64(HOST, EPOCH);
	h->nr_vms = U32(HOST, NR_VMS);
	h->period_ns = U64(HOST, PERIOD_NS);
	h->record_ns = U64(HOST, RECORD_NS);
	h->burst_ns = U64(HOST, BURST_NS);
	h->adjustment_seq = U64(HOST, ADJUSTMENT_SEQ);
	read_tariff(a.tb[KVMETER_A_HOST_TARIFF], &h->tariff);
	read_budget(a.tb[KVMETER_A_HOST_BUDGET], &h->budget);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		struct knob *k = &h->knobs[h->nr_knobs];

		if (mnl_attr_get_type(attr) == KVMETER_A_HOST_POLICY)
			read_policy(attr, h->policy);
		if (mnl_attr_get_type(attr) != KVMETER_A_HOST_KNOB ||
		    h->nr_knobs == ARRAY_SIZE(h->knobs))
			continue;
		read_knob(attr, k);
		h->nr_knobs++;
	}
	return 0;
}

/*
 * Objects, one by one and in arrays.
 */

struct array {
	void *p;
	size_t nr, size, room;
};

static void *array_add(struct array *v)
{
	if (v->nr == v->room) {
		size_t room = v->room ? 2 * v->room : 16;
		void *p = reallocarray(v->p, room, v->size);

		if (!p) {
			error("out of memory");
			return NULL;
		}
		v->p = p;
		v->room = room;
	}
	return (char *)v->p + v->size * v->nr++;
}

#define ADDER(name, type)						\
static int on_##name(const struct nlmsghdr *nlh, void *data)		\
{									\
	type *one = array_add(data);					\
									\
	if (!one)							\
		return -1;						\
	read_##name(nlh, one);						\
	return 0;							\
}

ADDER(vm, struct vm)
ADDER(vcpu, struct vcpu)
ADDER(adjustment, struct adjustment)
ADDER(price, struct price_change)
ADDER(record, struct record)
ADDER(model, struct weights)

static int on_one_vm(const struct nlmsghdr *nlh, void *data)
{
	read_vm(nlh, data);
	return 0;
}

static int on_one_adjustment(const struct nlmsghdr *nlh, void *data)
{
	read_adjustment(nlh, data);
	return 0;
}

static int dump(struct nlmsghdr *nlh, message_fn *fn, size_t size, void *objects, size_t *nr)
{
	struct array v = { .size = size };
	int rc = request(nlh, fn, &v);

	if (rc != EXIT_OK) {
		free(v.p);
		v.p = NULL;
		v.nr = 0;
	}
	memcpy(objects, &v.p, sizeof(v.p));
	*nr = v.nr;
	return rc;
}

int ipc_host_get(struct host *host)
{
	return request(request_new(family_id, KVMETER_CMD_HOST_GET, 0), on_host, host);
}

int ipc_vm_list(struct vm **vms, size_t *nr)
{
	return dump(request_new(family_id, KVMETER_CMD_VM_GET, NLM_F_DUMP), on_vm,
		    sizeof(struct vm), vms, nr);
}

int ipc_vm_get(uint32_t id, struct vm *vm)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_VM_GET, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_VM_ID, id);
	return request(nlh, on_one_vm, vm);
}

int ipc_vcpu_list(uint32_t vm_id, struct vcpu **vcpus, size_t *nr)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_VCPU_GET, NLM_F_DUMP);

	if (vm_id != ALL_VMS)
		mnl_attr_put_u32(nlh, KVMETER_A_VCPU_VM_ID, vm_id);
	return dump(nlh, on_vcpu, sizeof(struct vcpu), vcpus, nr);
}

static struct nlmsghdr *profile_request(uint8_t command, const struct profile_of *of)
{
	struct nlmsghdr *nlh = request_new(family_id, command, 0);

	if (of->image)
		mnl_attr_put_strz(nlh, KVMETER_A_PROFILE_IMAGE, of->image);
	else
		mnl_attr_put_u32(nlh, KVMETER_A_PROFILE_VM_ID, of->vm_id);
	if (of->resource >= 0)
		mnl_attr_put_u32(nlh, KVMETER_A_PROFILE_RESOURCE, of->resource);
	return nlh;
}

int ipc_profile_get(const struct profile_of *of, struct profile *profile)
{
	return request(profile_request(KVMETER_CMD_PROFILE_GET, of), on_profile, profile);
}

int ipc_profile_export(const struct profile_of *of, struct blob *blob)
{
	return request(profile_request(KVMETER_CMD_PROFILE_EXPORT, of), on_blob, blob);
}

int ipc_profile_import(const struct profile_of *of, const struct blob *blob)
{
	struct nlmsghdr *nlh = profile_request(KVMETER_CMD_PROFILE_IMPORT, of);

	mnl_attr_put(nlh, KVMETER_A_PROFILE_DATA, blob->len, blob->bytes);
	return request(nlh, NULL, NULL);
}

int ipc_profile_reset(const struct profile_of *of)
{
	return request(profile_request(KVMETER_CMD_PROFILE_RESET, of), NULL, NULL);
}

int ipc_model_set(const char *image, const struct blob *blob)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_MODEL_SET, 0);

	mnl_attr_put_strz(nlh, KVMETER_A_MODEL_IMAGE, image);
	mnl_attr_put(nlh, KVMETER_A_MODEL_DATA, blob->len, blob->bytes);
	return request(nlh, NULL, NULL);
}

int ipc_model_del(const char *image)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_MODEL_DEL, 0);

	mnl_attr_put_strz(nlh, KVMETER_A_MODEL_IMAGE, image);
	return request(nlh, NULL, NULL);
}

int ipc_model_list(struct weights **models, size_t *nr)
{
	return dump(request_new(family_id, KVMETER_CMD_MODEL_GET, NLM_F_DUMP), on_model,
		    sizeof(struct weights), models, nr);
}

int ipc_samples(uint32_t vm_id, uint64_t since, struct samples *samples)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_SAMPLE_GET, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_SAMPLES_VM_ID, vm_id);
	mnl_attr_put_u64(nlh, KVMETER_A_SAMPLES_SINCE_SEQ, since);
	return request(nlh, on_samples, samples);
}

int ipc_adjustment_get(uint64_t seq, struct adjustment *adjustment)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_ADJUSTMENT_GET, 0);

	mnl_attr_put_u64(nlh, KVMETER_A_ADJUSTMENT_SEQ, seq);
	return request(nlh, on_one_adjustment, adjustment);
}

int ipc_log(uint32_t vm_id, uint64_t since, struct adjustment **log, size_t *nr)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_LOG_GET, NLM_F_DUMP);

	if (vm_id != ALL_VMS)
		mnl_attr_put_u32(nlh, KVMETER_A_ADJUSTMENT_VM_ID, vm_id);
	mnl_attr_put_u64(nlh, KVMETER_A_ADJUSTMENT_SINCE_SEQ, since);
	return dump(nlh, on_adjustment, sizeof(struct adjustment), log, nr);
}

int ipc_prices(uint32_t vm_id, uint64_t since, struct price_change **prices, size_t *nr)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_PRICE_GET, NLM_F_DUMP);

	if (vm_id != ALL_VMS) {
		mnl_attr_put_u32(nlh, KVMETER_A_PRICE_VM_ID, vm_id);
		mnl_attr_put_u64(nlh, KVMETER_A_PRICE_SINCE_SEQ, since);
	}
	return dump(nlh, on_price, sizeof(struct price_change), prices, nr);
}

int ipc_ledger(uint32_t vm_id, uint64_t since, struct record **records, size_t *nr)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_LEDGER_GET, NLM_F_DUMP);

	mnl_attr_put_u32(nlh, KVMETER_A_RECORD_VM_ID, vm_id);
	mnl_attr_put_u64(nlh, KVMETER_A_RECORD_SINCE_SEQ, since);
	return dump(nlh, on_record, sizeof(struct record), records, nr);
}

int ipc_ledger_ack(uint32_t vm_id, uint64_t seq)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_LEDGER_ACK, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_RECORD_VM_ID, vm_id);
	mnl_attr_put_u64(nlh, KVMETER_A_RECORD_SEQ, seq);
	return request(nlh, NULL, NULL);
}

int ipc_cgroup_attach(uint32_t vm_id, int fd)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_CGROUP_ATTACH, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_HANDOVER_VM_ID, vm_id);
	mnl_attr_put_u32(nlh, KVMETER_A_HANDOVER_FD, fd);
	return request(nlh, NULL, NULL);
}

int ipc_cgroup_detach(uint32_t vm_id)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_CGROUP_DETACH, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_HANDOVER_VM_ID, vm_id);
	return request(nlh, NULL, NULL);
}

int ipc_net_bind(uint32_t vm_id, uint32_t ifindex, int netns_fd, bool bind)
{
	struct nlmsghdr *nlh = request_new(family_id, bind ? KVMETER_CMD_NET_BIND :
					   KVMETER_CMD_NET_UNBIND, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_NIC_BIND_VM_ID, vm_id);
	mnl_attr_put_u32(nlh, KVMETER_A_NIC_BIND_IFINDEX, ifindex);
	if (netns_fd >= 0)
		mnl_attr_put_u32(nlh, KVMETER_A_NIC_BIND_NETNS_FD, netns_fd);
	return request(nlh, NULL, NULL);
}

struct suggestion {
	uint32_t grant_bp;
	uint64_t price_ncr_h;
};

static int on_suggestion(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = parse_message(nlh);
	struct suggestion *s = data;

	s->grant_bp = U32(SUGGESTION, GRANT_BP);
	s->price_ncr_h = U64(SUGGESTION, PRICE_NCR_H);
	return 0;
}

int ipc_suggest(uint32_t vm_id, uint32_t resource, uint32_t *grant_bp, uint32_t duration_ms,
		uint64_t *price_ncr_h)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_SUGGEST, 0);
	struct suggestion s = { 0 };
	int rc;

	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_VM_ID, vm_id);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_RESOURCE, resource);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_GRANT_BP, *grant_bp);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_DURATION_MS, duration_ms);
	rc = request(nlh, on_suggestion, &s);
	*grant_bp = s.grant_bp;
	*price_ncr_h = s.price_ncr_h;
	return rc;
}

static int on_quote(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = parse_message(nlh);
	struct quote *q = data;

	q->grant_bp = U32(SUGGESTION, GRANT_BP);
	q->answer = U32(SUGGESTION, ANSWER);
	q->now_ncr_h = U64(SUGGESTION, NOW_NCR_H);
	q->price_ncr_h = U64(SUGGESTION, PRICE_NCR_H);
	q->effective_real_ns = U64(SUGGESTION, EFFECTIVE_REAL_NS);
	return 0;
}

int ipc_quote(uint32_t vm_id, uint32_t resource, uint32_t grant_bp, struct quote *quote)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_QUOTE, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_VM_ID, vm_id);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_RESOURCE, resource);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_GRANT_BP, grant_bp);
	memset(quote, 0, sizeof(*quote));
	return request(nlh, on_quote, quote);
}

/*
 * Changes.
 */

static void put_change(struct nlmsghdr *nlh, const struct change *c)
{
	struct nlattr *cost;

	if (c->to == TO_COST) {
		cost = mnl_attr_nest_start(nlh, KVMETER_A_TARIFF_COST);
		mnl_attr_put_u32(nlh, KVMETER_A_COST_RESOURCE, c->attr);
		mnl_attr_put_u64(nlh, KVMETER_A_COST_NCR_H, c->value);
		mnl_attr_nest_end(nlh, cost);
	} else if (c->type == CHANGE_STR) {
		mnl_attr_put_strz(nlh, c->attr, c->str);
	} else if (c->type == CHANGE_U64) {
		mnl_attr_put_u64(nlh, c->attr, c->value);
	} else {
		mnl_attr_put_u32(nlh, c->attr, c->value);
	}
}

/* all changes to @to, in a nest; costs lie within the tariff's */
static void put_changes(struct nlmsghdr *nlh, const struct changes *changes, enum change_to to,
			uint16_t nest_type)
{
	struct nlattr *nest = NULL;
	size_t i;

	for (i = 0; i < changes->nr; i++) {
		const struct change *c = &changes->c[i];

		if (c->to != to && !(c->to == TO_COST && to == TO_TARIFF))
			continue;
		if (!nest && nest_type)
			nest = mnl_attr_nest_start(nlh, nest_type);
		put_change(nlh, c);
	}
	if (nest)
		mnl_attr_nest_end(nlh, nest);
}

int ipc_vm_set(uint32_t id, const struct changes *changes)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_VM_SET, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_VM_ID, id);
	put_changes(nlh, changes, TO_TOP, 0);
	put_changes(nlh, changes, TO_POLICY, KVMETER_A_VM_POLICY);
	put_changes(nlh, changes, TO_TARIFF, KVMETER_A_VM_TARIFF);
	put_changes(nlh, changes, TO_BUDGET, KVMETER_A_VM_BUDGET);
	return request(nlh, NULL, NULL);
}

int ipc_host_set(const struct changes *changes)
{
	struct nlmsghdr *nlh = request_new(family_id, KVMETER_CMD_HOST_SET, 0);

	put_changes(nlh, changes, TO_TOP, 0);
	put_changes(nlh, changes, TO_POLICY, KVMETER_A_HOST_POLICY);
	put_changes(nlh, changes, TO_TARIFF, KVMETER_A_HOST_TARIFF);
	put_changes(nlh, changes, TO_BUDGET, KVMETER_A_HOST_BUDGET);
	return request(nlh, NULL, NULL);
}

int ipc_vm_find(const char *id_or_name, struct vm *vm)
{
	struct vm *vms, *found = NULL;
	uint64_t gone_id;
	char id[16];
	size_t nr, i;
	int rc;

	rc = ipc_vm_list(&vms, &nr);
	if (rc)
		return rc;
	for (i = 0; i < nr; i++) {
		snprintf(id, sizeof(id), "%u", vms[i].id);
		if (strcmp(id, id_or_name) && (!*id_or_name || strcmp(vms[i].name, id_or_name)))
			continue;
		if (found) {
			error("\"%s\" is ambiguous: it may be VM %u or %u: give an id",
			      id_or_name, found->id, vms[i].id);
			free(vms);
			return EXIT_FAILED;
		}
		found = &vms[i];
	}
	if (found)
		*vm = *found;
	free(vms);
	if (found)
		return EXIT_OK;

	/* one that is gone is not in the list, but its records answer to its id */
	if (!parse_u64(id_or_name, &gone_id) && gone_id <= UINT32_MAX) {
		error_silent(true);
		rc = ipc_vm_get(gone_id, vm);
		error_silent(false);
		if (!rc)
			return EXIT_OK;
	}
	error("no VM \"%s\": kvmeter list shows those there are", id_or_name);
	return EXIT_NOT_FOUND;
}

/*
 * Connection.
 */

static void read_groups(const struct nlattr *groups)
{
	const struct nlattr *one;
	size_t g;

	mnl_attr_for_each_nested(one, groups) {
		struct attrs a = parse_nest(one);
		char name[GENL_NAMSIZ];

		get_str(&a, CTRL_ATTR_MCAST_GRP_NAME, name, sizeof(name));
		for (g = 0; g < NR_GROUPS; g++)
			if (!strcmp(name, group_names[g]))
				group_ids[g] = get_u32(&a, CTRL_ATTR_MCAST_GRP_ID);
	}
}

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = parse_message(nlh);

	(void)data;
	if (a.tb[CTRL_ATTR_FAMILY_ID])
		family_id = mnl_attr_get_u16(a.tb[CTRL_ATTR_FAMILY_ID]);
	if (a.tb[CTRL_ATTR_MCAST_GROUPS])
		read_groups(a.tb[CTRL_ATTR_MCAST_GROUPS]);
	return 0;
}

int ipc_open(void)
{
	struct nlmsghdr *nlh;
	int rc;

	rc = conn_open(&cmd);
	if (rc)
		return rc;
	if (family_id)
		return EXIT_OK;
	nlh = request_new(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KVMETER_FAMILY_NAME);
	error_silent(true);
	rc = request(nlh, on_family, NULL);
	error_silent(false);
	if (!rc && family_id)
		return EXIT_OK;
	error("the kvmeter kernel module is not loaded: modprobe kvmeter");
	return EXIT_NO_MODULE;
}

void ipc_close(void)
{
	conn_close(&cmd);
	conn_close(&mcast);
}

/*
 * Notices.
 */

int ipc_watch(unsigned int groups)
{
	int rcvbuf = WATCH_RCVBUF;
	size_t g;
	int rc;

	rc = conn_open(&mcast);
	if (rc)
		return rc;
	/* beyond the system's limit where the caller may, else up to it */
	if (setsockopt(mnl_socket_get_fd(mcast.sock), SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf,
		       sizeof(rcvbuf)))
		setsockopt(mnl_socket_get_fd(mcast.sock), SOL_SOCKET, SO_RCVBUF, &rcvbuf,
			   sizeof(rcvbuf));
	for (g = 0; g < NR_GROUPS; g++) {
		if (!(groups & 1U << g))
			continue;
		if (mnl_socket_setsockopt(mcast.sock, NETLINK_ADD_MEMBERSHIP, &group_ids[g],
					  sizeof(group_ids[g])) < 0) {
			error("can not listen to %s: %s%s", group_names[g], strerror(errno),
			      errno == EPERM ? ": needs CAP_NET_ADMIN: run as root" : "");
			return EXIT_FAILED;
		}
	}
	return EXIT_OK;
}

static void read_vm_notice(const struct nlmsghdr *nlh, enum group group, enum event event,
			   uint64_t seq, struct notice *n)
{
	n->group = group;
	n->event = event;
	n->seq = seq;
	read_vm(nlh, &n->vm);
}

/* false: not one that we know */
static bool read_notice(const struct nlmsghdr *nlh, struct notice *n)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct attrs a;

	if (nlh->nlmsg_type != family_id || mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return false;
	memset(n, 0, sizeof(*n));
	a = parse_message(nlh);
	switch (genl->cmd) {
	case KVMETER_CMD_VM_NEW_NTF:
	case KVMETER_CMD_VM_GONE_NTF:
		read_vm_notice(nlh, GROUP_LIFECYCLE, genl->cmd == KVMETER_CMD_VM_NEW_NTF ?
			       EVENT_VM_NEW : EVENT_VM_GONE, U64(VM, NOTICE_SEQ), n);
		return true;
	case KVMETER_CMD_BUDGET_NTF:
		n->budget_events = U32(VM, BUDGET_EVENT);
		read_vm_notice(nlh, GROUP_BUDGET, EVENT_BUDGET, U64(VM, NOTICE_SEQ), n);
		return true;
	case KVMETER_CMD_ALERT_NTF:
		n->alerted = U32(VM, ALERTED);
		read_vm_notice(nlh, GROUP_ALERT, EVENT_ALERT, U64(VM, NOTICE_SEQ), n);
		return true;
	case KVMETER_CMD_PRICE_NTF:
		n->group = GROUP_PRICE;
		n->event = EVENT_PRICE;
		n->seq = U64(PRICE, NOTICE_SEQ);
		read_price(nlh, &n->price);
		return true;
	case KVMETER_CMD_ADJUST_NTF:
		n->group = GROUP_ADJUST;
		n->event = EVENT_ADJUST;
		n->seq = U64(ADJUSTMENT, NOTICE_SEQ);
		read_adjustment(nlh, &n->adjustment);
		return true;
	}
	return false;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* The kernel sends each notice as a datagram of its own. */
int ipc_watch_next(struct notice *notice, int timeout_ms)
{
	int64_t until = now_ms() + timeout_ms;
	static char buf[BUF_SIZE];

	for (;;) {
		struct pollfd pfd = { .fd = mnl_socket_get_fd(mcast.sock), .events = POLLIN };
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
		int64_t left = until - now_ms();
		ssize_t len;
		int n;

		n = poll(&pfd, 1, timeout_ms < 0 ? -1 : left > 0 ? (int)left : 0);
		if (n < 0 && errno == EINTR)
			return WATCH_TIMEOUT;
		if (!n)
			return WATCH_TIMEOUT;
		len = n < 0 ? n : mnl_socket_recvfrom(mcast.sock, buf, sizeof(buf));
		if (len < 0 && (errno == ENOBUFS || errno == ENOSPC))
			return WATCH_OVERRUN;
		if (len < 0 && errno != EINTR && errno != EAGAIN) {
			error("can not receive: %s", strerror(errno));
			return EXIT_FAILED;
		}
		if (len > 0 && mnl_nlmsg_ok(nlh, len) && read_notice(nlh, notice))
			return WATCH_NOTICE;
	}
}
