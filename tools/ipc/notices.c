// SPDX-License-Identifier: GPL-2.0
#include "data/clock.h"
#include "ipc/notices.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>

#include "ipc/attr.h"
#include "ipc/error.h"
#include "ipc/open.h"
#include "ipc/read_log.h"
#include "ipc/read_vm.h"
#include "ipc/request.h"

#define WATCH_RCVBUF	(4 << 20)

static struct mnl_socket *mcast;

int ipc_watch(unsigned int groups)
{
	int rcvbuf = WATCH_RCVBUF;
	uint32_t id;
	size_t g;
	int rc;

	rc = conn_open(&mcast);
	if (rc)
		return rc;
	/* beyond the system's limit where the caller may, else up to it */
	if (setsockopt(mnl_socket_get_fd(mcast), SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf,
		       sizeof(rcvbuf)))
		setsockopt(mnl_socket_get_fd(mcast), SOL_SOCKET, SO_RCVBUF, &rcvbuf,
			   sizeof(rcvbuf));
	for (g = 0; g < NR_GROUPS; g++) {
		if (!(groups & 1U << g))
			continue;
		id = module_group(g);
		if (mnl_socket_setsockopt(mcast, NETLINK_ADD_MEMBERSHIP, &id, sizeof(id)) < 0)
			return ipc_fail(EXIT_FAILED, "cannot listen to %s: %s%s",
					group_info[g].name, strerror(errno),
					errno == EPERM ? ": needs CAP_NET_ADMIN: run as root" : "");
	}
	return EXIT_OK;
}

void ipc_watch_close(void)
{
	conn_close(&mcast);
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

	if (!module_sent(nlh))
		return false;
	memset(n, 0, sizeof(*n));
	a = parse_message(nlh);
	switch (genl->cmd) {
	case KVMETER_CMD_VM_NEW_NTF:
	case KVMETER_CMD_VM_GONE_NTF:
		read_vm_notice(nlh, GROUP_LIFECYCLE, genl->cmd == KVMETER_CMD_VM_NEW_NTF ?
			       EVENT_VM_NEW : EVENT_VM_GONE, U64(VM, NOTICE_SEQ), n);
		return true;
	case KVMETER_CMD_LAPSED_NTF:
		n->group = GROUP_LIFECYCLE;
		n->event = EVENT_LAPSED;
		n->seq = U64(HOST, NOTICE_SEQ);
		read_host(nlh, &n->host);
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

/* The kernel sends each notice as a datagram of its own. */
int ipc_watch_next(struct notice *notice, int timeout_ms)
{
	int64_t until = clock_ms() + timeout_ms;
	static char buf[REQUEST_BUF_SIZE];

	for (;;) {
		struct pollfd pfd = { .fd = mnl_socket_get_fd(mcast), .events = POLLIN };
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
		int64_t left = until - clock_ms();
		ssize_t len;
		int n;

		n = poll(&pfd, 1, timeout_ms < 0 ? -1 : left > 0 ? (int)left : 0);
		if (n < 0 && errno == EINTR)
			return WATCH_TIMEOUT;
		if (!n)
			return WATCH_TIMEOUT;
		len = n < 0 ? n : mnl_socket_recvfrom(mcast, buf, sizeof(buf));
		if (len < 0 && (errno == ENOBUFS || errno == ENOSPC))
			return WATCH_OVERRUN;
		if (len < 0 && errno != EINTR && errno != EAGAIN)
			return ipc_fail(EXIT_FAILED, "cannot receive: %s", strerror(errno));
		if (len > 0 && mnl_nlmsg_ok(nlh, len) && read_notice(nlh, notice))
			return WATCH_NOTICE;
	}
}
