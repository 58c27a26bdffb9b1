/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Table: ours beside the baselines, part by part, moved, by category; its cost.
 */
#ifndef DETECT_TABLE_H
#define DETECT_TABLE_H

struct kmc_detect_params;

/* All tables, of the series that are read */
void print_tables(const struct kmc_detect_params *p);

#endif /* DETECT_TABLE_H */
