// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "cli/file.h"
#include "cli/opt.h"
#include "data/fmt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/json_vm.h"
#include "show/print.h"
#include "show/svg.h"
#include "show/value.h"
#include "verb/verb.h"
#include "verb/vm.h"

#define MAX_ROWS	32
#define BAR_WIDTH	48

/* rows of about equal numbers of bins, at most MAX_ROWS of them */
static void print_histogram(const struct profile *p)
{
	size_t per_row = (p->nr_bins + MAX_ROWS - 1) / MAX_ROWS, i, j;
	uint64_t total = 0, most = 0;
	uint64_t rows[MAX_ROWS] = { 0 };
	char a[FMT_LEN], b[FMT_LEN];

	for (i = 0; i < p->nr_bins; i++) {
		total += p->bins[i].weight;
		rows[i / per_row] += p->bins[i].weight;
		if (rows[i / per_row] > most)
			most = rows[i / per_row];
	}
	if (!total) {
		puts("  (nothing learned yet)");
		return;
	}
	for (i = 0; i * per_row < p->nr_bins; i++) {
		size_t first = i * per_row, last = first + per_row - 1;

		if (last >= p->nr_bins)
			last = p->nr_bins - 1;
		printf("  %9s .. %-9s %6.2f%% ", fmt_sample(a, p->resource, p->bins[first].low),
		       fmt_sample(b, p->resource, p->bins[last].end), 100.0 * rows[i] / total);
		for (j = 0; j < (rows[i] * BAR_WIDTH + most - 1) / most; j++)
			putchar('#');
		putchar('\n');
	}
}

static void print_experts(const struct profile *p)
{
	size_t i;

	puts("Experts");
	for (i = 0; i < p->nr_experts; i++) {
		const struct expert *e = &p->experts[i];

		printf("  %-8s weight %5.1f%%, forecast %.1f, mean error %.1f\n", e->name,
		       100.0 * e->weight_q16 / 65536, e->value_q8 / 256.0, e->loss_q8 / 256.0);
	}
}

static void print_outlook(const struct profile *p)
{
	char a[FMT_LEN];

	print_forecast("forecast", p->resource, &p->next);
	printf("  alarm from      %s\n",
	       p->alarm == NONE ? "(not known yet)" : fmt_sample(a, p->resource, p->alarm));
	print_experts(p);
}

static void print_text(const struct profile *p)
{
	char a[FMT_LEN], b[FMT_LEN];

	if (*p->image)
		printf("Image %s", p->image);
	else
		printf("VM %u", p->vm_id);
	printf(": %s\n", p->resource < NR_RESOURCES ? resource_info[p->resource].title : "unknown");
	printf("  samples         %llu, %llu of them throttled; the histogram is worth %u\n",
	       (unsigned long long)p->moments.samples, (unsigned long long)p->censored,
	       p->effective_samples);
	if (p->prior_samples && !*p->image)
		printf("  prior           %u samples of others\n", p->prior_samples);
	if (!*p->image)
		printf("  half-life       %u periods\n", p->half_life);
	printf("  mean            %s, standard deviation %s\n",
	       fmt_sample(a, p->resource, moments_mean(&p->moments)),
	       fmt_sample(b, p->resource, moments_stddev(&p->moments)));
	/* an image has no forecast and no alarm */
	if (!*p->image)
		print_outlook(p);
	puts("Histogram of demand");
	print_histogram(p);
}

static void print_json(const struct profile *p)
{
	size_t i;

	json_open(NULL, '{');
	if (*p->image)
		json_str("image", p->image);
	else
		json_u64("vm_id", p->vm_id);
	json_str("resource", RESOURCE_NAME(p->resource));
	json_moments("moments", p->resource, &p->moments);
	json_u64("prior_samples", p->prior_samples);
	json_u64("censored", p->censored);
	json_u64("effective_samples", p->effective_samples);
	json_u64("half_life_periods", p->half_life);
	json_forecast_members(&p->next);
	json_u64_or_null("alarm", p->alarm);
	json_open("experts", '[');
	for (i = 0; i < p->nr_experts; i++) {
		json_open(NULL, '{');
		json_str("name", p->experts[i].name);
		json_u64("value_q8", p->experts[i].value_q8);
		json_u64("loss_q8", p->experts[i].loss_q8);
		json_u64("weight_q16", p->experts[i].weight_q16);
		json_close('}');
	}
	json_close(']');
	json_open("bins", '[');
	for (i = 0; i < p->nr_bins; i++) {
		json_open(NULL, '{');
		json_u64("low", p->bins[i].low);
		json_u64("end", p->bins[i].end);
		json_u64("weight", p->bins[i].weight);
		json_close('}');
	}
	json_close(']');
	json_close('}');
}

enum what { SHOW, EXPORT, IMPORT, RESET };

static const char * const what_names[] = { "show", "export", "import", "reset" };

/* "show", "export", ... if that is what it is: "profile show" may also mean a VM of that name */
static enum what take_what(char **argv, int nr, bool has_image, int *at)
{
	size_t i;

	*at = 0;
	for (i = 0; i < ARRAY_SIZE(what_names); i++) {
		if (nr && (nr > 1 || has_image) && !strcmp(argv[0], what_names[i])) {
			*at = 1;
			return i;
		}
	}
	return SHOW;
}

static int show(const struct profile_of *of, const char *vm_name, const char *svg, bool json)
{
	static struct profile p;
	char title[160];
	int rc = ipc_profile_get(of, &p);

	if (rc)
		return report(rc);
	/* an image has no alarm of its own, and no forecasts */
	if (svg) {
		snprintf(title, sizeof(title), "%s %s, %s: %llu periods",
			 of->image ? "image" : "VM", of->image ? of->image : vm_name,
			 RESOURCE_NAME(p.resource), (unsigned long long)p.moments.samples);
		rc = svg_profile(svg, &p, title);
	}
	if (rc || (svg && !json))
		return rc;
	if (json)
		print_json(&p);
	else
		print_text(&p);
	return EXIT_OK;
}

static int transfer(enum what what, const struct profile_of *of, const char *path)
{
	static struct blob blob;
	int rc;

	if (what == EXPORT) {
		rc = report(ipc_profile_export(of, &blob));
		return rc ? rc : blob_save(path, &blob);
	}
	rc = blob_load(path, &blob);
	return rc ? rc : report(ipc_profile_import(of, &blob));
}

int profile_main(int argc, char **argv)
{
	const char *resource = NULL, *svg = NULL;
	struct profile_of of = { .resource = -1 };
	bool json = false;
	const struct opt opts[] = {
		{ "resource", 'r', "NAME", "which resource: all if not given, show: cpu", OPT_STR,
		  &resource },
		{ "image", 'i', "NAME", "of an image instead of a VM", OPT_STR, &of.image },
		{ "svg", 0, "FILE", "show: draw it", OPT_STR, &svg },
		OPT_JSON(json),
	};
	int nr = opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 3), at, rc;
	enum what what = take_what(argv, nr, of.image, &at);
	struct vm vm = { .id = 0 };
	int vm_at = at;

	at += !of.image;
	if (nr != at + (what == EXPORT || what == IMPORT))
		usage_error("needs %s%s%s", what_names[what], of.image ? "" : " VM",
			    what == EXPORT || what == IMPORT ? " FILE" : "");
	if (what != SHOW && (svg || json))
		usage_error("%s prints nothing", what_names[what]);
	if (!resource && what == SHOW)
		resource = "cpu";
	if (resource)
		of.resource = opt_resource(resource);
	rc = of.image ? module_open() : vm_open(argv[vm_at], &vm);
	if (rc)
		return rc;
	of.vm_id = vm.id;
	switch (what) {
	case SHOW:
		return show(&of, vm.name, svg, json);
	case RESET:
		return report(ipc_profile_reset(&of));
	default:
		return transfer(what, &of, argv[at]);
	}
}
