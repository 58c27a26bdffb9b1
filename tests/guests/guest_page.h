/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a vCPU of kvmguest and its VMM share: one page per vCPU, used as an array of 64-bit words,
 * indexed by the PG_ names below from C and from assembly. One writer per word: the VMM writes the
 * first 16, the guest the next 16; each side may read the other's at any time.
 */
#ifndef GUEST_PAGE_H
#define GUEST_PAGE_H

/* Written by the VMM. Times are in TSC cycles of the guest. */
#define PG_SEQ		0	/* bumped after any change: the guest looks again at once */
#define PG_CYCLE	1	/* length of the demand cycle, never 0 */
#define PG_ON		2	/* busy time in each cycle; 0: idle, >= PG_CYCLE: never idle */
#define PG_PHASE	3	/* a moment at which a cycle starts */
#define PG_STRICT	4	/* busy time ends at cycle start + PG_ON, however late it began */
#define PG_KIND		5	/* what to do when busy: KIND_ below */
#define PG_STALL	6	/* a gap of at least this between two iterations is a stall */
#define PG_IS_INTEL	7	/* hypercalls are VMCALL, not VMMCALL */
#define PG_HC_NR	8	/* hypercall number and arguments */
#define PG_HC_A0	9
#define PG_HC_A1	10
#define PG_HC_A2	11
#define PG_HC_A3	12
#define PG_HC_WANTED	13	/* single hypercalls asked for so far */

/* Written by the guest, except that the VMM sets PG_LEFT before the start. */
#define PG_WORK		16	/* iterations done */
#define PG_EXITS	17	/* exits asked for: those of KIND_CPUID to KIND_HYPERCALL */
#define PG_LEFT		18	/* stop after so many of these exits; 0: never */
#define PG_TSC		19	/* the TSC at the last iteration */
#define PG_GAP_MAX	20	/* longest time between two iterations */
#define PG_STALLS	21	/* stalls, and their sum */
#define PG_STALLED	22
#define PG_LATE_MAX	23	/* longest delay from timer expiry to being awake */
#define PG_WAKEUPS	24	/* times woken from HLT */
#define PG_HC_DONE	25	/* single hypercalls made, and what the last one returned */
#define PG_HC_RET	26

#define KIND_SPIN	0	/* compute, never exit */
#define KIND_CPUID	1	/* exits that the kernel handles */
#define KIND_IO		2	/* exits that the VMM handles */
#define KIND_HYPERCALL	3

/* I/O ports of x86; elsewhere memory where there is none */
#define PORT_READY	0x10	/* the vCPU runs */
#define PORT_EXIT	0x11	/* KIND_IO */
#define PORT_DONE	0x12	/* PG_LEFT reached 0 */

#define VECTOR_TIMER	0x40
#define VECTOR_WAKE	0x41

#endif
