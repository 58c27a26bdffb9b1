// SPDX-License-Identifier: GPL-2.0
#include "trace/net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TINY		0.00000001f
#define WEIGHT_MAX	7.99f

/* in the order of struct kmc_model, so that rounding is one loop */
_Static_assert(NR_WEIGHTS * sizeof(int16_t) ==
	       sizeof(struct kmc_model) - offsetof(struct kmc_model, input_q12),
	       "net is not like kmc_model");

uint64_t net_seed;

uint64_t net_random(void)
{
	uint64_t z = (net_seed += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* from -1 up to 1 */
static float random_unit(void)
{
	return (float)(net_random() >> 40) / (1 << 23) - 1;
}

float net_clip(float v, float most)
{
	return fmaxf(-most, fminf(most, v));
}

static float sigmoid(float v)
{
	return 1 / (1 + expf(-v));
}

void net_forward(const struct net *w, const float *before, const int16_t *in_q10,
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

float net_output(const struct net *w, const float *h, int k)
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

void net_segment(const struct net *w, struct net *grad, const struct step *step)
{
	static const float nothing[UNITS];
	static struct memory memory[SEGMENT];
	float dh[UNITS] = { 0 };
	int t, i, k;

	for (t = 0; t < SEGMENT; t++)
		net_forward(w, t ? memory[t - 1].h : nothing, step[t].in_q10, &memory[t]);
	for (t = SEGMENT - 1; t >= 0; t--) {
		for (k = 0; t >= BURN_IN && k < OUT; k++) {
			float off = net_output(w, memory[t].h, k) - step[t].target[k];
			/* the sign, straight near 0; a spike's worth is bounded */
			float dy = net_clip(off * 16, 1) * fminf(step[t].worth, 8);

			grad->output_bias[k] += dy;
			for (i = 0; i < UNITS; i++) {
				grad->output[k][i] += dy * memory[t].h[i];
				dh[i] += dy * w->output[k][i];
			}
		}
		backward(w, grad, &memory[t], t ? memory[t - 1].h : nothing, dh);
	}
}

void net_adam(struct net *net, const struct net *gradient, struct net *mean, struct net *square,
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
		w[i] = net_clip(w[i] - rate * gi, WEIGHT_MAX);
	}
}

void net_init(struct net *w)
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

void net_quantise(const struct net *w, struct kmc_model *m)
{
	const float *from = (const float *)w;
	s16 *to = &m->input_q12[0][0][0];
	size_t i;

	for (i = 0; i < NR_WEIGHTS; i++)
		to[i] = lrintf(from[i] * 4096);
	kmc_model_seal(m);
}
