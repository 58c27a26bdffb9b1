/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network like the core's, in floating point: it learns by gradients through
 * time (Werbos 1990) and Adam (Kingma and Ba 2015).
 */
#ifndef KVMETER_NET_H
#define KVMETER_NET_H

#include <stddef.h>
#include <stdint.h>

#include "rnn.h"

#define SEGMENT		64	/* steps that gradients go back */
#define BURN_IN		16	/* of them, before errors count */
#define BATCH		16	/* segments per step of Adam */

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

struct step {
	int16_t in_q10[IN];
	float target[OUT];	/* from the centre, in scales */
	float worth;		/* of an error of one scale */
};

/* of a step, for the way back */
struct memory {
	float z[UNITS], r[UNITS], n[UNITS], h[UNITS], un[UNITS];
	float in[IN];
};

extern uint64_t net_seed;	/* of all that is drawn */

uint64_t net_random(void);
float net_clip(float v, float most);	/* to -@most up to @most */

void net_init(struct net *w);
/** net_forward - one step: @m from the state @before and the input */
void net_forward(const struct net *w, const float *before, const int16_t *in_q10,
		 struct memory *m);
float net_output(const struct net *w, const float *h, int k);
/** net_segment - add the gradients of SEGMENT steps to @grad */
void net_segment(const struct net *w, struct net *grad, const struct step *step);
/** net_adam - move the weights, @step is counted from 1 */
void net_adam(struct net *net, const struct net *gradient, struct net *mean, struct net *square,
	      unsigned long step, float rate);
/** net_quantise - the weights, rounded to the core's */
void net_quantise(const struct net *w, struct kmc_model *m);

#endif /* KVMETER_NET_H */
