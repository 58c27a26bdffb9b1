/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest of kvmguest: 64-bit, identity-mapped, one copy for all vCPUs.
 *
 * The guest follows its demand by itself, as real guests do: it is busy for PG_ON of each PG_CYCLE,
 * then arms its local APIC timer for the end of the cycle and halts, so that idleness is HLT inside
 * KVM, with no help from the VMM. Demand is a matter of wall time: a guest that was throttled while
 * busy stops at the same moment as one that was not, and never catches up.
 *
 * Interrupts are enabled only across HLT. A wake-up that arrives between looking at PG_SEQ and the
 * HLT thus stays pending and ends that HLT, and a busy guest never exits by itself.
 *
 * r15: this vCPU's page   r14: TSC at the last iteration   r13: TSC at which to stop being busy
 * r12: TSC at the end of this cycle   rbp: PG_SEQ as last seen
 */
#include "guest_page.h"

#define MSR_TSC_DEADLINE	0x6e0
#define MSR_X2APIC_EOI		0x80b
#define MSR_X2APIC_SPIV		0x80f
#define MSR_X2APIC_LVTT		0x832
#define LVTT_TSC_DEADLINE	(2 << 17)
#define SPIV_ENABLE		0x1ff
#define SPIN_LOOPS		64

#define WORD(name)		(8 * (name))(%r15)

.macro read_tsc			/* rax = TSC; uses rdx */
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
.endm

.macro write_msr msr, low	/* uses rax, rcx, rdx */
	movl	$\msr, %ecx
	movl	$\low, %eax
	xorl	%edx, %edx
	wrmsr
.endm

	.section .rodata
	.code64
	.balign	16
	.globl	guest_begin, guest_irq, guest_end

guest_begin:
	write_msr MSR_X2APIC_SPIV, SPIV_ENABLE
	write_msr MSR_X2APIC_LVTT, (LVTT_TSC_DEADLINE | VECTOR_TIMER)
	outb	%al, $PORT_READY

cycle:
	movq	WORD(PG_SEQ), %rbp
	movq	WORD(PG_HC_DONE), %rax
	cmpq	WORD(PG_HC_WANTED), %rax
	jne	single_hypercall

	read_tsc
	movq	%rax, %r14		/* whatever passed until now is no stall */
	subq	WORD(PG_PHASE), %rax
	xorl	%edx, %edx
	divq	WORD(PG_CYCLE)		/* rdx = time since this cycle started */
	movq	%r14, %rsi
	subq	%rdx, %rsi		/* rsi = when it started */
	movq	%rsi, %r12
	addq	WORD(PG_CYCLE), %r12

	movq	WORD(PG_ON), %rdi
	testq	%rdi, %rdi
	jz	idle
	movq	$-1, %r13
	cmpq	WORD(PG_CYCLE), %rdi
	jae	busy
	cmpq	$0, WORD(PG_STRICT)
	cmoveq	%r14, %rsi		/* not strict: the late are as busy as the punctual */
	leaq	(%rsi, %rdi), %r13
	cmpq	%r12, %r13
	cmovaq	%r12, %r13

busy:
	movq	WORD(PG_KIND), %rax
	cmpq	$KIND_SPIN, %rax
	jne	exits
	movl	$SPIN_LOOPS, %ecx
1:	decl	%ecx
	jnz	1b

iterated:
	incq	WORD(PG_WORK)
	read_tsc
	movq	%rax, %rcx
	subq	%r14, %rcx		/* rcx = gap; signed, for the TSC may step back */
	movq	%rax, %r14
	movq	%rax, WORD(PG_TSC)
	cmpq	WORD(PG_GAP_MAX), %rcx
	jle	1f
	movq	%rcx, WORD(PG_GAP_MAX)
1:	cmpq	WORD(PG_STALL), %rcx
	jl	1f
	incq	WORD(PG_STALLS)
	addq	%rcx, WORD(PG_STALLED)
1:	cmpq	WORD(PG_SEQ), %rbp
	jne	cycle
	cmpq	%r13, %r14
	jb	busy

sleep:
	movl	$MSR_TSC_DEADLINE, %ecx
	movl	%r12d, %eax
	movq	%r12, %rdx
	shrq	$32, %rdx
	wrmsr
	sti
	hlt
	cli
	incq	WORD(PG_WAKEUPS)
	cmpq	WORD(PG_SEQ), %rbp
	jne	cycle
	read_tsc
	subq	%r12, %rax		/* rax = how late; negative: woken too soon */
	js	sleep
	cmpq	WORD(PG_LATE_MAX), %rax
	jle	cycle
	movq	%rax, WORD(PG_LATE_MAX)
	jmp	cycle

idle:
	sti
	hlt
	cli
	incq	WORD(PG_WAKEUPS)
	jmp	cycle

exits:
	cmpq	$KIND_CPUID, %rax
	jne	1f
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	cpuid
	jmp	3f
1:	cmpq	$KIND_IO, %rax
	jne	2f
	outb	%al, $PORT_EXIT
	jmp	3f
2:	call	hypercall
3:	incq	WORD(PG_EXITS)
	decq	WORD(PG_LEFT)
	jnz	iterated
	outb	%al, $PORT_DONE		/* does not return */

single_hypercall:
	call	hypercall
	movq	%rax, WORD(PG_HC_RET)
	incq	WORD(PG_HC_DONE)
	jmp	cycle

hypercall:
	movq	WORD(PG_HC_NR), %rax
	movq	WORD(PG_HC_A0), %rbx
	movq	WORD(PG_HC_A1), %rcx
	movq	WORD(PG_HC_A2), %rdx
	movq	WORD(PG_HC_A3), %rsi
	cmpq	$0, WORD(PG_IS_INTEL)
	jne	1f
	vmmcall
	ret
1:	vmcall
	ret

/*
 * STI holds interrupts off until HLT has begun, but an emulated CPU that leaves the guest between
 * the two forgets that. The interrupt then comes before the HLT, which nothing would end: skip it.
 */
guest_irq:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	write_msr MSR_X2APIC_EOI, 0
	movq	24(%rsp), %rax		/* where it was interrupted */
	cmpb	$0xf4, (%rax)		/* HLT */
	jne	1f
	incq	24(%rsp)
1:
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq

guest_end:
	.section .note.GNU-stack, "", @progbits
