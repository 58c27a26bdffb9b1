// SPDX-License-Identifier: GPL-2.0
/*
 * sample - what every VM uses, is granted and pays, ten times a second
 *
 *   sample >timeline.csv
 *
 * A line per VM, resource that it is sold, and sample. Usage, forecast and nominal amount are in the
 * resource's unit: see enum kvmeter_resource. Ends when kvmeter is gone, or by a signal.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/kvmeter_nl.h>

#define INTERVAL_NS	100000000L
#define NSEC_PER_SEC	1000000000L
#define NR_ATTRS	64
#define NR_RESOURCES	KVMETER_RESOURCE_EXITS	/* those that are sold */

struct attrs {
	const struct nlattr *tb[NR_ATTRS];
};

static const char * const resource_names[NR_RESOURCES] = {
	[KVMETER_RESOURCE_CPU] = "cpu",
	[KVMETER_RESOURCE_MEMORY] = "memory",
	[KVMETER_RESOURCE_NETWORK] = "network",
	[KVMETER_RESOURCE_DISK] = "disk",
};

static struct mnl_socket *sock;
static uint16_t family;
static char buf[65536];
static volatile sig_atomic_t stop;

static int add_attr(const struct nlattr *attr, void *data)
{
	struct attrs *a = data;

	if (mnl_attr_get_type(attr) < NR_ATTRS)
		a->tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static struct attrs nested(const struct nlattr *nest)
{
	struct attrs a = { 0 };

	if (nest)
		mnl_attr_parse_nested(nest, add_attr, &a);
	return a;
}

/* Netlink's unsigned integers: four bytes or eight, as they need */
static unsigned long long num(const struct attrs *a, int type)
{
	const struct nlattr *attr = a->tb[type];

	if (!attr)
		return 0;
	return mnl_attr_get_payload_len(attr) == 8 ? mnl_attr_get_u64(attr) :
						     mnl_attr_get_u32(attr);
}

static int take_family(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = { 0 };

	(void)data;
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), add_attr, &a);
	if (a.tb[CTRL_ATTR_FAMILY_ID])
		family = mnl_attr_get_u16(a.tb[CTRL_ATTR_FAMILY_ID]);
	return MNL_CB_OK;
}

/* What a 100 % grant of each resource is; 0: not sold */
static void take_nominal(const struct nlmsghdr *nlh, unsigned long long nominal[NR_RESOURCES])
{
	const struct nlattr *attr;
	unsigned long long r;
	struct attrs policy;

	memset(nominal, 0, NR_RESOURCES * sizeof(*nominal));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != KVMETER_A_VM_POLICY)
			continue;
		policy = nested(attr);
		r = num(&policy, KVMETER_A_POLICY_RESOURCE);
		if (r < NR_RESOURCES)
			nominal[r] = num(&policy, r == KVMETER_RESOURCE_CPU ?
						  KVMETER_A_POLICY_NOMINAL_BP :
						  KVMETER_A_POLICY_NOMINAL);
	}
}

static int take_vm(const struct nlmsghdr *nlh, void *data)
{
	unsigned long long nominal[NR_RESOURCES], r;
	const struct timespec *t = data;
	struct attrs vm = { 0 }, usage;
	const struct nlattr *attr;

	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), add_attr, &vm);
	if (!vm.tb[KVMETER_A_VM_NAME])
		return MNL_CB_OK;
	take_nominal(nlh, nominal);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != KVMETER_A_VM_USAGE)
			continue;
		usage = nested(attr);
		r = num(&usage, KVMETER_A_USAGE_RESOURCE);
		if (r >= NR_RESOURCES || !nominal[r])
			continue;
		printf("%lld,%llu,%s,%s,%llu,%llu,%llu,%llu,%llu,%llu\n",
		       (long long)t->tv_sec * 1000 + t->tv_nsec / 1000000,
		       num(&vm, KVMETER_A_VM_ID), mnl_attr_get_str(vm.tb[KVMETER_A_VM_NAME]),
		       resource_names[r], num(&usage, KVMETER_A_USAGE_USAGE),
		       num(&usage, KVMETER_A_USAGE_PREDICTED), num(&usage, KVMETER_A_USAGE_P99),
		       nominal[r], num(&usage, KVMETER_A_USAGE_GRANT_BP),
		       num(&vm, KVMETER_A_VM_PRICE_NCR_H));
	}
	return MNL_CB_OK;
}

static struct nlmsghdr *request(uint16_t type, uint8_t command, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = command;
	genl->version = 1;
	return nlh;
}

/* Send and take the replies until the acknowledgment or the dump's end */
static bool talk(struct nlmsghdr *nlh, mnl_cb_t take, void *data)
{
	static unsigned int seq;
	int ret = MNL_CB_OK;
	ssize_t len;

	nlh->nlmsg_seq = ++seq;
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return false;
	while (ret > MNL_CB_STOP) {
		len = mnl_socket_recvfrom(sock, buf, sizeof(buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return false;
		ret = mnl_cb_run(buf, len, seq, mnl_socket_get_portid(sock), take, data);
	}
	return ret == MNL_CB_STOP;
}

static bool find_family(void)
{
	struct nlmsghdr *nlh = request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KVMETER_FAMILY_NAME);
	return talk(nlh, take_family, NULL) && family;
}

static void on_signal(int sig)
{
	stop = sig;
}

int main(void)
{
	struct timespec next, now;

	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	sock = mnl_socket_open(NETLINK_GENERIC);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0 || !find_family()) {
		fprintf(stderr, "sample: kvmeter is not there: %s\n", strerror(errno));
		return 1;
	}

	puts("real_ms,vm_id,name,resource,usage,predicted,p99,nominal,grant_bp,price_ncr_h");
	clock_gettime(CLOCK_MONOTONIC, &next);
	while (!stop) {
		clock_gettime(CLOCK_REALTIME, &now);
		if (!talk(request(family, KVMETER_CMD_VM_GET, NLM_F_DUMP), take_vm, &now))
			break;
		fflush(stdout);
		next.tv_nsec += INTERVAL_NS;
		if (next.tv_nsec >= NSEC_PER_SEC) {
			next.tv_nsec -= NSEC_PER_SEC;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	mnl_socket_close(sock);
	return 0;
}
