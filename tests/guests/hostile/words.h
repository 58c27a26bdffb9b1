/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a vCPU of hostilevmm and its VMM share: a few 64-bit words each, indexed by these names from
 * C and from assembly. The VMM writes the first, the guest the others.
 */
#ifndef WORDS_H
#define WORDS_H

#define W_BURST		0	/* iterations between two exits; 0: never exit */
#define W_WORK		8	/* iterations done */
#define W_EXITS		9	/* exits made */
#define W_COUNT		16	/* words of a vCPU: two cache lines */

#define PORT_EXIT	0x11

#endif
