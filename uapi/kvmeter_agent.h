/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kvmeter_agent.h: who answers a guest, as functions of C: a VMM, or an agent of
 * the host.  Documentation/agent.rst is the reference.
 *
 * The caller has the stream.  It collects bytes until kvmeter_agent_request()
 * says that a request is whole, has it answered by kvmeter_agent_serve(), and
 * sends what that made.  After that, and when the attached file polls readable, it
 * sends what kvmeter_agent_notice() makes.  A guest is not trusted: of its requests nothing
 * is believed but what was checked, and all that it reaches is its own VM, by the
 * rules of /dev/kvmeter.
 */
#ifndef KVMETER_AGENT_H
#define KVMETER_AGENT_H

#include <endian.h>

#include <kvmeter_tenant.h>
#include <linux/kvmeter_agent.h>

/**
 * struct kvmeter_agent - one guest's connection
 * @fd: of /dev/kvmeter, attached to its VM, and no one else's: what happened is
 *      told once per open file
 * @watched: KVMETER_EVENT_ bits that it wants to be told of
 * @pending: what happened and was in no status yet
 */
struct kvmeter_agent {
	int fd;
	uint32_t watched;
	uint32_t pending;
};

/**
 * kvmeter_agent_request - is there a whole request?
 * @buf: what came
 * @len: so much of it
 *
 * Return: its length; 0: more has to come; -1 with errno: EPROTO: this is none,
 * the connection is to be closed.
 */
static inline int kvmeter_agent_request(const void *buf, size_t len)
{
	struct kvmeter_agent_head head;

	if (len < sizeof(head))
		return 0;
	memcpy(&head, buf, sizeof(head));
	if (le32toh(head.len) < sizeof(head) || le32toh(head.len) > KVMETER_AGENT_LEN_MAX ||
	    !le32toh(head.seq)) {
		errno = EPROTO;
		return -1;
	}
	return le32toh(head.len) <= len ? (int)le32toh(head.len) : 0;
}

/* Until @at_ns of CLOCK_MONOTONIC, rounded up */
static inline uint64_t kvmeter_agent_in_ms(uint64_t at_ns, uint64_t now_ns)
{
	return at_ns > now_ns ? (at_ns - now_ns - 1) / 1000000 + 1 : 0;
}

static inline uint64_t kvmeter_agent_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Ends a message of @len bytes that answers @type and @seq, or says why not */
static inline int kvmeter_agent_end(void *reply, size_t len, uint16_t type, uint32_t seq,
				    int error)
{
	struct kvmeter_agent_head head = {
		.version = htole16(KVMETER_AGENT_VERSION),
		.type = htole16(type),
		.seq = htole32(seq),
		.error = htole32(error),
	};

	if (error)
		len = sizeof(head);
	head.len = htole32(len);
	memcpy(reply, &head, sizeof(head));
	return len;
}

/** kvmeter_agent_fill_status - a status of what the VM's file says */
static inline void kvmeter_agent_fill_status(struct kvmeter_agent_status *s,
					     const struct kvmeter_ioc_get *get, uint64_t now_ns)
{
	uint32_t nr = get->nr_resources, i;
	int announced = get->pending_at_ns != 0;

	memset(s, 0, sizeof(*s));
	if (nr > sizeof(s->grant_bp) / sizeof(*s->grant_bp))
		nr = sizeof(s->grant_bp) / sizeof(*s->grant_bp);
	s->events = htole32(get->events);
	s->flags = htole32((get->budget_flags & KVMETER_GET_CAPPED ? KVMETER_AGENT_CAPPED : 0) |
			   (get->budget_flags & KVMETER_GET_PACE ? KVMETER_AGENT_PACE : 0));
	s->price_ncr_h = htole64(get->price_ncr_h);
	s->next_ncr_h = htole64(announced ? get->pending_ncr_h : get->price_ncr_h);
	s->next_in_ms = htole64(announced ? kvmeter_agent_in_ms(get->pending_at_ns, now_ns) :
				KVMETER_AGENT_NONE);
	s->charged_ncr = htole64(get->charged_ncr);
	s->waived_ncr = htole64(get->waived_ncr);
	s->cap_ncr = htole64(get->cap_ncr);
	s->spent_ncr = htole64(get->spent_ncr);
	s->left_ncr = htole64(get->left_ncr);
	s->renews_in_ms = htole64(get->renews_at_ns ?
				  kvmeter_agent_in_ms(get->renews_at_ns, now_ns) :
				  KVMETER_AGENT_NONE);
	s->nr_resources = htole32(nr);
	for (i = 0; i < nr; i++)
		s->grant_bp[i] = htole32(get->res[i].grant_bp);
}

static inline int kvmeter_agent_status(struct kvmeter_agent *a, uint16_t type, uint32_t seq,
				       void *reply)
{
	struct kvmeter_agent_status s;
	struct kvmeter_ioc_get get;

	if (kvmeter_get(a->fd, &get))
		return kvmeter_agent_end(reply, 0, type, seq, errno);
	get.events |= a->pending;
	a->pending = 0;
	kvmeter_agent_fill_status(&s, &get, kvmeter_agent_now_ns());
	memcpy(reply, &s, sizeof(s));
	return kvmeter_agent_end(reply, sizeof(s), type, seq, 0);
}

static inline int kvmeter_agent_suggest(struct kvmeter_agent *a,
					const struct kvmeter_agent_ask *ask,
					struct kvmeter_agent_answer *answer)
{
	struct kvmeter_ioc_suggest s;
	struct kvmeter_ioc_get get;

	/* too many is an answer, too */
	if (kvmeter_suggest(a->fd, le32toh(ask->resource), le32toh(ask->grant_bp),
			    le32toh(ask->duration_ms), &s) &&
	    (errno != EBUSY || s.answer != KVMETER_ANSWER_RATE))
		return errno;
	answer->answer = htole32(s.answer);
	answer->accepted_bp = htole32(s.accepted_bp);
	answer->retry_ms = htole32(s.retry_ms);
	if (kvmeter_get(a->fd, &get))
		return errno;
	a->pending |= get.events;
	answer->now_ncr_h = htole64(get.pending_at_ns ? get.pending_ncr_h : get.price_ncr_h);
	answer->price_ncr_h = answer->now_ncr_h;
	answer->effective_in_ms = htole64(get.pending_at_ns ?
					  kvmeter_agent_in_ms(get.pending_at_ns,
							      kvmeter_agent_now_ns()) : 0);
	return 0;
}

static inline int kvmeter_agent_quote(struct kvmeter_agent *a,
				      const struct kvmeter_agent_ask *ask,
				      struct kvmeter_agent_answer *answer)
{
	struct kvmeter_ioc_quote q;

	if (ask->duration_ms)
		return EINVAL;
	if (kvmeter_quote(a->fd, le32toh(ask->resource), le32toh(ask->grant_bp), &q))
		return errno;
	answer->answer = htole32(q.answer);
	answer->accepted_bp = htole32(q.accepted_bp);
	answer->now_ncr_h = htole64(q.now_ncr_h);
	answer->price_ncr_h = htole64(q.price_ncr_h);
	answer->effective_in_ms = htole64(q.effective_at_ns == ~0ULL ? KVMETER_AGENT_NONE :
					  kvmeter_agent_in_ms(q.effective_at_ns,
							      kvmeter_agent_now_ns()));
	return 0;
}

/* A body of @want bytes; what a later version has behind it must be 0 (E2BIG) */
static inline int kvmeter_agent_body(void *to, size_t want, const void *request, size_t len)
{
	const unsigned char *more = request;
	size_t i;

	if (len < want)
		return EINVAL;
	for (i = want; i < len; i++)
		if (more[i])
			return E2BIG;
	memcpy(to, request, want);
	return 0;
}

/**
 * kvmeter_agent_serve - answer a request
 * @a: the guest's connection
 * @request: of kvmeter_agent_request()
 * @reply: room for KVMETER_AGENT_LEN_MAX bytes
 *
 * Return: length of the reply.
 */
static inline int kvmeter_agent_serve(struct kvmeter_agent *a, const void *request, void *reply)
{
	struct kvmeter_agent_answer answer = { .answer = 0 };
	struct kvmeter_agent_head head;
	struct kvmeter_agent_watch watch;
	struct kvmeter_agent_ask ask;
	uint32_t len, seq;
	uint16_t type;
	int error;

	memcpy(&head, request, sizeof(head));
	len = le32toh(head.len);
	seq = le32toh(head.seq);
	type = le16toh(head.type);
	if (head.error)
		return kvmeter_agent_end(reply, 0, type, seq, EINVAL);
	switch (type) {
	case KVMETER_AGENT_STATUS:
		error = kvmeter_agent_body(&head, sizeof(head), request, len);
		if (error)
			break;
		return kvmeter_agent_status(a, type, seq, reply);
	case KVMETER_AGENT_WATCH:
		error = kvmeter_agent_body(&watch, sizeof(watch), request, len);
		if (!error && (watch.pad || le32toh(watch.events) & ~KVMETER_EVENT_ALL))
			error = EINVAL;
		if (error)
			break;
		a->watched = le32toh(watch.events);
		return kvmeter_agent_status(a, type, seq, reply);
	case KVMETER_AGENT_SUGGEST:
	case KVMETER_AGENT_QUOTE:
		error = kvmeter_agent_body(&ask, sizeof(ask), request, len);
		if (!error && ask.pad)
			error = EINVAL;
		if (error)
			break;
		error = type == KVMETER_AGENT_QUOTE ? kvmeter_agent_quote(a, &ask, &answer) :
						      kvmeter_agent_suggest(a, &ask, &answer);
		memcpy(reply, &answer, sizeof(answer));
		return kvmeter_agent_end(reply, sizeof(answer), type, seq, error);
	default:
		error = EOPNOTSUPP;
	}
	return kvmeter_agent_end(reply, 0, type, seq, error);
}

/**
 * kvmeter_agent_notice - tell the guest what happened, if it wants to know
 * @a: the guest's connection
 * @reply: room for KVMETER_AGENT_LEN_MAX bytes
 *
 * Return: length of the message; 0: nothing that it watches has happened.
 */
static inline int kvmeter_agent_notice(struct kvmeter_agent *a, void *reply)
{
	struct kvmeter_agent_status s;
	int len = kvmeter_agent_status(a, KVMETER_AGENT_WATCH, 0, reply);

	if (len != sizeof(s))
		return len;
	memcpy(&s, reply, sizeof(s));
	if (le32toh(s.events) & a->watched)
		return len;
	a->pending = le32toh(s.events);
	return 0;
}

#endif /* KVMETER_AGENT_H */
