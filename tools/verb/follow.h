/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_FOLLOW_H
#define KVMETER_FOLLOW_H

#include "data/data.h"

/**
 * struct watch - following notices
 * @groups: joined, bits of 1 << enum group
 * @count: stop after so many notices, 0: never
 * @timeout_ns: stop after so long, 0: never
 * @json: one object per line
 * @vm_id: only this VM's, ALL_VMS: all
 * @last_adjustment: sequence number of the last adjustment that was seen
 */
struct watch {
	unsigned int groups;
	uint64_t count;
	uint64_t timeout_ns;
	bool json;
	uint32_t vm_id;
	uint64_t last_adjustment;
};

/* The groups are joined already.  Returns an exit status. */
int watch_run(const struct watch *watch);

#endif /* KVMETER_FOLLOW_H */
