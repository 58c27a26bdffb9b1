// SPDX-License-Identifier: GPL-2.0
/*
 * What "kvmeter top" makes of its readings: order, filter, tracks, charts, and
 * frames out of a recording.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "check.h"
#include "cli/error.h"
#include "top/chart.h"
#include "top/frame.h"
#include "top/panel.h"
#include "top/past.h"
#include "trace/trace.h"

/* what the tool says of a file is not of interest here */
void error(__attribute__((unused)) const char *fmt, ...)
{
}

static void that(bool good, const char *what)
{
	check(good, "top", what, "no");
}

static void check_str(const char *got, const char *want, const char *what)
{
	check(!strcmp(got, want), want, what, got);
}

static struct frame three(struct seen *seen)
{
	static const struct seen vms[] = {
		{ .id = 1, .nr_vcpus = 1, .name = "web", .image = "shop", .policy = "guard",
		  .cpu = 90, .exits_s = 5, .now.surprise_mbit = 4000 },
		{ .id = 2, .nr_vcpus = 4, .name = "db", .image = "", .policy = "observe",
		  .cpu = 50, .exits_s = NAN, .now.surprise_mbit = 1000 },
		{ .id = 3, .nr_vcpus = 1, .name = "", .image = "Shop", .policy = "observe",
		  .cpu = NAN, .exits_s = 7 },
	};

	memcpy(seen, vms, sizeof(vms));
	return (struct frame){ seen, 3, 3, 0 };
}

static void order(enum sort_key key, bool reverse, const char *want)
{
	struct seen seen[3];
	struct frame f = three(seen);
	char got[4] = "", what[64];
	int i;

	frame_sort(&f, key, reverse);
	for (i = 0; i < 3; i++)
		got[i] = '0' + f.seen[i].id;
	snprintf(what, sizeof(what), "sorted by %s%s", sort_names[key],
		 reverse ? ", reversed" : "");
	check_str(got, want, what);
}

static void check_filter(const char *text, size_t nr)
{
	struct seen seen[3];
	struct frame f = three(seen);
	char what[64];

	frame_filter(&f, text);
	snprintf(what, sizeof(what), "filter \"%s\"", text);
	that(f.nr == nr && f.nr_all == 3, what);
}

static void test_frame(void)
{
	/* 4 vCPUs at 50 % use more than one at 90 %; what is not known is last */
	order(SORT_CPU, false, "213");
	order(SORT_CPU, true, "312");
	order(SORT_EXITS, false, "312");
	order(SORT_SURPRISE, false, "123");
	order(SORT_NAME, false, "321");
	order(SORT_ID, false, "123");
	order(SORT_ID, true, "321");
	/* equal: by id, either way */
	order(SORT_PRICE, false, "123");
	order(SORT_PRICE, true, "123");
	check_filter("", 3);
	check_filter("shop", 2);
	check_filter("OBSERVE", 2);
	check_filter("2", 1);
	check_filter("nothing", 0);
}

static void test_tracks(void)
{
	struct tracks ts = { 0 };
	struct point p = { .price_ncr_h = 0 };
	const struct track *t;
	bool good = true;
	size_t i;

	for (i = 0; i < 5 * TRACK_POINTS; i++) {
		p.price_ncr_h = i;
		t = tracks_add(&ts, 7, &p);
		good &= t->nr == (i < TRACK_POINTS ? i + 1 : TRACK_POINTS) &&
			t->point[t->nr - 1].price_ncr_h == i &&
			t->point[0].price_ncr_h == i + 1 - t->nr;
	}
	that(good, "a track is the last points in their order");
	tracks_add(&ts, 3, &p);
	tracks_add(&ts, 9, &p);
	that(tracks_find(&ts, 3) && tracks_find(&ts, 7) && tracks_find(&ts, 9) &&
	     !tracks_find(&ts, 8), "tracks are found by id");
	tracks_sweep(&ts);
	tracks_add(&ts, 9, &p);
	tracks_sweep(&ts);
	that(ts.nr == 1 && tracks_find(&ts, 9)->nr == 2, "VMs that are gone are forgotten");
	tracks_free(&ts);
}

static void test_chart(void)
{
	const struct chart_column c[] = {
		{ 100, NAN, NAN, NAN }, { 50, 75, NAN, NAN }, { 0, 20, 60, 90 },
		{ NAN, NAN, NAN, NAN }, { 6.25, NAN, NAN, NAN },
	};
	const double v[] = { 1, NAN, 8, 4.5 }, flat[] = { 3, 3 };
	char buf[CHART_LINE_MAX];

	chart_row(buf, c, 5, 1, 2, 100, true);
	check_str(buf, "█─░  ", "upper row");
	chart_row(buf, c, 5, 0, 2, 100, true);
	check_str(buf, "██─ ▁", "lower row");
	chart_row(buf, c, 5, 1, 2, 100, false);
	check_str(buf, "#-'  ", "upper row in ASCII");
	sparkline(buf, v, 4, true);
	check_str(buf, "▁ █▅", "from the least to the most");
	sparkline(buf, flat, 2, true);
	check_str(buf, "▁▁", "all equal");
	that(chart_top(c, 5) == 100 && chart_top(c + 2, 1) == 100 && chart_top(c + 4, 1) == 10 &&
	     chart_top(c + 3, 1) == 1, "the top is a round number");
}

/* Two VMs; the second begins five seconds later; a tenth of a second is a period */
static void write_recording(const char *path)
{
	gzFile f = gzopen(path, "wb");
	int i;

	gzputs(f, TRACE_HEAD "\n");
	gzputs(f, TRACE_NOTE "resource=cpu period_ns=100000000 vm=1 vcpus=2 epoch=1 first=1 nr=100 "
	       "end_ns=1000000000000 throttled=0 name=one\nvm1.cpu");
	for (i = 0; i < 100; i++)
		gzprintf(f, ",%d", i < 50 ? 1000 : 3000);
	gzputs(f, "\n" TRACE_NOTE "resource=cpu period_ns=100000000 vm=2 vcpus=1 epoch=1 first=1 "
	       "nr=50 end_ns=1000000000000 throttled=0 name=two\nvm2.cpu");
	for (i = 0; i < 50; i++)
		gzprintf(f, ",%d", 200 * (i % 10));
	gzputs(f, "\n");
	gzclose(f);
}

static void test_past(void)
{
	char path[] = "/tmp/kvmeter-test-top.XXXXXX", line[PANEL_LINE_MAX];
	const struct panel panel = { .resource = KVMETER_RESOURCE_CPU, .width = 40, .rows = 2 };
	static struct whatif_conf conf;
	struct frame f = { 0 };
	struct past past;
	int i, fd = mkstemp(path);

	if (fd < 0)
		abort();
	write_recording(path);
	whatif_default(&conf);
	that(past_read(&past, path, &conf, 1000000000) == EXIT_OK, "a recording is read");
	that(past.nr_frames == 10, "cut into seconds");
	past_frame(&past, 0, &f);
	that(f.nr == 1 && f.seen[0].id == 1 && f.seen[0].cpu == 10 &&
	     f.real_ns == 991000000000, "at first one VM");
	past_frame(&past, 9, &f);
	that(f.nr == 2 && f.seen[0].cpu == 30 && f.seen[1].cpu == 9 && f.seen[0].nr_track == 10 &&
	     f.seen[1].nr_track == 5 && f.real_ns == 1000000000000, "then two, with their means");
	that(f.seen[0].spent_ncr == NONE && f.seen[0].adjustment_seq == NONE,
	     "what a recording does not say is not known");
	that(fabs(f.seen[0].now.level[KVMETER_RESOURCE_CPU].predicted - 3000) < 300,
	     "the forecast follows what is recorded");
	for (i = 0; i < panel.rows + PANEL_REST; i++)
		panel_line(line, &panel, &f.seen[0], i);
	that(!strncmp(line, "grant 100%, price ", 18), "the panel says grant and price");
	past_free(&past);
	/* the last 50 ms are no frame of their own: no period begins in them */
	past_read(&past, path, &conf, 995000000);
	past_frame(&past, past.nr_frames - 1, &f);
	that(f.nr == 2, "the last frame has what the recording ends with");
	past_free(&past);
	that(past_read(&past, "/nonexistent", &conf, 1000000000) == EXIT_FAILED,
	     "no recording is no success");
	past_free(&past);
	frame_free(&f);
	close(fd);
	unlink(path);
}

int main(void)
{
	test_frame();
	test_tracks();
	test_chart();
	test_past();
	return check_end();
}
