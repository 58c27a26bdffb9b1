/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest of hostilevmm: 64-bit, identity-mapped, one copy for all vCPUs, without a stack and
 * without interrupts. It counts, and leaves by an I/O port after each W_BURST iterations.
 *
 * r15: this vCPU's words
 */
#include "words.h"

#define WORD(name)	(8 * (name))(%r15)

	.section .rodata
	.code64
	.balign	16
	.globl	guest_begin, guest_end

guest_begin:
	movq	WORD(W_BURST), %rbx
1:	movl	$64, %ecx
2:	decl	%ecx
	jnz	2b
	incq	WORD(W_WORK)
	testq	%rbx, %rbx
	jz	guest_begin
	decq	%rbx
	jnz	1b
	incq	WORD(W_EXITS)
	outb	%al, $PORT_EXIT
	jmp	guest_begin

guest_end:
	.section .note.GNU-stack, "", @progbits
