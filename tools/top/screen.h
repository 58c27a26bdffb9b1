/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The terminal: a list of VMs, the chosen one's chart below it, and keys.
 */
#ifndef KVMETER_SCREEN_H
#define KVMETER_SCREEN_H

#include "top/frame.h"
#include "top/panel.h"

#define SCREEN_FILTER_MAX	32

/**
 * struct screen - what is shown, and how
 * @key: what the list is sorted by
 * @reverse: the other way round
 * @filter: only VMs with that in them
 * @typing: keys go to the filter
 * @chosen: id of the VM under the cursor
 * @first: row of the list that is on top
 * @has_panel: the chosen VM's chart is shown
 * @panel: how it is drawn
 * @back: frames can be stepped through: it is a recording
 */
struct screen {
	enum sort_key key;
	bool reverse;
	char filter[SCREEN_FILTER_MAX];
	bool typing;
	uint32_t chosen;
	size_t first;
	bool has_panel;
	struct panel panel;
	bool back;
};

/** enum screen_act - what a key asks of others than the screen */
enum screen_act {
	SCREEN_STAY,		/* nothing: draw again */
	SCREEN_QUIT,
	SCREEN_EXPLAIN,		/* the chosen VM's last adjustment */
	SCREEN_STEP,		/* by so many frames */
	SCREEN_PLAY,		/* or stop */
	SCREEN_NEXT,		/* no key came in time */
};

/** screen_open - take the terminal; false: it cannot be drawn on */
bool screen_open(struct screen *s);
void screen_close(void);
/** screen_draw - @f is sorted and filtered by it; @title: first words of the first line */
void screen_draw(struct screen *s, struct frame *f, const char *title);
/** screen_wait - wait for a key for so long; @steps: with SCREEN_STEP, back if below 0 */
enum screen_act screen_wait(struct screen *s, const struct frame *f, uint64_t ns, long *steps);
/** screen_page - show lines of text until a key comes */
void screen_page(const char *text);

#endif /* KVMETER_SCREEN_H */
