// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

static const struct unit_suite *const suites[] = {
	&unit_q, &unit_hist, &unit_profile, &unit_detect, &unit_detect_time, &unit_near,
	&unit_lms, &unit_band, &unit_rnn, &unit_predict, &unit_policy, &unit_decide, &unit_price,
	&unit_budget, &unit_ledger, &unit_pipeline, &unit_pipeline_many, &unit_blob,
	&unit_blob_lies, &unit_tenant,
};

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[256];
	size_t nr = 0, i, j;
	int failed;

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	for (i = 0; i < ARRAY_SIZE(suites); i++)
		for (j = 0; j < suites[i]->nr && nr < ARRAY_SIZE(tests); j++)
			tests[nr++] = suites[i]->test[j];
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests("kvmeter core", tests, nr, NULL, NULL);
	if (argc > 1)
		return failed != 0;
	printf("%zu passed, %d failed\n", nr - failed, failed);
	return failed != 0;
}
