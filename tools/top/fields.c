// SPDX-License-Identifier: GPL-2.0
#include "top/fields.h"

#include <math.h>

#include "data/fmt.h"
#include "show/table.h"
#include "show/value.h"

#define NARROW	80	/* what all screens have */
#define WIDE	110
#define WIDEST	140

/**
 * struct field - a column
 * @column: of the table
 * @from: screens of that width and more have it
 * @batch: so has a table without a screen
 * @cell: adds a VM's cell
 */
struct field {
	struct column column;
	int from;
	bool batch;
	void (*cell)(const struct seen *s);
};

static void number(double v, int decimals)
{
	if (isnan(v))
		table_cell("-");
	else
		table_cell("%.*f", decimals, v);
}

static void level(const struct seen *s, uint32_t resource)
{
	float v = s->now.level[resource].usage;
	char buf[FMT_LEN];

	table_cell("%s", isnan(v) ? "-" : fmt_sample(buf, resource, v));
}

static void cell_id(const struct seen *s)
{
	table_cell("%u", s->id);
}

static void cell_name(const struct seen *s)
{
	table_cell("%s", *s->name ? s->name : "-");
}

static void cell_vcpus(const struct seen *s)
{
	table_cell("%u", s->nr_vcpus);
}

static void cell_cpu(const struct seen *s)
{
	number(s->cpu, 1);
}

static void cell_guest(const struct seen *s)
{
	number(s->guest, 1);
}

static void cell_host(const struct seen *s)
{
	number(s->host, 1);
}

static void cell_wait(const struct seen *s)
{
	number(s->wait, 1);
}

static void cell_throttled(const struct seen *s)
{
	number(s->throttled, 1);
}

static void cell_exits(const struct seen *s)
{
	number(s->exits_s, 0);
}

static void cell_memory(const struct seen *s)
{
	level(s, KVMETER_RESOURCE_MEMORY);
}

static void cell_network(const struct seen *s)
{
	level(s, KVMETER_RESOURCE_NETWORK);
}

static void cell_disk(const struct seen *s)
{
	level(s, KVMETER_RESOURCE_DISK);
}

static void cell_surprise(const struct seen *s)
{
	struct usage u = {
		.surprise_mbit = s->now.surprise_mbit,
		.surprise_dir = s->now.surprise_dir,
	};
	char buf[FMT_LEN];

	table_cell("%s", fmt_surprise(buf, &u));
}

static void cell_grant(const struct seen *s)
{
	char buf[FMT_LEN];

	table_cell("%s", fmt_percent_short(buf, s->now.grant_bp[KVMETER_RESOURCE_CPU]));
}

static void cell_price(const struct seen *s)
{
	char buf[FMT_LEN];

	table_cell("%s", fmt_amount_short(buf, s->now.price_ncr_h));
}

static void cell_spent(const struct seen *s)
{
	char buf[FMT_LEN];

	table_cell("%s", s->spent_ncr == NONE ? "-" : fmt_amount_short(buf, s->spent_ncr));
}

static void cell_policy(const struct seen *s)
{
	table_cell("%s", s->policy);
}

static const struct field fields[] = {
	{ { "ID", false, 0 }, NARROW, true, cell_id },
	{ { "NAME", true, 16 }, NARROW, true, cell_name },
	{ { "VCPUS", false, 0 }, NARROW, true, cell_vcpus },
	{ { "CPU%", false, 0 }, NARROW, true, cell_cpu },
	{ { "GUEST%", false, 0 }, WIDEST, true, cell_guest },
	{ { "HOST%", false, 0 }, WIDEST, true, cell_host },
	{ { "WAIT%", false, 0 }, WIDE, true, cell_wait },
	{ { "THROT%", false, 0 }, WIDE, true, cell_throttled },
	{ { "EXITS/s", false, 0 }, WIDEST, true, cell_exits },
	{ { "MEMORY", false, 0 }, WIDE, false, cell_memory },
	{ { "NETWORK", false, 0 }, WIDEST, false, cell_network },
	{ { "DISK", false, 0 }, WIDEST, false, cell_disk },
	{ { "SURPRISE", false, 0 }, NARROW, true, cell_surprise },
	{ { "GRANT%", false, 0 }, NARROW, true, cell_grant },
	{ { "PRICE/h", false, 0 }, NARROW, true, cell_price },
	{ { "SPENT", false, 0 }, WIDE, true, cell_spent },
	{ { "POLICY", true, 0 }, NARROW, true, cell_policy },
};

static bool shown(const struct field *field, int width)
{
	return width == FIELDS_BATCH ? field->batch : field->from <= NARROW || field->from <= width;
}

void fields_fill(const struct frame *f, int width)
{
	static struct column columns[ARRAY_SIZE(fields)];
	size_t nr = 0, i, k;

	for (k = 0; k < ARRAY_SIZE(fields); k++)
		if (shown(&fields[k], width))
			columns[nr++] = fields[k].column;
	table_begin(columns, nr);
	for (i = 0; i < f->nr; i++)
		for (k = 0; k < ARRAY_SIZE(fields); k++)
			if (shown(&fields[k], width))
				fields[k].cell(&f->seen[i]);
}
