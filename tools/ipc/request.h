/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to the module, and a socket of their own for notices. */
#ifndef KVMETER_REQUEST_H
#define KVMETER_REQUEST_H

#include <stdint.h>

#include <libmnl/libmnl.h>

#define REQUEST_BUF_SIZE	65536

/** conn_open - open a socket, if it is not; an exit status */
int conn_open(struct mnl_socket **sock);
void conn_close(struct mnl_socket **sock);

/** requests_open - the socket of requests; an exit status */
int requests_open(void);
void requests_close(void);

/**
 * request_new - begin a request; the one before is no longer needed
 * @type: number of the family
 * @command: of the family
 * @flags: NLM_F_DUMP: it asks for all
 */
struct nlmsghdr *request_new(uint16_t type, uint8_t command, uint16_t flags);

/** message_fn - takes one message of a reply; EXIT_OK, or a status after ipc_fail() */
typedef int message_fn(const struct nlmsghdr *nlh, void *data);

/**
 * request - send a request and take its reply, which an ack or a dump's end closes
 * @nlh: the request
 * @fn: called for each message, NULL: none is wanted
 * @data: for @fn
 *
 * Return: an exit status.
 */
int request(struct nlmsghdr *nlh, message_fn *fn, void *data);

#endif /* KVMETER_REQUEST_H */
