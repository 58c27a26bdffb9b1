// SPDX-License-Identifier: GPL-2.0
#include "top/screen.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <ncurses.h>
#include <string.h>

#include "data/fmt.h"
#include "show/table.h"
#include "top/fields.h"

#define HEAD		2	/* lines above the list */
#define ROWS_MIN	5	/* of the list, heading included, before there is a panel */
#define CHART_ROWS	8
#define WAIT_MAX_MS	3600000
#define ESCAPE		27

static const char help_text[] =
	"Keys of kvmeter top\n"
	"\n"
	"  up, down, k, j, page keys   choose a VM\n"
	"  Enter                       explain its last adjustment\n"
	"  Tab                         its next resource in the chart\n"
	"  c                           chart on or off\n"
	"  s, S                        sort by the next, by the previous column\n"
	"  r                           reverse the order\n"
	"  /                           filter by name, image, policy or id; Enter ends it\n"
	"  Esc                         no filter\n"
	"  h, ?                        this help\n"
	"  q                           quit\n"
	"\n"
	"In a recording (--replay):\n"
	"  left, right                 a moment back, on\n"
	"  [, ]                        a minute's worth of moments back, on\n"
	"  Home, End                   the first, the last moment\n"
	"  space                       play, or stop\n"
	"\n"
	"Chart: bars are use, the line is what was forecast for that moment,\n"
	"the band is where 95 to 99 % of moments end.  A bar above it is improbable.\n";

bool screen_open(struct screen *s)
{
	setlocale(LC_CTYPE, "");
	if (!newterm(NULL, stdout, stdin))
		return false;
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	set_escdelay(50);
	s->panel.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	s->has_panel = true;
	return true;
}

void screen_close(void)
{
	endwin();
}

/* Bytes of a text that fill so many columns at most: all its signs are one wide */
static int fitting(const char *text, int columns)
{
	int len = 0;

	for (; text[len]; len++)
		if ((text[len] & 0xc0) != 0x80 && columns-- == 0)
			break;
	return len;
}

static void put_line(int y, const char *text, bool reverse)
{
	if (reverse) {
		attron(A_REVERSE);
		mvhline(y, 0, ' ', COLS);
	}
	mvaddnstr(y, 0, text, fitting(text, COLS));
	attroff(A_REVERSE);
}

static void draw_head(const struct screen *s, const struct frame *f, const char *title)
{
	char time[FMT_LEN], line[512];

	snprintf(line, sizeof(line), "%s  %s  %zu VMs  (h: help, q: quit)", title,
		 fmt_time(time, f->real_ns), f->nr_all);
	put_line(0, line, false);
	if (s->typing || *s->filter)
		snprintf(line, sizeof(line), "by %s%s, only /%s%s", sort_names[s->key],
			 s->reverse ? ", reversed" : "", s->filter, s->typing ? "_" : "");
	else
		snprintf(line, sizeof(line), "by %s%s", sort_names[s->key],
			 s->reverse ? ", reversed" : "");
	put_line(1, line, false);
}

static int panel_lines(const struct screen *s)
{
	int lines = CHART_ROWS + PANEL_REST;

	if (!s->has_panel || LINES < HEAD + ROWS_MIN + PANEL_REST + 2)
		return 0;
	return lines < LINES - HEAD - ROWS_MIN ? lines : LINES - HEAD - ROWS_MIN;
}

/* Keep the chosen VM in what is to be seen; choose the first if it is gone */
static size_t follow_chosen(struct screen *s, const struct frame *f, size_t rows)
{
	size_t at = frame_find(f, s->chosen);

	if (at == f->nr) {
		at = 0;
		s->chosen = f->nr ? f->seen[0].id : 0;
	}
	if (at < s->first)
		s->first = at;
	if (rows && at >= s->first + rows)
		s->first = at - rows + 1;
	if (s->first + rows > f->nr)
		s->first = f->nr > rows ? f->nr - rows : 0;
	return at;
}

static void draw_list(struct screen *s, const struct frame *f, int lines)
{
	size_t rows = lines > 1 ? lines - 1 : 0, i;
	size_t at = follow_chosen(s, f, rows);

	fields_fill(f, COLS);
	put_line(HEAD, table_line(0), true);
	for (i = 0; i < rows && s->first + i < f->nr; i++)
		put_line(HEAD + 1 + i, table_line(s->first + i + 1), s->first + i == at);
	table_end();
}

static void draw_panel(struct screen *s, const struct frame *f, int lines)
{
	size_t at = frame_find(f, s->chosen);
	char line[PANEL_LINE_MAX];
	int i;

	if (at == f->nr)
		return;
	s->panel.width = COLS;
	s->panel.rows = lines - PANEL_REST;
	for (i = 0; i < lines; i++) {
		panel_line(line, &s->panel, &f->seen[at], i);
		put_line(LINES - lines + i, line, false);
	}
}

void screen_draw(struct screen *s, struct frame *f, const char *title)
{
	int panel = panel_lines(s);

	frame_sort(f, s->key, s->reverse);
	frame_filter(f, s->filter);
	erase();
	draw_head(s, f, title);
	draw_list(s, f, LINES - HEAD - panel);
	if (panel)
		draw_panel(s, f, panel);
	refresh();
}

static void choose(struct screen *s, const struct frame *f, long by)
{
	long at = (long)frame_find(f, s->chosen) + by;

	if (!f->nr)
		return;
	if (at >= (long)f->nr)
		at = f->nr - 1;
	s->chosen = f->seen[at < 0 ? 0 : at].id;
}

static void type(struct screen *s, int key)
{
	size_t len = strlen(s->filter);

	if (key >= ' ' && key < 127 && len + 1 < sizeof(s->filter)) {
		s->filter[len] = key;
		s->filter[len + 1] = 0;
	} else if (key == '\n' || key == '\r' || key == KEY_ENTER) {
		s->typing = false;
	} else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && len) {
		s->filter[len - 1] = 0;
	} else if (key == ESCAPE) {
		s->filter[0] = 0;
		s->typing = false;
	}
}

/* Keys that only move through a recording; 0: not one of them */
static long steps_of(int key, uint64_t ns)
{
	long minute = ns ? 60000000000 / ns : 1;

	switch (key) {
	case KEY_LEFT:
		return -1;
	case KEY_RIGHT:
		return 1;
	case '[':
		return -(minute ? minute : 1);
	case ']':
		return minute ? minute : 1;
	case KEY_HOME:
		return -LONG_MAX;
	case KEY_END:
		return LONG_MAX;
	}
	return 0;
}

static enum screen_act press(struct screen *s, const struct frame *f, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		return SCREEN_QUIT;
	case '\n':
	case '\r':
	case KEY_ENTER:
		return SCREEN_EXPLAIN;
	case ' ':
		return s->back ? SCREEN_PLAY : SCREEN_STAY;
	case KEY_UP:
	case 'k':
		choose(s, f, -1);
		break;
	case KEY_DOWN:
	case 'j':
		choose(s, f, 1);
		break;
	case KEY_PPAGE:
		choose(s, f, -(LINES / 2));
		break;
	case KEY_NPAGE:
		choose(s, f, LINES / 2);
		break;
	case '\t':
		s->panel.resource = (s->panel.resource + 1) % NR_RESOURCES;
		break;
	case 'c':
		s->has_panel = !s->has_panel;
		break;
	case 's':
		s->key = (s->key + 1) % NR_SORT_KEYS;
		break;
	case 'S':
		s->key = (s->key + NR_SORT_KEYS - 1) % NR_SORT_KEYS;
		break;
	case 'r':
		s->reverse = !s->reverse;
		break;
	case '/':
		s->typing = true;
		break;
	case ESCAPE:
		*s->filter = 0;
		break;
	case 'h':
	case '?':
		screen_page(help_text);
		break;
	}
	return SCREEN_STAY;
}

enum screen_act screen_wait(struct screen *s, const struct frame *f, uint64_t ns, long *steps)
{
	uint64_t ms = ns / 1000000;
	int key;

	timeout(ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)ms);
	key = getch();
	if (key == ERR)
		return SCREEN_NEXT;
	if (s->typing) {
		type(s, key);
		return SCREEN_STAY;
	}
	*steps = s->back ? steps_of(key, ns) : 0;
	return *steps ? SCREEN_STEP : press(s, f, key);
}

void screen_page(const char *text)
{
	int y = 0;

	erase();
	for (; *text && y < LINES - 1; y++) {
		size_t len = strcspn(text, "\n");

		mvaddnstr(y, 0, text, len);
		text += len + (text[len] == '\n');
	}
	put_line(LINES - 1, "any key goes back", true);
	refresh();
	timeout(-1);
	getch();
}
