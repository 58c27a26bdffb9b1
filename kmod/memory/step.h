/* SPDX-License-Identifier: GPL-2.0 */
/* Steps of memory.high towards a cap. */
#ifndef KVMETER_MEMORY_STEP_H
#define KVMETER_MEMORY_STEP_H

#include <linux/types.h>

struct kvmeter_sense;

/**
 * struct kvmeter_step - memory.high on its way to where a grant wants it
 * @cap_kib: what the grant allows, 0: no limit
 * @boost: the grant is more than nominal: protect that much, too
 * @fed_kib: working set as userspace measured it
 * @fed_until_ns: @fed_kib is believed until then
 * @found_kib: size below which pressing brought pages back
 * @found_until_ns: @found_kib is believed until then
 * @current_kib: memory.current at the last step
 * @full_bp: share of the last step's time in which all tasks waited for memory
 * @sensed: @current_kib and @full_bp are known
 * @asked_kib: memory.high asked for, 0: nothing
 * @why: what keeps the limit from the cap; NULL: nothing does
 *
 * The caller's lock protects all.
 */
struct kvmeter_step {
	u64 cap_kib;
	bool boost;
	u64 fed_kib;
	u64 fed_until_ns;
	u64 found_kib;
	u64 found_until_ns;
	u64 current_kib;
	u32 full_bp;
	bool sensed;
	u64 asked_kib;
	const char *why;
};

void kvmeter_step_take(struct kvmeter_step *step, const struct kvmeter_sense *sense, u64 now_ns);
bool kvmeter_step_near(const struct kvmeter_step *step);
u64 kvmeter_page_kib(u64 kib);

#endif /* KVMETER_MEMORY_STEP_H */
