/* SPDX-License-Identifier: GPL-2.0 */
/* What suggest and quote have in common. */
#ifndef KVMETER_GRANT_H
#define KVMETER_GRANT_H

#include <stdint.h>

/**
 * grant_parse - a grant as it was typed
 * @s: the text
 * @bp: where it goes
 *
 * Ends the program when it is no share.
 *
 * Return: EXIT_OK, or EXIT_FAILED after a message: it is larger than any.
 */
int grant_parse(const char *s, uint32_t *bp);

#endif /* KVMETER_GRANT_H */
