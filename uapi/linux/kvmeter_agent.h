/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kvmeter: what a guest and who answers it on the host say to each other.
 * Documentation/agent.rst is the reference; uapi/kvmeter_agent.h has functions on
 * top of this.
 *
 * A hint (kvmeter.h) has no answer.  A guest that wants one connects to the host
 * by a vsock stream, where a program that holds the VM's file of /dev/kvmeter
 * answers: the VMM itself, or an agent of the host that was given the file.
 *
 * Messages begin with their length, so that they can grow at their end.  Numbers
 * are little-endian.  Times are from now on, for the two have no clock in common.
 */
#ifndef _UAPI_LINUX_KVMETER_AGENT_H
#define _UAPI_LINUX_KVMETER_AGENT_H

#include <linux/types.h>

#define KVMETER_AGENT_PORT	0x4b4d		/* of vsock, on the host */
#define KVMETER_AGENT_VERSION	1
#define KVMETER_AGENT_LEN_MAX	256		/* of a message of this version */

#define KVMETER_AGENT_NONE	(~0ULL)		/* no cap; nothing announced; never */

/** enum kvmeter_agent_type - what a message is; a reply has its request's */
enum kvmeter_agent_type {
	KVMETER_AGENT_STATUS = 1,	/* request: head only; reply: kvmeter_agent_status */
	KVMETER_AGENT_SUGGEST,		/* request: kvmeter_agent_ask; reply: _answer */
	KVMETER_AGENT_QUOTE,		/* the same; changes nothing */
	KVMETER_AGENT_WATCH,		/* request: kvmeter_agent_watch; reply: _status, and
					 * another with seq 0 whenever something happened */
};

/**
 * struct kvmeter_agent_head - how each message begins
 * @len: of the message, this head included; at most KVMETER_AGENT_LEN_MAX
 * @version: KVMETER_AGENT_VERSION of who sends it
 * @type: enum kvmeter_agent_type
 * @seq: a request's number, chosen by who asks and not 0; its reply has the same
 * @error: 0, or why there is no more than this head: a number of errno as on Linux
 */
struct kvmeter_agent_head {
	__le32 len;
	__le16 version;
	__le16 type;
	__le32 seq;
	__le32 error;
};

/**
 * struct kvmeter_agent_ask - KVMETER_AGENT_SUGGEST, KVMETER_AGENT_QUOTE
 * @head: head
 * @resource: KVMETER_RES_
 * @grant_bp: asked for; 10 000 is nominal, at most 100 000
 * @duration_ms: for how long; 0 ends the present suggestion; 0 in a quote
 * @pad: 0
 */
struct kvmeter_agent_ask {
	struct kvmeter_agent_head head;
	__le32 resource;
	__le32 grant_bp;
	__le32 duration_ms;
	__le32 pad;
};

/**
 * struct kvmeter_agent_answer - what becomes, or would become, of it
 * @head: head
 * @answer: enum kvmeter_answer
 * @accepted_bp: the grant that it rests at; 0: refused
 * @retry_ms: of KVMETER_ANSWER_RATE: when the next may be accepted
 * @pad: 0
 * @now_ncr_h: the price announced last
 * @price_ncr_h: the price that the grant calls for
 * @effective_in_ms: from when on that whole price would be charged, rounded up;
 *                   KVMETER_AGENT_NONE: not within two hours
 */
struct kvmeter_agent_answer {
	struct kvmeter_agent_head head;
	__le32 answer;
	__le32 accepted_bp;
	__le32 retry_ms;
	__le32 pad;
	__le64 now_ncr_h;
	__le64 price_ncr_h;
	__le64 effective_in_ms;
};

/**
 * struct kvmeter_agent_watch - KVMETER_AGENT_WATCH
 * @head: head
 * @events: KVMETER_EVENT_ bits to be told of; 0: of nothing any more
 * @pad: 0
 */
struct kvmeter_agent_watch {
	struct kvmeter_agent_head head;
	__le32 events;
	__le32 pad;
};

#define KVMETER_AGENT_CAPPED	(1U << 0)	/* the cap is reached */
#define KVMETER_AGENT_PACE	(1U << 1)	/* what is left is spread over the time left */

/**
 * struct kvmeter_agent_status - the VM's money and grants
 * @head: head
 * @events: KVMETER_EVENT_ bits: what happened since the last status
 * @flags: KVMETER_AGENT_ bits
 * @price_ncr_h: in force
 * @next_ncr_h: announced; the same as @price_ncr_h if nothing is
 * @next_in_ms: until that is in force, rounded up; KVMETER_AGENT_NONE: nothing announced
 * @charged_ncr: since the VM appeared
 * @waived_ncr: not charged because of the cap
 * @cap_ncr: the budget; KVMETER_AGENT_NONE: none
 * @spent_ncr: of it
 * @left_ncr: of it; KVMETER_AGENT_NONE: no budget
 * @renews_in_ms: until the budget period ends, rounded up; KVMETER_AGENT_NONE: never
 * @nr_resources: how many of @grant_bp are meant
 * @pad: 0
 * @grant_bp: in force, by KVMETER_RES_
 */
struct kvmeter_agent_status {
	struct kvmeter_agent_head head;
	__le32 events;
	__le32 flags;
	__le64 price_ncr_h;
	__le64 next_ncr_h;
	__le64 next_in_ms;
	__le64 charged_ncr;
	__le64 waived_ncr;
	__le64 cap_ncr;
	__le64 spent_ncr;
	__le64 left_ncr;
	__le64 renews_in_ms;
	__le32 nr_resources;
	__le32 pad;
	__le32 grant_bp[8];
};

#endif /* _UAPI_LINUX_KVMETER_AGENT_H */
