// SPDX-License-Identifier: GPL-2.0
#include "blob_unit.h"

struct kmc_vm the_vm, other_vm;
struct kmc_record rings[2][BLOB_RING];
struct kmc_blob the_blob, read_blob;
u8 bytes[KMC_BLOB_MAX];
u64 clock_ms = 1700000000000;

void vm_make(struct kmc_vm *vm, struct kmc_record *ring)
{
	const struct kmc_now now = { 77, 1000077 };
	struct kmc_budget_conf b;
	struct kmc_policy p[KMC_NR_ACT];
	struct kmc_tariff t;

	for (int i = 0; i < KMC_NR_ACT; i++)
		kmc_policy_default(&p[i]);
	kmc_tariff_default(&t);
	kmc_budget_default(&b);
	kmc_vm_init(vm, p, &t, &b, PERIOD_NS, ring, BLOB_RING, &now);
}

void vm_run(struct kmc_vm *vm, u64 *seed, u32 nr)
{
	while (nr--) {
		u32 repeat = unit_below(seed, 50) ? 1 : 1 + unit_below(seed, 100);

		clock_ms += 100 * repeat;
		for (int i = 0; i < KMC_NR_RES; i++) {
			u64 v = (i + 1) * 500 + unit_below(seed, 300);
			struct kmc_sample s = { v, v, !unit_below(seed, 20) };

			kmc_profile_fold(&vm->profile[i], &s, repeat, 9000);
			kmc_predict_observe(&vm->predict[i], &s, repeat);
			kmc_detect_observe(&vm->detect[i], &s, clock_ms / 1000, repeat);
		}
	}
	kmc_vm_learned(vm);
}

size_t vm_write(const struct kmc_vm *vm, u32 mask)
{
	size_t len;

	kmc_blob_from_vm(&the_blob, vm, mask);
	len = kmc_blob_write(&the_blob, bytes, sizeof(bytes));
	assert_true(len);
	return len;
}

void reseal(size_t len)
{
	u32 crc = kmc_crc32(bytes + KMC_BLOB_HEAD, len - KMC_BLOB_HEAD);

	for (int i = 0; i < 4; i++) {
		bytes[8 + i] = len >> 8 * i;
		bytes[12 + i] = crc >> 8 * i;
	}
}

void assert_refused(size_t len, const char *part)
{
	const char *why = kmc_blob_read(bytes, len, &read_blob);

	if (!why || !strstr(why, part))
		fail_msg("\"%s\", expected \"%s\"", why ? why : "read", part);
}
