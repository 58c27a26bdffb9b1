// SPDX-License-Identifier: GPL-2.0
/*
 * The network's weights from recorded traces.
 *
 * The core runs over each trace and tells what its network would have seen; a
 * network in floating point learns from that, by gradients through time
 * (Werbos 1990) and Adam (Kingma and Ba 2015), the forecast that the value a
 * period and six later is above as often as below.  An error counts in units
 * of the trace's own last-value error, so that quiet VMs count as busy ones.
 *
 * Every fifth series is not learned from but says when to stop.  The weights
 * are then rounded to the core's, the core's network is run over the same
 * series, and if it does not do as well nothing is written.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predict.h"

#include "verb/verb.h"
#include "show/print.h"
#include "trace/trace.h"

#define VALIDATE_EACH	5
#define SEGMENT		64	/* steps that gradients go back */
#define BURN_IN		16	/* of them, before errors count */
#define BATCH		16
#define PATIENCE	4	/* epochs without progress */
#define SKIP		288	/* samples of a series before validation counts */
#define TARGET_MAX	32.0f
#define WEIGHT_MAX	7.99f
#define PER_DAY		288
#define TINY		0.00000001f

#define IN		KMC_RNN_INPUTS
#define UNITS		KMC_RNN_UNITS
#define OUT		KMC_RNN_OUTPUTS
#define GATES		KMC_RNN_GATES

/* in the order of struct kmc_model, so that rounding is one loop */
struct net {
	float input[GATES][UNITS][IN];
	float state[GATES][UNITS][UNITS];
	float bias[GATES][UNITS];
	float output[OUT][UNITS];
	float output_bias[OUT];
};

#define NR_WEIGHTS	(sizeof(struct net) / sizeof(float))

_Static_assert(NR_WEIGHTS * sizeof(int16_t) ==
	       sizeof(struct kmc_model) - offsetof(struct kmc_model, input_q12),
	       "net is not like kmc_model");

struct step {
	int16_t in_q10[IN];
	float target[OUT];	/* from the centre, in scales */
	float worth;		/* of an error of one scale */
};

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

struct memory {		/* of a step, for the way back */
	float z[UNITS], r[UNITS], n[UNITS], h[UNITS], un[UNITS];
	float in[IN];
};

static uint64_t rng;

static uint64_t random_u64(void)
{
	uint64_t z = (rng += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* from -1 up to 1 */
static float random_unit(void)
{
	return (float)(random_u64() >> 40) / (1 << 23) - 1;
}

static float clip(float v, float most)
{
	return fmaxf(-most, fminf(most, v));
}

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

			s->step[i].target[k] = clip(v / due->scale_q8, TARGET_MAX);
		}
		s->step[i].worth = due->scale_q8 / 256.0 / move;
	}
	if (!s->validate)
		d->nr_steps += s->nr;
	d->nr++;
	return 0;
}

static float sigmoid(float v)
{
	return 1 / (1 + expf(-v));
}

static void forward(const struct net *w, const float *before, const int16_t *in_q10,
		    struct memory *m)
{
	int i, j;

	for (j = 0; j < IN; j++)
		m->in[j] = in_q10[j] / 1024.0f;
	for (i = 0; i < UNITS; i++) {
		float a[GATES];
		int g;

		for (g = 0; g < GATES; g++) {
			a[g] = w->bias[g][i];
			for (j = 0; j < IN; j++)
				a[g] += w->input[g][i][j] * m->in[j];
		}
		m->un[i] = 0;
		for (j = 0; j < UNITS; j++) {
			a[0] += w->state[0][i][j] * before[j];
			a[1] += w->state[1][i][j] * before[j];
			m->un[i] += w->state[2][i][j] * before[j];
		}
		m->z[i] = sigmoid(a[0]);
		m->r[i] = sigmoid(a[1]);
		m->n[i] = tanhf(a[2] + m->r[i] * m->un[i]);
		m->h[i] = (1 - m->z[i]) * m->n[i] + m->z[i] * before[i];
	}
}

static float output(const struct net *w, const float *h, int k)
{
	float y = w->output_bias[k];
	int i;

	for (i = 0; i < UNITS; i++)
		y += w->output[k][i] * h[i];
	return y;
}

static void backward(const struct net *w, struct net *grad, const struct memory *m,
		     const float *before, float *dh)
{
	float dbefore[UNITS];
	int i, j, g;

	for (i = 0; i < UNITS; i++)
		dbefore[i] = dh[i] * m->z[i];
	for (i = 0; i < UNITS; i++) {
		float dn = dh[i] * (1 - m->z[i]) * (1 - m->n[i] * m->n[i]);
		float da[GATES] = {
			dh[i] * (before[i] - m->n[i]) * m->z[i] * (1 - m->z[i]),
			dn * m->un[i] * m->r[i] * (1 - m->r[i]),
			dn,
		};

		for (g = 0; g < GATES; g++) {
			float through = g == 2 ? dn * m->r[i] : da[g];

			grad->bias[g][i] += da[g];
			for (j = 0; j < IN; j++)
				grad->input[g][i][j] += da[g] * m->in[j];
			for (j = 0; j < UNITS; j++) {
				grad->state[g][i][j] += through * before[j];
				dbefore[j] += through * w->state[g][i][j];
			}
		}
	}
	memcpy(dh, dbefore, sizeof(dbefore));
}

static void segment(const struct net *w, struct net *grad, const struct step *step)
{
	static const float nothing[UNITS];
	static struct memory memory[SEGMENT];
	float dh[UNITS] = { 0 };
	int t, i, k;

	for (t = 0; t < SEGMENT; t++)
		forward(w, t ? memory[t - 1].h : nothing, step[t].in_q10, &memory[t]);
	for (t = SEGMENT - 1; t >= 0; t--) {
		for (k = 0; t >= BURN_IN && k < OUT; k++) {
			float off = output(w, memory[t].h, k) - step[t].target[k];
			/* the sign, straight near 0; a spike's worth is bounded */
			float dy = clip(off * 16, 1) * fminf(step[t].worth, 8);

			grad->output_bias[k] += dy;
			for (i = 0; i < UNITS; i++) {
				grad->output[k][i] += dy * memory[t].h[i];
				dh[i] += dy * w->output[k][i];
			}
		}
		backward(w, grad, &memory[t], t ? memory[t - 1].h : nothing, dh);
	}
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
				forward(w, before, s->step[t].in_q10, &m);
			}
			for (k = 0; t >= skip && k < OUT; k++) {
				float y = model ? kmc_rnn_output_q10(model, h_q14, k) / 1024.0f :
						  output(w, m.h, k);

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

static void adam(struct net *net, const struct net *gradient, struct net *mean, struct net *square,
		 unsigned long step, float rate)
{
	float *w = (float *)net, *m = (float *)mean, *v = (float *)square;
	const float *g = (const float *)gradient;
	float norm = 0, fix_m = 1 - powf(0.9f, step), fix_v = 1 - powf(0.999f, step);
	size_t i;

	for (i = 0; i < NR_WEIGHTS; i++)
		norm += g[i] * g[i];
	norm = fmaxf(1, sqrtf(norm) / (BATCH * SEGMENT));
	for (i = 0; i < NR_WEIGHTS; i++) {
		float gi = g[i] / (BATCH * SEGMENT) / norm;

		m[i] += 0.1f * (gi - m[i]);
		v[i] += 0.001f * (gi * gi - v[i]);
		gi = m[i] / fix_m / (sqrtf(v[i] / fix_v) + TINY);
		w[i] = clip(w[i] - rate * gi, WEIGHT_MAX);
	}
}

static void net_init(struct net *w)
{
	float *all = (float *)w;
	size_t i;

	for (i = 0; i < NR_WEIGHTS; i++)
		all[i] = random_unit() * 0.3f;
	memset(w->bias, 0, sizeof(w->bias));
	memset(w->output_bias, 0, sizeof(w->output_bias));
	/* it remembers to begin with */
	for (i = 0; i < UNITS; i++)
		w->bias[0][i] = (float)i / UNITS * 2;
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
			const struct series *s = &d->series[random_u64() % d->nr];

			if (s->validate)
				continue;
			segment(w, &grad, &s->step[random_u64() % (s->nr - SEGMENT + 1)]);
			i++;
		}
		adam(w, &grad, mean, square, ++*steps, rate);
	}
}

static void quantise(const struct net *w, struct kmc_model *m)
{
	const float *from = (const float *)w;
	s16 *to = &m->input_q12[0][0][0];
	size_t i;

	for (i = 0; i < NR_WEIGHTS; i++)
		to[i] = lrintf(from[i] * 4096);
	kmc_model_seal(m);
}

static int model_write(const char *path, const struct kmc_model *m)
{
	FILE *file = fopen(path, "wb");
	bool good;

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	good = fwrite(m, sizeof(*m), 1, file) == 1;
	if (fclose(file) || !good) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	return 0;
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
	quantise(&best, &model);
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
		{ "output", 'o', "FILE", "where the model goes", OPT_STR, &path, 0, 0 },
		{ "epochs", 0, "N", "at most so many, 20 if not given", OPT_U64, &epochs, 0, 0 },
		{ "seed", 0, "N", "of all that is drawn, 0 if not given", OPT_U64, &rng, 0, 0 },
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
