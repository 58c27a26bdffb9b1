/* SPDX-License-Identifier: GPL-2.0 */
/* Extended acks: what the kernel says about a request that it refuses. */
#ifndef KVMETER_ACK_H
#define KVMETER_ACK_H

#include <stddef.h>

#include <libmnl/libmnl.h>

/**
 * ack_fail - leave the text of a refusal for ipc_error()
 * @req: the request, whose attribute may be blamed
 * @nlh: the answer; NULL: there is none that could be read
 * @offset: in its payload, of the attributes that explain it
 * @code: the error
 *
 * Return: an exit status, not EXIT_OK.
 */
int ack_fail(const struct nlmsghdr *req, const struct nlmsghdr *nlh, size_t offset, int code);

#endif /* KVMETER_ACK_H */
