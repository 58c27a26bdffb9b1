// SPDX-License-Identifier: GPL-2.0
/*
 * The network's weights from recorded traces.
 *
 * The core runs over each trace and tells what its network would have seen.  A
 * network in floating point learns from that, by gradients through time (Werbos
 * 1990) and Adam (Kingma and Ba 2015).  It learns the forecast that the value a
 * period and six later is above as often as below.  An error counts in units of
 * the trace's own last-value error, so that quiet VMs count as busy ones.
 *
 * Every fifth series is not learned from but says when to stop.  The weights
 * are then rounded to the core's, and the core's network is run over the same
 * series.  If it does not do as well nothing is written.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "predict.h"

#include "cli/error.h"
#include "cli/opt.h"
#include "trace/model.h"
#include "trace/net.h"
#include "trace/trace.h"
#include "verb/verb.h"

#define VALIDATE_EACH	5
#define PATIENCE	4	/* epochs without progress */
#define SKIP		288	/* samples of a series before validation counts */
#define TARGET_MAX	32.0f
#define PER_DAY		288

struct series {
	struct step *step;
	size_t nr;
	bool validate;
};

struct data {
	struct series *series;
	size_t nr;
	size_t nr_steps;	/* to learn from */
};

/* What the core's network would have seen, and what came */
static int learn_trace(struct trace *t, void *arg)
{
	static const unsigned int ahead[OUT] = { 1, KMC_AHEAD };
	static struct kmc_predict predict;
	struct data *d = arg;
	struct series *s;
	double move = 0;
	size_t i, k;

	if (t->nr < 2 * SEGMENT)
		return 0;
	for (i = 1; i < t->nr; i++)
		move += fabs((double)t->value[i] - t->value[i - 1]) / (t->nr - 1);
	if (move == 0)
		return 0;
	d->series = realloc(d->series, (d->nr + 1) * sizeof(*d->series));
	if (!d->series)
		abort();
	s = &d->series[d->nr];
	s->validate = d->nr % VALIDATE_EACH == VALIDATE_EACH - 1;
	s->nr = t->nr - KMC_AHEAD;
	s->step = calloc(s->nr, sizeof(*s->step));
	if (!s->step)
		abort();
	kmc_predict_init(&predict, PER_DAY);
	for (i = 0; i < s->nr; i++) {
		const struct kmc_sample sample = { t->value[i], t->value[i], false };
		const struct kmc_predict_due *due = &predict.due_next;

		kmc_predict_observe(&predict, &sample, 1);
		memcpy(s->step[i].in_q10, predict.input_q10, sizeof(s->step[i].in_q10));
		for (k = 0; k < OUT; k++) {
			double v = t->value[i + ahead[k]] * 256.0 - due->centre_q8;

			s->step[i].target[k] = net_clip(v / due->scale_q8, TARGET_MAX);
		}
		s->step[i].worth = due->scale_q8 / 256.0 / move;
	}
	if (!s->validate)
		d->nr_steps += s->nr;
	d->nr++;
	return 0;
}

/* Mean over the held-out series of error / last-value error, per horizon */
static void validate(const struct data *d, const struct net *w, const struct kmc_model *model,
		     double *loss)
{
	size_t nr = 0, i, t;
	int k, j;

	memset(loss, 0, OUT * sizeof(*loss));
	for (i = 0; i < d->nr; i++) {
		const struct series *s = &d->series[i];
		size_t skip = s->nr > 2 * SKIP ? SKIP : s->nr / 4;
		struct memory m = { 0 };
		s16 h_q14[UNITS] = { 0 };
		double sum[OUT] = { 0 };

		if (!s->validate)
			continue;
		for (t = 0; t < s->nr; t++) {
			float before[UNITS];

			if (model) {
				kmc_rnn_step(model, h_q14, s->step[t].in_q10);
			} else {
				for (j = 0; j < UNITS; j++)
					before[j] = m.h[j];
				net_forward(w, before, s->step[t].in_q10, &m);
			}
			for (k = 0; t >= skip && k < OUT; k++) {
				float y = model ? kmc_rnn_output_q10(model, h_q14, k) / 1024.0f :
						  net_output(w, m.h, k);

				sum[k] += fabsf(y - s->step[t].target[k]) * s->step[t].worth;
			}
		}
		for (k = 0; k < OUT; k++)
			loss[k] += sum[k] / (s->nr - skip);
		nr++;
	}
	for (k = 0; k < OUT; k++)
		loss[k] /= nr ? nr : 1;
}

static void epoch(const struct data *d, struct net *w, struct net *mean, struct net *square,
		  unsigned long *steps, float rate)
{
	size_t batches = d->nr_steps / (SEGMENT - BURN_IN) / BATCH + 1, b;
	int i;

	for (b = 0; b < batches; b++) {
		struct net grad = { 0 };

		for (i = 0; i < BATCH;) {
			/* a series is drawn as often as another, long or short */
			const struct series *s = &d->series[net_random() % d->nr];

			if (s->validate)
				continue;
			net_segment(w, &grad, &s->step[net_random() % (s->nr - SEGMENT + 1)]);
			i++;
		}
		net_adam(w, &grad, mean, square, ++*steps, rate);
	}
}

static int train(const struct data *d, const char *path, uint64_t epochs)
{
	struct net w, best, mean = { 0 }, square = { 0 };
	double loss[OUT], least = INFINITY, rounded[OUT];
	unsigned long steps = 0;
	struct kmc_model model;
	unsigned int e, since = 0;
	const char *why;

	net_init(&w);
	best = w;
	for (e = 0; e < epochs && since < PATIENCE; e++) {
		float rate = 0.004f * (1 - 0.95f * e / epochs);

		epoch(d, &w, &mean, &square, &steps, rate);
		validate(d, &w, NULL, loss);
		since++;
		if (loss[0] + loss[1] < least) {
			least = loss[0] + loss[1];
			best = w;
			since = 0;
		}
		fprintf(stderr, "epoch %u: held-out error over the last value's: %.4f %.4f%s\n",
			e + 1, loss[0], loss[1], since ? "" : " *");
	}
	validate(d, &best, NULL, loss);
	net_quantise(&best, &model);
	validate(d, NULL, &model, rounded);
	fprintf(stderr, "floating point %.4f %.4f, rounded %.4f %.4f\n", loss[0], loss[1],
		rounded[0], rounded[1]);
	why = kmc_model_check(&model, sizeof(model));
	if (why) {
		error("%s", why);
		return EXIT_FAILED;
	}
	if (!(rounded[0] + rounded[1] <= 1.01 * (loss[0] + loss[1]))) {
		error("the rounded network is worse by more than 1 %%");
		return EXIT_FAILED;
	}
	return model_write(path, &model);
}

int train_main(int argc, char **argv)
{
	uint64_t epochs = 20;
	const char *path = NULL;
	struct data d = { 0 };
	const struct opt opts[] = {
		{ "output", 'o', "FILE", "where the model goes", OPT_STR, &path },
		{ "epochs", 0, "N", "at most so many, 20 if not given", OPT_U64, &epochs },
		{ "seed", 0, "N", "of all that is drawn, 0 if not given", OPT_U64, &net_seed },
	};
	int rc = 0;
	size_t i;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, argc);
	if (!path)
		usage_error("needs --output FILE");
	for (i = 0; argv[i] && !rc; i++)
		rc = trace_each(argv[i], learn_trace, &d);
	if (!rc && d.nr < VALIDATE_EACH) {
		error("needs %d series that are not constant", VALIDATE_EACH);
		rc = EXIT_FAILED;
	}
	if (!rc)
		fprintf(stderr, "%zu series, %zu samples to learn from\n", d.nr, d.nr_steps);
	if (!rc)
		rc = train(&d, path, epochs);
	for (i = 0; i < d.nr; i++)
		free(d.series[i].step);
	free(d.series);
	return rc;
}
