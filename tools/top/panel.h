/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lower part of the screen: the chosen VM's last minutes.
 */
#ifndef KVMETER_PANEL_H
#define KVMETER_PANEL_H

#include "top/chart.h"
#include "top/frame.h"

#define PANEL_REST	4	/* lines beside the chart's own */
#define PANEL_LINE_MAX	(CHART_LINE_MAX + 64)

/**
 * struct panel - how it is to be drawn
 * @resource: what the chart is of
 * @width: columns of the screen
 * @rows: of the chart
 * @utf8: the terminal can draw it
 */
struct panel {
	uint32_t resource;
	int width;
	int rows;
	bool utf8;
};

/** panel_line - line @i of the panel of a VM, from 0 to @rows + PANEL_REST - 1 */
void panel_line(char buf[PANEL_LINE_MAX], const struct panel *p, const struct seen *s, int i);

#endif /* KVMETER_PANEL_H */
