// SPDX-License-Identifier: GPL-2.0
#include "verb/grant.h"

#include "cli/opt.h"
#include "data/fmt.h"

uint32_t grant_parse(const char *s)
{
	const char *why;
	uint64_t bp;

	why = parse_percent(s, &bp);
	if (!why && bp > UINT32_MAX)
		why = "too large";
	if (why)
		usage_error("%s: %s", s, why);
	return bp;
}
