// SPDX-License-Identifier: GPL-2.0
#include "ipc/request.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/genetlink.h>

#include "ipc/ack.h"
#include "ipc/error.h"

/* since libmnl 1.0.5 in its own headers */
#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

#define GO_ON	(-1)

static struct mnl_socket *requests;
static unsigned int last_seq;
static char request_buf[REQUEST_BUF_SIZE];
static char reply_buf[REQUEST_BUF_SIZE];

int conn_open(struct mnl_socket **sock)
{
	int one = 1;

	if (*sock)
		return EXIT_OK;
	*sock = mnl_socket_open(NETLINK_GENERIC);
	if (!*sock || mnl_socket_bind(*sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return ipc_fail(EXIT_FAILED, "cannot open a netlink socket: %s", strerror(errno));
	/* old kernels lack them: errors are then told less well */
	mnl_socket_setsockopt(*sock, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(*sock, NETLINK_CAP_ACK, &one, sizeof(one));
	return EXIT_OK;
}

void conn_close(struct mnl_socket **sock)
{
	if (*sock)
		mnl_socket_close(*sock);
	*sock = NULL;
}

int requests_open(void)
{
	if (!requests)
		last_seq = time(NULL);
	return conn_open(&requests);
}

void requests_close(void)
{
	conn_close(&requests);
}

struct nlmsghdr *request_new(uint16_t type, uint8_t command, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request_buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++last_seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = command;
	genl->version = 1;
	return nlh;
}

static int take_error(const struct nlmsghdr *req, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t payload = sizeof(*err);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		return ack_fail(req, NULL, 0, EBADMSG);
	if (!err->error)
		return EXIT_OK;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		payload += err->msg.nlmsg_len - sizeof(err->msg);
	return ack_fail(req, nlh, payload, -err->error);
}

static int take_done(const struct nlmsghdr *req, const struct nlmsghdr *nlh)
{
	int code;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(int))
		return EXIT_OK;
	code = *(const int *)mnl_nlmsg_get_payload(nlh);
	return code < 0 ? ack_fail(req, nlh, sizeof(int), -code) : EXIT_OK;
}

/* one message of a reply: GO_ON, or an exit status */
static int take_message(const struct nlmsghdr *req, const struct nlmsghdr *nlh, message_fn *fn,
			void *data)
{
	int rc;

	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		return take_error(req, nlh);
	case NLMSG_DONE:
		return take_done(req, nlh);
	case NLMSG_NOOP:
	case NLMSG_OVERRUN:
		return GO_ON;
	}
	rc = fn ? fn(nlh, data) : EXIT_OK;
	return rc ? rc : GO_ON;
}

int request(struct nlmsghdr *nlh, message_fn *fn, void *data)
{
	unsigned int portid = mnl_socket_get_portid(requests);
	uint32_t seq = nlh->nlmsg_seq;

	if (!(nlh->nlmsg_flags & NLM_F_DUMP))
		nlh->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(requests, nlh, nlh->nlmsg_len) < 0)
		return ipc_fail(EXIT_FAILED, "cannot send: %s", strerror(errno));
	for (;;) {
		ssize_t len = mnl_socket_recvfrom(requests, reply_buf, sizeof(reply_buf));
		const struct nlmsghdr *msg = (const struct nlmsghdr *)reply_buf;
		int left = len;
		int rc;

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return ipc_fail(EXIT_FAILED, "cannot receive: %s", strerror(errno));
		for (; mnl_nlmsg_ok(msg, left); msg = mnl_nlmsg_next(msg, &left)) {
			if (!mnl_nlmsg_portid_ok(msg, portid) || !mnl_nlmsg_seq_ok(msg, seq))
				continue;
			rc = take_message(nlh, msg, fn, data);
			if (rc != GO_ON)
				return rc;
		}
	}
}
