/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest of kvmguest on arm64: what guest_code_x86.S does, step by step; its head says why.
 *
 * Interrupts are masked for good: a WFI ends when one is pending, masked or not. It is then taken
 * from the interrupt controller by hand. One that comes before the WFI ends it at once.
 *
 * x19: this vCPU's page   x20: counter at the last iteration   x21: counter at which to stop being
 * busy   x22: counter at the end of this cycle   x23: PG_SEQ as last seen   x24: the ports
 */
#include "guest_page.h"

#define ICC_PMR_EL1		S3_0_C4_C6_0
#define ICC_IAR1_EL1		S3_0_C12_C12_0
#define ICC_EOIR1_EL1		S3_0_C12_C12_1
#define ICC_IGRPEN1_EL1		S3_0_C12_C12_7
#define MAIR			0x04ff		/* 0: normal, cached; 1: device */
#define TCR			0x803519	/* 39 bits from TTBR0, 4 KiB, cached; none from TTBR1 */
#define SCTLR_MMU_CACHES	0x1005
#define SPIN_LOOPS		64

#define WORD(name)		[x19, #(8 * (name))]

.macro read_counter reg
	isb
	mrs	\reg, cntvct_el0
.endm

.macro increment name		/* uses x9 */
	ldr	x9, WORD(\name)
	add	x9, x9, #1
	str	x9, WORD(\name)
.endm

	.section .rodata
	.balign	16
	.globl	guest_begin, guest_end

/* x0: the page table, x19 and x24 as above; the MMU is off */
guest_begin:
	ldr	x1, =MAIR
	msr	mair_el1, x1
	ldr	x1, =TCR
	msr	tcr_el1, x1
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	mrs	x1, sctlr_el1
	ldr	x2, =SCTLR_MMU_CACHES
	orr	x1, x1, x2
	msr	sctlr_el1, x1
	isb
	mov	x0, #0xf0
	msr	ICC_PMR_EL1, x0
	mov	x0, #1
	msr	ICC_IGRPEN1_EL1, x0
	isb
	strb	wzr, [x24, #PORT_READY]

cycle:
	ldar	x23, [x19]		/* PG_SEQ, before what it tells of */
	ldr	x0, WORD(PG_HC_DONE)
	ldr	x1, WORD(PG_HC_WANTED)
	cmp	x0, x1
	b.ne	single_hypercall

	read_counter x20		/* whatever passed until now is no stall */
	ldr	x0, WORD(PG_PHASE)
	sub	x0, x20, x0
	ldr	x1, WORD(PG_CYCLE)
	udiv	x2, x0, x1
	msub	x2, x2, x1, x0		/* time since this cycle started */
	sub	x3, x20, x2		/* when it started */
	add	x22, x3, x1

	ldr	x4, WORD(PG_ON)
	cbz	x4, idle
	mov	x21, #-1
	cmp	x4, x1
	b.hs	busy
	ldr	x5, WORD(PG_STRICT)
	cmp	x5, #0
	csel	x3, x20, x3, eq		/* not strict: the late are as busy as the punctual */
	add	x21, x3, x4
	cmp	x21, x22
	csel	x21, x22, x21, hi

busy:
	ldr	x0, WORD(PG_KIND)
	cmp	x0, #KIND_SPIN
	b.ne	exits
	mov	w1, #SPIN_LOOPS
1:	subs	w1, w1, #1
	b.ne	1b

iterated:
	increment PG_WORK
	read_counter x0
	sub	x1, x0, x20		/* gap; signed */
	mov	x20, x0
	str	x0, WORD(PG_TSC)
	ldr	x2, WORD(PG_GAP_MAX)
	cmp	x1, x2
	b.le	1f
	str	x1, WORD(PG_GAP_MAX)
1:	ldr	x2, WORD(PG_STALL)
	cmp	x1, x2
	b.lt	1f
	increment PG_STALLS
	ldr	x2, WORD(PG_STALLED)
	add	x2, x2, x1
	str	x2, WORD(PG_STALLED)
1:	ldr	x0, WORD(PG_SEQ)
	cmp	x0, x23
	b.ne	cycle
	cmp	x20, x21
	b.lo	busy

sleep:
	msr	cntv_cval_el0, x22
	mov	x0, #1
	msr	cntv_ctl_el0, x0
	isb
	bl	halt
	ldr	x0, WORD(PG_SEQ)
	cmp	x0, x23
	b.ne	cycle
	read_counter x0
	subs	x0, x0, x22		/* how late; negative: woken too soon */
	b.mi	sleep
	ldr	x1, WORD(PG_LATE_MAX)
	cmp	x0, x1
	b.le	cycle
	str	x0, WORD(PG_LATE_MAX)
	b	cycle

idle:
	bl	halt
	b	cycle

/* Until the timer or the VMM interrupts; off and taken when it returns. */
halt:
	dsb	sy
	wfi
	msr	cntv_ctl_el0, xzr
	isb
1:	mrs	x0, ICC_IAR1_EL1
	dsb	sy
	and	w1, w0, #0xffffff
	cmp	w1, #1020
	b.hs	2f			/* none is left */
	msr	ICC_EOIR1_EL1, x0
	isb
	b	1b
2:	increment PG_WAKEUPS
	ret

exits:
	cmp	x0, #KIND_CPUID
	b.ne	1f
	mrs	x0, id_aa64pfr0_el1	/* KVM answers it */
	b	3f
1:	cmp	x0, #KIND_IO
	b.ne	2f
	strb	wzr, [x24, #PORT_EXIT]
	b	3f
2:	bl	hypercall
3:	increment PG_EXITS
	ldr	x0, WORD(PG_LEFT)
	subs	x0, x0, #1
	str	x0, WORD(PG_LEFT)
	b.ne	iterated
	strb	wzr, [x24, #PORT_DONE]	/* does not return */

single_hypercall:
	bl	hypercall
	str	x0, WORD(PG_HC_RET)
	increment PG_HC_DONE
	b	cycle

hypercall:
	ldr	x0, WORD(PG_HC_NR)
	ldr	x1, WORD(PG_HC_A0)
	ldr	x2, WORD(PG_HC_A1)
	ldr	x3, WORD(PG_HC_A2)
	ldr	x4, WORD(PG_HC_A3)
	hvc	#0
	ret

	.ltorg
guest_end:
	.section .note.GNU-stack, "", @progbits
