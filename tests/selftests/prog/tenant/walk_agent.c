// SPDX-License-Identifier: GPL-2.0
/*
 * walk_agent - who answers a guest: its requests, as they come from a stream
 */
#include <poll.h>

#include "tenant.h"

struct request {
	struct kvmeter_agent_head head;
	unsigned char body[KVMETER_AGENT_LEN_MAX - sizeof(struct kvmeter_agent_head)];
};

/* What serving it says: an error, or 0 with the reply */
static int served(const char *name, struct kvmeter_agent *a, uint16_t type, const void *body,
		  size_t len, void *reply)
{
	static uint32_t seq;
	struct kvmeter_agent_head head = {
		.len = htole32(sizeof(head) + len),
		.version = htole16(KVMETER_AGENT_VERSION),
		.type = htole16(type),
		.seq = htole32(++seq),
	};
	struct request r = { .head = head };
	int n;

	if (body)
		memcpy(r.body, body, len);
	n = kvmeter_agent_serve(a, &r, reply);
	memcpy(&head, reply, sizeof(head));
	if (n != (int)le32toh(head.len) || le16toh(head.type) != type || le32toh(head.seq) != seq)
		result(false, name, "%d bytes, type %u, seq %u", n, le16toh(head.type),
		       le32toh(head.seq));
	return le32toh(head.error);
}

static void refuses(const char *name, struct kvmeter_agent *a, uint16_t type, const void *body,
		    size_t len, int error)
{
	unsigned char reply[KVMETER_AGENT_LEN_MAX];
	int got = served(name, a, type, body, len, reply);

	result(got == error, name, "error %d, expected %d", got, error);
}

static void walk_stream(void)
{
	struct kvmeter_agent_head head = { .len = htole32(32), .seq = htole32(1) };
	struct request r = { .head = head };
	int i, bad = 0;

	for (i = 0; i < 32; i++)
		bad += kvmeter_agent_request(&r, i) != 0;
	result(!bad && kvmeter_agent_request(&r, 32) == 32 && kvmeter_agent_request(&r, 99) == 32,
	       "a request that comes in pieces", "%d pieces were taken for it", bad);
	r.head.seq = 0;
	want("a request without a number", kvmeter_agent_request(&r, 32), EPROTO);
	r.head.seq = htole32(1);
	r.head.len = htole32(15);
	want("a request shorter than its head", kvmeter_agent_request(&r, 16), EPROTO);
	r.head.len = htole32(KVMETER_AGENT_LEN_MAX + 1);
	want("one that is too long", kvmeter_agent_request(&r, 16), EPROTO);
}

static void walk_agent_refusals(struct kvmeter_agent *a)
{
	struct kvmeter_agent_ask ask = { .resource = htole32(UINT32_MAX) };
	struct kvmeter_agent_watch watch = { .events = htole32(16) };
	const size_t head = sizeof(ask.head);
	unsigned char more[40] = { 0 };

	refuses("no such request", a, 99, NULL, 0, EOPNOTSUPP);
	refuses("half of a suggestion", a, KVMETER_AGENT_SUGGEST, &ask.resource, 15, EINVAL);
	refuses("a suggestion for nothing", a, KVMETER_AGENT_SUGGEST, &ask.resource, 16,
		EOPNOTSUPP);
	ask.resource = 0;
	ask.grant_bp = htole32(100001);
	refuses("a suggestion of too much", a, KVMETER_AGENT_SUGGEST, &ask.resource, 16, ERANGE);
	ask.grant_bp = htole32(12000);
	ask.duration_ms = htole32(1);
	refuses("a quote for a time", a, KVMETER_AGENT_QUOTE, &ask.resource, 16, EINVAL);
	ask.pad = 1;
	refuses("a pad that is used", a, KVMETER_AGENT_SUGGEST, &ask.resource, 16, EINVAL);
	refuses("unknown events of a guest", a, KVMETER_AGENT_WATCH, &watch.events,
		sizeof(watch) - head, EINVAL);
	refuses("what a later version may ask", a, KVMETER_AGENT_STATUS, more, sizeof(more), 0);
	more[39] = 1;
	refuses("and what this does not know", a, KVMETER_AGENT_STATUS, more, sizeof(more), E2BIG);
}

/* Whatever it sends, what comes back is a message */
static void walk_agent_noise(struct kvmeter_agent *a)
{
	unsigned char reply[KVMETER_AGENT_LEN_MAX];
	struct request r;
	unsigned int i, k, bad = 0;
	uint32_t x = 1;
	int n;

	for (i = 0; i < 5000; i++) {
		for (k = 0; k < sizeof(r); k++) {
			x = x * 1664525 + 1013904223;
			((unsigned char *)&r)[k] = i % 3 && k > 12 ? 0 : x >> 24;
		}
		r.head.len = htole32(sizeof(r.head) + x % sizeof(r.body));
		r.head.type = htole16(x >> 8 & 7);
		r.head.seq |= htole32(1);
		if (i & 1)
			r.head.error = 0;
		n = kvmeter_agent_serve(a, &r, reply);
		bad += n < (int)sizeof(r.head) || n > (int)sizeof(reply);
	}
	result(!bad, "noise of a guest", "%u of %u replies are none", bad, i);
}

/* A guest's suggestion or quote; its answer */
static int asked(const char *name, struct kvmeter_agent *a, uint16_t type, uint32_t duration_ms,
		 struct kvmeter_agent_answer *answer)
{
	struct kvmeter_agent_ask ask = {
		.resource = htole32(KVMETER_RES_CPU),
		.grant_bp = htole32(15000),
		.duration_ms = htole32(duration_ms),
	};
	unsigned char reply[KVMETER_AGENT_LEN_MAX];
	int error = served(name, a, type, &ask.resource, sizeof(ask) - sizeof(ask.head), reply);

	memcpy(answer, reply, sizeof(*answer));
	return error;
}

static int watches(struct kvmeter_agent *a, uint32_t events)
{
	struct kvmeter_agent_watch watch = { .events = htole32(events) };
	unsigned char reply[KVMETER_AGENT_LEN_MAX];

	return served("watch", a, KVMETER_AGENT_WATCH, &watch.events,
		      sizeof(watch) - sizeof(watch.head), reply);
}

static int status_of(const char *name, struct kvmeter_agent *a, struct kvmeter_agent_status *s)
{
	unsigned char reply[KVMETER_AGENT_LEN_MAX];
	int error = served(name, a, KVMETER_AGENT_STATUS, NULL, 0, reply);

	memcpy(s, reply, sizeof(*s));
	return error;
}

static void walk_agent_status(struct kvmeter_agent *a, int fd)
{
	struct kvmeter_agent_status s;
	struct kvmeter_ioc_get get;
	int error;

	kvmeter_get(fd, &get);
	error = status_of("status", a, &s);
	result(!error && le64toh(s.price_ncr_h) == get.price_ncr_h &&
	       le64toh(s.charged_ncr) >= get.charged_ncr && le64toh(s.cap_ncr) == get.cap_ncr &&
	       le32toh(s.nr_resources) == get.nr_resources && le32toh(s.grant_bp[0]) == 10000,
	       "a guest asks for its price", "error %d, price %llu, grant %u", error,
	       (unsigned long long)le64toh(s.price_ncr_h), le32toh(s.grant_bp[0]));
}

static void walk_agent_ask(struct kvmeter_agent *a, int fd)
{
	struct kvmeter_agent_answer answer;
	struct kvmeter_ioc_get get;
	int error;

	error = asked("quote", a, KVMETER_AGENT_QUOTE, 0, &answer);
	result(!error && le32toh(answer.accepted_bp) == 15000, "a guest is quoted",
	       "error %d, %u bp", error, le32toh(answer.accepted_bp));
	error = watches(a, KVMETER_EVENT_ADJUSTMENT);
	result(!error && !polled(a->fd, POLLIN, 0), "a guest waits", "error %d", error);
	wait_ms(300);
	error = asked("suggest", a, KVMETER_AGENT_SUGGEST, 60000, &answer);
	kvmeter_get(fd, &get);
	result(!error && le32toh(answer.accepted_bp) == 15000 && get.res[0].rest_bp == 15000,
	       "a guest suggests", "error %d, %u bp, rest %u", error,
	       le32toh(answer.accepted_bp), get.res[0].rest_bp);
}

/* The suggestion of walk_agent_ask() is one event, its end another */
static void walk_agent_notices(struct kvmeter_agent *a, int fd)
{
	unsigned char reply[KVMETER_AGENT_LEN_MAX];
	struct kvmeter_agent_status s;
	int len;

	/* the answer looked at what happened: it is still to be told */
	len = kvmeter_agent_notice(a, reply);
	memcpy(&s, reply, sizeof(s));
	result(len == sizeof(s) && le32toh(s.events) & KVMETER_EVENT_ADJUSTMENT && !s.head.seq,
	       "it is told", "%d bytes, events %x", len, le32toh(s.events));
	watches(a, KVMETER_EVENT_GONE);
	wait_ms(300);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
	result(polled(a->fd, POLLIN, 10000) && !kvmeter_agent_notice(a, reply),
	       "not of what it does not watch", "it was");
	status_of("status", a, &s);
	result(le32toh(s.events) & KVMETER_EVENT_ADJUSTMENT, "which is not lost", "events %x",
	       le32toh(s.events));
}

void walk_agent(int kvm_fd, int fd)
{
	struct kvmeter_agent a = { .fd = attached(kvm_fd) }, none = { .fd = kvmeter_open() };
	struct kvmeter_agent_status s;

	walk_stream();
	allow(fd);
	wait_ms(500);
	walk_agent_refusals(&a);
	walk_agent_status(&a, fd);
	walk_agent_ask(&a, fd);
	walk_agent_notices(&a, fd);
	result(status_of("no VM", &none, &s) != 0, "an agent without a VM", "no error");
	walk_agent_noise(&a);
	wait_ms(1500);	/* until the VM's holders may call again */
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
	close(a.fd);
	close(none.fd);
}
