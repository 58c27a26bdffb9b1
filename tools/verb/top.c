// SPDX-License-Identifier: GPL-2.0
/*
 * The VMs, again and again: now, or as a recording has them.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/error.h"
#include "cli/opt.h"
#include "data/clock.h"
#include "data/fmt.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/json_vm.h"
#include "show/story.h"
#include "show/table.h"
#include "top/fields.h"
#include "top/live.h"
#include "top/past.h"
#include "top/screen.h"
#include "trace/params.h"
#include "verb/verb.h"
#include "verb/vm.h"

#define SORT_KEYS	"cpu, surprise, grant, price, memory, network, disk, exits, name or id"

#define FIRST_NS	250000000	/* between the first two readings */
#define DELAY_NS	1000000000

/**
 * struct top - one run
 * @replay: file to go back in, NULL: what is now
 * @params: file with what is tried on it, or NULL
 * @batch: tables, one after the other
 * @json: objects, one after the other
 * @count: frames to show, 0: no end
 * @delay_ns: between two frames
 * @live: what is now
 * @past: what was
 * @at: the frame of it that is shown
 * @playing: it goes on by itself
 * @frame: what is shown
 * @screen: where, unless @batch
 */
struct top {
	const char *replay;
	const char *params;
	bool batch;
	bool json;
	uint64_t count;
	uint64_t delay_ns;
	struct live live;
	struct past past;
	size_t at;
	bool playing;
	struct frame frame;
	struct screen screen;
};

static void pause_ns(uint64_t ns)
{
	struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	nanosleep(&ts, NULL);
}

static void make_frame(struct top *t)
{
	if (t->replay)
		past_frame(&t->past, t->at, &t->frame);
	else
		live_frame(&t->live, &t->frame);
}

static int begin(struct top *t)
{
	static struct whatif_conf conf;
	int rc;

	if (t->replay) {
		whatif_default(&conf);
		rc = t->params ? whatif_params(t->params, &conf) : EXIT_OK;
		return rc ? rc : past_read(&t->past, t->replay, &conf, t->delay_ns);
	}
	rc = module_open();
	if (rc)
		return rc;
	/* one reading before the first, so that it has rates */
	rc = live_read(&t->live);
	if (rc)
		return report(rc);
	pause_ns(t->delay_ns < FIRST_NS ? t->delay_ns : FIRST_NS);
	return report(live_read(&t->live));
}

/* On to the next frame.  false: there is none, or @rc is not EXIT_OK */
static bool go_on(struct top *t, int *rc)
{
	if (!t->replay)
		*rc = live_read(&t->live);
	else if (t->at + 1 < t->past.nr_frames)
		t->at++;
	else
		return false;
	return !*rc;
}

/*
 * Tables, one after the other.
 */

static void print_json(const struct top *t)
{
	size_t i;

	json_open(NULL, '[');
	for (i = 0; i < t->frame.nr; i++)
		json_vm(NULL, &t->live.vms[i]);
	json_close(']');
}

static void print_table(struct top *t)
{
	char time[FMT_LEN];

	frame_sort(&t->frame, t->screen.key, t->screen.reverse);
	frame_filter(&t->frame, t->screen.filter);
	if (t->replay)
		puts(fmt_time(time, t->frame.real_ns));
	fields_fill(&t->frame, FIELDS_BATCH);
	table_print();
}

static int run_batch(struct top *t)
{
	uint64_t i;
	int rc = EXIT_OK;

	for (i = 0; !t->count || i < t->count; i++) {
		if (i && !t->replay)
			pause_ns(t->delay_ns);
		if (i && !go_on(t, &rc))
			break;
		if (i && !t->json)
			putchar('\n');
		make_frame(t);
		if (t->json)
			print_json(t);
		else
			print_table(t);
		fflush(stdout);
	}
	return report(rc);
}

/*
 * The screen.
 */

static void explain(struct top *t)
{
	size_t at = frame_find(&t->frame, t->screen.chosen);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct adjustment a;
	struct host host;

	if (!out)
		return;
	if (t->replay)
		fputs("A recording holds use and no adjustments.\n", out);
	else if (at == t->frame.nr || !t->frame.seen[at].adjustment_seq)
		fputs("It was never adjusted.\n", out);
	else if (ipc_adjustment_get(t->frame.seen[at].adjustment_seq, &a) || ipc_host_get(&host))
		fputs("The module has forgotten its last adjustment.\n", out);
	else
		story_tell(out, &a, &host);
	fclose(out);
	screen_page(text);
	free(text);
}

static void step(struct top *t, long by)
{
	size_t last = t->past.nr_frames - 1;

	t->playing = false;
	if (by < 0)
		t->at = (unsigned long)-by > t->at ? 0 : t->at + by;
	else
		t->at = (unsigned long)by > last - t->at ? last : t->at + by;
}

/* A key's work; false: it was the last one */
static bool answer(struct top *t, enum screen_act act, long steps)
{
	switch (act) {
	case SCREEN_QUIT:
		return false;
	case SCREEN_EXPLAIN:
		explain(t);
		break;
	case SCREEN_STEP:
		step(t, steps);
		break;
	case SCREEN_PLAY:
		t->playing = !t->playing;
		break;
	default:
		break;
	}
	return true;
}

/* Show the frame and answer keys until the next one is due; false: no more of it */
static bool show(struct top *t)
{
	const char *title = !t->replay ? "kvmeter top" : t->playing ? "kvmeter top, playing" :
			    "kvmeter top, stopped";
	uint64_t due_ns = clock_ns(CLOCK_MONOTONIC) + t->delay_ns, now;
	enum screen_act act = SCREEN_STAY;
	long steps = 0;

	do {
		make_frame(t);
		screen_draw(&t->screen, &t->frame, title);
		now = clock_ns(CLOCK_MONOTONIC);
		act = screen_wait(&t->screen, &t->frame, now < due_ns ? due_ns - now : 0, &steps);
		if (act != SCREEN_NEXT && !answer(t, act, steps))
			return false;
	} while (act != SCREEN_NEXT);
	return true;
}

static int run_screen(struct top *t)
{
	uint64_t i;
	int rc = EXIT_OK;

	t->screen.back = t->replay;
	t->playing = t->replay;
	if (!screen_open(&t->screen)) {
		error("this terminal cannot be drawn on: use --batch");
		return EXIT_FAILED;
	}
	for (i = 0; (!t->count || i < t->count) && show(t); i++) {
		if (t->replay && !t->playing)
			continue;
		if (!go_on(t, &rc) && rc)
			break;
	}
	screen_close();
	if (rc)
		error("the module does not answer any more: is it still loaded?");
	return rc;
}

static void parse_sort(struct top *t, const char *name)
{
	int i;

	for (i = 0; i < NR_SORT_KEYS; i++) {
		if (!strcmp(name, sort_names[i])) {
			t->screen.key = i;
			return;
		}
	}
	usage_error("--sort %s: must be " SORT_KEYS, name);
}

int top_main(int argc, char **argv)
{
	static struct top t = { .delay_ns = DELAY_NS };
	const char *filter = "", *sort = "cpu";
	const struct opt opts[] = {
		{ "batch", 'b', NULL, "print tables, draw nothing", OPT_FLAG, &t.batch },
		{ "count", 'n', "N", "end after N refreshes", OPT_U64, &t.count },
		{ "delay", 'd', "TIME", "time between refreshes, 1s", OPT_NS, &t.delay_ns },
		{ "sort", 's', "KEY", SORT_KEYS, OPT_STR, &sort },
		{ "filter", 'f', "TEXT", "only VMs with it in name, image or policy, or as id",
		  OPT_STR, &filter },
		{ "replay", 0, "FILE", "a recording in place of what is now", OPT_STR, &t.replay },
		{ "params", 0, "FILE", "policy, tariff and budget to try on it: NAME = VALUE",
		  OPT_STR, &t.params },
		OPT_JSON(t.json),
	};
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 0);
	if (t.replay && t.json)
		usage_error("--json: a recording has too little for it; see kvmeter replay --json");
	if (t.params && !t.replay)
		usage_error("--params: only with --replay");
	if (t.delay_ns < 1000000)
		usage_error("--delay: must be a millisecond at least");
	parse_sort(&t, sort);
	snprintf(t.screen.filter, sizeof(t.screen.filter), "%s", filter);
	t.batch |= t.json;
	rc = begin(&t);
	if (!rc)
		rc = t.batch ? run_batch(&t) : run_screen(&t);
	frame_free(&t.frame);
	past_free(&t.past);
	live_free(&t.live);
	return rc;
}
