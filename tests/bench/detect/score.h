/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Score: what the benchmark gives a detector for its series.
 */
#ifndef DETECT_SCORE_H
#define DETECT_SCORE_H

/* What a wrong alert and a missed window cost; a window found at its begin earns 1 */
struct profile {
	const char *name;
	double fp;
	double fn;
};

extern const struct profile standard;
extern const struct profile low_fp;
extern const struct profile low_fn;

/*
 * The best threshold, and the score under it, of the series whose names begin
 * with @only and not with @but; NULL: all.
 */
double score(const struct profile *p, const char *only, const char *but, double *threshold);

/* The score under a given threshold, of the series whose names begin with @only */
double score_at(const struct profile *p, const char *only, double threshold);

#endif /* DETECT_SCORE_H */
