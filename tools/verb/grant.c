// SPDX-License-Identifier: GPL-2.0
#include "verb/grant.h"

#include "policy.h"

#include "cli/error.h"
#include "cli/opt.h"
#include "data/fmt.h"

int grant_parse(const char *s, uint32_t *bp)
{
	char most[FMT_LEN];
	const char *why;
	uint64_t v;

	why = parse_percent(s, &v);
	if (!why && v > UINT32_MAX)
		why = "too large";
	if (why)
		usage_error("%s: %s", s, why);
	if (v > KMC_GRANT_MAX_BP) {
		error("%s: a grant is at most %s", s, unit_fmt(most, UNIT_BP, KMC_GRANT_MAX_BP, s));
		return EXIT_FAILED;
	}
	*bp = v;
	return EXIT_OK;
}
