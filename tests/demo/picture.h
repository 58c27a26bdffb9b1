/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DEMO_PICTURE_H
#define DEMO_PICTURE_H

/* draw_picture - the time line as SVG on standard output */
void draw_picture(void);

#endif
