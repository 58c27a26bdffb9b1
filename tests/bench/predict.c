// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: predict SAMPLES [MODEL]
 *
 * The predictor alone over a made-up load, an hourly and a daily job over
 * noise.  Under callgrind it says what a sample costs in instructions; alone,
 * in time, and how large the state is.
 */
#include <stdlib.h>
#include <time.h>

#include "predict.h"

static struct kmc_predict predict;
static struct kmc_model model;

static u32 random_below(u32 n)
{
	static u64 seed = 1;

	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % n;
}

static int model_read(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t len;

	if (!file)
		return -1;
	len = fread(&model, 1, sizeof(model), file);
	fclose(file);
	return kmc_model_check(&model, len) ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct timespec from, to;
	u32 nr, i;

	if (argc < 2 || (argc > 2 && model_read(argv[2]))) {
		fputs("Usage: predict SAMPLES [MODEL]\n", stderr);
		return 2;
	}
	nr = atoi(argv[1]);
	kmc_predict_init(&predict, 288);
	if (argc > 2)
		kmc_predict_set_model(&predict, &model);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < nr; i++) {
		struct kmc_sample s = { .usage = 1000 + random_below(300) };

		s.usage += (i % 12 == 3) * 2000 + (i % 288 > 250) * 3000;
		s.demand = s.usage;
		kmc_predict_observe(&predict, &s, 1);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("state %zu bytes, shared model %zu bytes, %.0f ns a sample, forecast %llu\n",
	       sizeof(predict), sizeof(model),
	       ((to.tv_sec - from.tv_sec) * 1e9 + to.tv_nsec - from.tv_nsec) / nr,
	       predict.next.mean);
	return 0;
}
