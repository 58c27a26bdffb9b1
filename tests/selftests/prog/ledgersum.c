// SPDX-License-Identifier: GPL-2.0
/*
 * ledgersum - adds up the records of one VM's ledger
 *
 *	kv dump ledger-get vm-id=ID | ledgersum [-p PREFIX] [-s SEQ] [PRICE]
 *
 * Prints one line of key=value for a shell, with PREFIX before each key:
 *
 *	records			how many there are
 *	gaps			records that do not begin where the one before ended; the first
 *				begins behind SEQ (0)
 *	first_seq, last_seq	of the first and of the last record; without one 0 and SEQ
 *	span_ns, longest_ns	time that they are of, in all and in the longest
 *	cpu_ns, cpu_ncr		CPU time in them, and what it cost
 *	time_ncr		what time cost
 *	total_ncr, total_cpu_ns	all since the VM's birth, as the last record says it
 *
 * and with PRICE, in ncr per hour, of the records that are wholly at it:
 *
 *	price_span_ns		time that they are of
 *	price_time_ncr		what time cost
 *	price_due_ncr		what it should have cost, rounded down
 *
 * The record in which the price became PRICE says so of all of its time. So it counts only for
 * the end from which on records are wholly at the price.
 *
 * Exit status 2: a line that is no record, or a sum beyond 64 bits.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_HOUR	3600000000000ull

struct record {
	uint64_t first_seq, seq;
	uint64_t start_real_ns, end_real_ns, span_ns;
	uint64_t price_ncr_h;
	uint64_t cpu_ns, time_ncr, cpu_ncr;
	uint64_t total_ncr, total_cpu_ns;
};

struct sums {
	uint64_t records, gaps;
	uint64_t first_seq, last_seq;
	uint64_t span_ns, longest_ns;
	uint64_t cpu_ns, cpu_ncr, time_ncr;
	uint64_t total_ncr, total_cpu_ns;
};

/* Of the records that are wholly at a price */
struct at_price {
	uint64_t price_ncr_h;
	uint64_t since_real_ns;	/* they begin no earlier */
	uint64_t span_ns, time_ncr;
};

static void die(const char *what)
{
	fprintf(stderr, "ledgersum: %s\n", what);
	exit(2);
}

static void add(uint64_t *sum, uint64_t n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		die("a sum beyond 64 bits");
}

static uint64_t number(const char *text, const char **end)
{
	char *stop;
	uint64_t n;

	errno = 0;
	n = strtoull(text, &stop, 10);
	if (stop == text || errno || *text == '-')
		die("not a number");
	if (end)
		*end = stop;
	else if (*stop)
		die("not a number");
	return n;
}

static uint64_t key(const char *line, const char *name)
{
	const char *at;
	char word[32];

	snprintf(word, sizeof(word), " %s=", name);
	at = strstr(line, word);
	if (!at)
		die("a line is no record");
	return number(at + strlen(word), &at);
}

static struct record read_record(const char *line)
{
	const struct record r = {
		.first_seq = key(line, "first_seq"),
		.seq = key(line, "seq"),
		.start_real_ns = key(line, "start_real_ns"),
		.end_real_ns = key(line, "end_real_ns"),
		.span_ns = key(line, "span_ns"),
		.price_ncr_h = key(line, "price_ncr_h"),
		.cpu_ns = key(line, "cpu_ns"),
		.time_ncr = key(line, "time_ncr"),
		.cpu_ncr = key(line, "cpu_ncr"),
		.total_ncr = key(line, "total_ncr"),
		.total_cpu_ns = key(line, "total_cpu_ns"),
	};

	return r;
}

static void sum_up(struct sums *s, const struct record *r)
{
	s->gaps += r->first_seq != s->last_seq + 1;
	if (!s->records++)
		s->first_seq = r->first_seq;
	s->last_seq = r->seq;
	if (r->span_ns > s->longest_ns)
		s->longest_ns = r->span_ns;
	add(&s->span_ns, r->span_ns);
	add(&s->cpu_ns, r->cpu_ns);
	add(&s->cpu_ncr, r->cpu_ncr);
	add(&s->time_ncr, r->time_ncr);
	s->total_ncr = r->total_ncr;
	s->total_cpu_ns = r->total_cpu_ns;
}

static void sum_up_at(struct at_price *p, const struct record *r)
{
	if (r->price_ncr_h != p->price_ncr_h)
		return;
	if (p->since_real_ns == UINT64_MAX) {
		p->since_real_ns = r->end_real_ns;
		return;
	}
	if (r->start_real_ns < p->since_real_ns)
		return;
	add(&p->span_ns, r->span_ns);
	add(&p->time_ncr, r->time_ncr);
}

static void print(const char *prefix, const char *name, uint64_t value)
{
	printf(" %s%s=%llu", prefix, name, (unsigned long long)value);
}

static void print_sums(const char *prefix, const struct sums *s)
{
	print(prefix, "records", s->records);
	print(prefix, "gaps", s->gaps);
	print(prefix, "first_seq", s->first_seq);
	print(prefix, "last_seq", s->last_seq);
	print(prefix, "span_ns", s->span_ns);
	print(prefix, "longest_ns", s->longest_ns);
	print(prefix, "cpu_ns", s->cpu_ns);
	print(prefix, "cpu_ncr", s->cpu_ncr);
	print(prefix, "time_ncr", s->time_ncr);
	print(prefix, "total_ncr", s->total_ncr);
	print(prefix, "total_cpu_ns", s->total_cpu_ns);
}

static void print_price(const char *prefix, const struct at_price *p)
{
	print(prefix, "price_span_ns", p->span_ns);
	print(prefix, "price_time_ncr", p->time_ncr);
	print(prefix, "price_due_ncr",
	      (unsigned __int128)p->span_ns * p->price_ncr_h / NS_PER_HOUR);
}

int main(int argc, char **argv)
{
	struct at_price at_price = { .since_real_ns = UINT64_MAX };
	struct sums sums = { 0 };
	const char *prefix = "";
	char line[4096];
	int opt;

	while ((opt = getopt(argc, argv, "p:s:")) > 0) {
		if (opt == 'p')
			prefix = optarg;
		else if (opt == 's')
			sums.last_seq = number(optarg, NULL);
		else
			die("usage: ledgersum [-p PREFIX] [-s SEQ] [PRICE]");
	}
	if (optind < argc)
		at_price.price_ncr_h = number(argv[optind], NULL);
	while (fgets(line, sizeof(line), stdin)) {
		struct record r = read_record(line);

		sum_up(&sums, &r);
		sum_up_at(&at_price, &r);
	}
	print_sums(prefix, &sums);
	if (optind < argc)
		print_price(prefix, &at_price);
	putchar('\n');
	return 0;
}
