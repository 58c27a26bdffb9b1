/* SPDX-License-Identifier: GPL-2.0 */
/* Values and the bins they fall in, for KUnit and userspace alike */
#ifndef KMC_VECTORS_HIST_H
#define KMC_VECTORS_HIST_H

static const struct hist_bin_vector {
	u64 v;
	u32 bin;
	u64 low;	/* smallest value of that bin */
} hist_bin_vectors[] = {
	{ 0, 0, 0 },
	{ 1, 1, 1 },
	{ 15, 15, 15 },
	{ 16, 16, 16 },
	{ 17, 16, 16 },
	{ 18, 17, 18 },
	{ 31, 23, 30 },
	{ 32, 24, 32 },
	{ 35, 24, 32 },
	{ 36, 25, 36 },
	{ 1000, 63, 960 },
	{ 1023, 63, 960 },
	{ 1024, 64, 1024 },
	{ 10000, 89, 9216 },
	{ KMC_HIST_MAX - 1, KMC_HIST_BINS - 1, 15728640 },
	{ KMC_HIST_MAX, KMC_HIST_BINS - 1, 15728640 },
	{ U64_MAX, KMC_HIST_BINS - 1, 15728640 },
};

#endif /* KMC_VECTORS_HIST_H */
