// SPDX-License-Identifier: GPL-2.0
/* Blobs that are cut, damaged or false */
#include "blob_unit.h"

static void blob_cut(void **state)
{
	u64 seed = 35;
	size_t len, i;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 200);
	len = vm_write(&the_vm, KMC_BLOB_ALL);
	assert_true(len < sizeof(bytes));
	for (i = 0; i < len; i++) {
		/* of its own allocation, so that a byte too far is seen */
		u8 *part = malloc(i + 1);

		memcpy(part, bytes, i);
		assert_non_null(kmc_blob_read(part, i, &read_blob));
		free(part);
	}
	/* cut by who can count */
	for (i = KMC_BLOB_HEAD; i < len; i++) {
		u8 *part = malloc(i);
		u32 crc = kmc_crc32(bytes + KMC_BLOB_HEAD, i - KMC_BLOB_HEAD);

		memcpy(part, bytes, i);
		for (int j = 0; j < 4; j++) {
			part[8 + j] = i >> 8 * j;
			part[12 + j] = crc >> 8 * j;
		}
		assert_non_null(kmc_blob_read(part, i, &read_blob));
		free(part);
	}
	bytes[len] = 0;
	assert_refused(len + 1, "too long");
	reseal(len + 1);
	assert_refused(len + 1, "too long");
	/* no room */
	assert_int_equal(kmc_blob_write(&the_blob, bytes, len - 1), 0);
	assert_int_equal(kmc_blob_write(&the_blob, bytes, 3), 0);
	assert_int_equal(kmc_blob_write(&the_blob, bytes, len), len);
}

static void blob_flips(void **state)
{
	u64 seed = 36;
	size_t len, i;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 300);
	len = vm_write(&the_vm, KMC_BLOB_ALL);
	for (i = 0; i < 8 * len; i++) {
		bytes[i / 8] ^= 1 << i % 8;
		assert_non_null(kmc_blob_read(bytes, len, &read_blob));
		bytes[i / 8] ^= 1 << i % 8;
	}
	assert_null(kmc_blob_read(bytes, len, &read_blob));
}

/* Damage that the checksum was made to fit: refused, or a VM that lives with it */
static void blob_lies(void **state)
{
	u64 seed = 37, refused = 0, taken = 0;
	size_t len;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 3000);
	for (int i = 0; i < 12000; i++) {
		len = vm_write(&the_vm, KMC_BLOB_ALL);
		for (u32 n = 1 + unit_below(&seed, 3); n; n--) {
			size_t at = KMC_BLOB_HEAD + unit_below(&seed, len - KMC_BLOB_HEAD);

			bytes[at] = unit_below(&seed, 2) ? unit_random(&seed) :
				    bytes[at] ^ 1 << unit_below(&seed, 8);
		}
		reseal(len);
		if (kmc_blob_read(bytes, len, &read_blob)) {
			refused++;
			continue;
		}
		taken++;
		if (taken > 300)
			continue;
		vm_make(&other_vm, rings[1]);
		if (!kmc_blob_to_vm(&read_blob, &other_vm, read_blob.has_profile))
			vm_run(&other_vm, &seed, 40);
	}
	/* both happen, or it tested nothing */
	assert_true(refused > 1000);
	assert_true(taken > 1000);
}

/* A field, its bytes, and a value that is out of its range */
static const struct {
	void *field;
	size_t size;
	u64 bad;
} lies[] = {
	{ &the_blob.profile[0].hist.bin[3], 4, 1000000 },
	{ &the_blob.profile[0].hist.total, 4, 5 },
	{ &the_blob.profile[0].hist.inc_q16, 4, 0 },
	{ &the_blob.profile[0].hist.inc_q16, 4, 4096U << 16 },
	{ &the_blob.profile[0].mean_q32, 8, (KMC_HIST_MAX << 32) + 1 },
	{ &the_blob.profile[0].var_q16, 8, U64_MAX },
	{ &the_blob.profile[0].nr_samples, 8, U64_MAX },
	{ &the_blob.profile[0].nr_samples, 8, 256 },
	{ &the_blob.profile[0].nr_censored, 8, 1ULL << 61 },
	{ &the_blob.profile[0].nr_prior, 4, U32_MAX },
	{ &the_blob.profile[0].censored_run, 4, U32_MAX },
	{ &the_blob.profile[0].lag_len, 1, 129 },
	{ &the_blob.profile[0].lag[0], 1, KMC_HIST_BINS },
	{ &the_blob.predict[0].nr_samples, 8, U64_MAX },
	{ &the_blob.predict[0].ewma_q8[1], 4, U32_MAX },
	{ &the_blob.predict[0].centre_q8, 4, U32_MAX },
	{ &the_blob.predict[0].scale_q8, 4, 255 },
	{ &the_blob.predict[0].scale_q8, 4, U32_MAX },
	{ &the_blob.predict[0].line[0].width_q16[0], 4, KMC_LMS_WEIGHT_MAX + 1 },
	{ &the_blob.predict[0].line[1].readout_q16[5], 4, (u32)(-KMC_LMS_WEIGHT_MAX - 1) },
	{ &the_blob.predict[0].line[1].band.bin[0], 2, 60000 },
	{ &the_blob.predict[0].line[0].band.tail_q24[0], 4, 0 },
	{ &the_blob.predict[0].line[0].band.tail_q24[1], 4, 0x80000000U },
	{ &the_blob.predict[0].line[0].band_scale_q8, 4, U32_MAX },
	{ &the_blob.predict[0].line[0].context_scale_q8[8], 4, U32_MAX },
	{ &the_blob.detect[0].age, 8, U64_MAX },
	{ &the_blob.detect[0].gain_age, 4, KMC_DETECT_OLD + 1 },
	{ &the_blob.detect[0].day_q6[1][95], 4, (u32)-1 },
	{ &the_blob.detect[0].week[27], 1, KMC_DETECT_WEEK_MAX + 1 },
	{ &the_blob.detect[0].week[0], 1, (u8)(-KMC_DETECT_WEEK_MAX - 1) },
	{ &the_blob.detect[0].tail[0].high_q12_mbit, 4, (u32)-1 },
	{ &the_blob.detect[0].tail[4].high_q12_mbit, 4, S32_MAX },
	{ &the_blob.detect[0].tail[1].mean_mbit, 4, 0 },
	{ &the_blob.detect[0].tail[2].mean_mbit, 4, 100001 },
	{ &the_blob.detect[0].level_q14, 8, (u64)-1 },
	{ &the_blob.detect[0].bias_q14, 8, 1ULL << 40 },
	{ &the_blob.detect[0].bias_q14, 8, (u64)(-(1LL << 40)) },
	{ &the_blob.detect[0].resid_q20, 8, 1ULL << 46 },
	{ &the_blob.detect[0].step_q20, 8, 1ULL << 46 },
	{ &the_blob.detect[0].held_mbit, 4, U32_MAX },
	{ &the_blob.detect[0].lag_len, 1, KMC_DETECT_LAG + 1 },
	{ &the_blob.detect[0].lag[0], 1, KMC_DETECT_BINS },
	{ &the_blob.detect[0].halve_in, 4, 0 },
	{ &the_blob.has_detect, 4, KMC_BLOB_ALL + 1 },
	{ &the_blob.period_ns, 8, KMC_NS_PER_HOUR + 1 },
	{ &the_blob.has_profile, 4, 0 },
	{ &the_blob.has_profile, 4, KMC_BLOB_ALL + 1 },
	{ &the_blob.has_predict, 4, KMC_BLOB_ALL + 1 },
	{ &the_blob.has_profile, 4, 2 },
};

/* One lie each: writer and reader are one walk, so what is not written is not read */
static void blob_ranges(void **state)
{
	u64 seed = 38;
	size_t len;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 1000);
	for (u32 i = 0; i < ARRAY_SIZE(lies); i++) {
		len = vm_write(&the_vm, KMC_BLOB_ALL);
		memcpy(lies[i].field, &lies[i].bad, lies[i].size);
		if (kmc_blob_write(&the_blob, bytes, sizeof(bytes)))
			fail_msg("lie %u was written", i);
	}
	/* and the reader walks it: the first bin, the shape */
	len = vm_write(&the_vm, KMC_BLOB_ALL);
	bytes[KMC_BLOB_HEAD + 26 + 28] ^= 1;
	reseal(len);
	assert_refused(len, "not the sum");
	bytes[KMC_BLOB_HEAD + 26 + 28] ^= 1;
	bytes[KMC_BLOB_HEAD] ^= 1;
	reseal(len);
	assert_refused(len, "another shape");
}

static void blob_strangers(void **state)
{
	u64 seed = 39;
	size_t len;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 100);
	len = vm_write(&the_vm, KMC_BLOB_ALL);
	/* little-endian whatever the host is */
	assert_memory_equal(bytes, "KMP1\2\0\20\0", 8);
	assert_int_equal(bytes[8] | bytes[9] << 8, len);
	bytes[4] = 3;
	assert_refused(len, "newer");
	bytes[4] = 0;
	assert_refused(len, "version");
	bytes[4] = 2;
	memcpy(bytes, "1PMK", 4);
	assert_refused(len, "byte order");
	memcpy(bytes, "\177ELF", 4);
	assert_refused(len, "not a profile");
	memcpy(bytes, "KMP1", 4);
	bytes[6] = 20;
	assert_refused(len, "head");
	bytes[6] = 16;
	bytes[len - 1] ^= 1;
	assert_refused(len, "damaged");
	assert_refused(0, "cut short");
}

UNIT_SUITE(unit_blob_lies,
	   cmocka_unit_test(blob_cut),
	   cmocka_unit_test(blob_flips),
	   cmocka_unit_test(blob_lies),
	   cmocka_unit_test(blob_ranges),
	   cmocka_unit_test(blob_strangers));
