/* SPDX-License-Identifier: GPL-2.0 */
/* What suggest and quote have in common. */
#ifndef KVMETER_GRANT_H
#define KVMETER_GRANT_H

#include <stdint.h>

/** grant_parse - a grant as it was typed, in bp; ends the program when it is none */
uint32_t grant_parse(const char *s);

#endif /* KVMETER_GRANT_H */
