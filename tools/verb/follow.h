/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_FOLLOW_H
#define KVMETER_FOLLOW_H

#include "data/log.h"

/**
 * struct follow - which notices to follow
 * @groups: joined, bits of 1 << enum group
 * @count: stop after so many notices, 0: never
 * @timeout_ns: stop after so long, 0: never
 * @json: one object per line
 * @vm_id: only this VM's, ALL_VMS: all
 * @last_adjustment: sequence number of the last adjustment that was seen
 */
struct follow {
	unsigned int groups;
	uint64_t count;
	uint64_t timeout_ns;
	bool json;
	uint32_t vm_id;
	uint64_t last_adjustment;
};

/**
 * follow_notices - print notices as they come, and repair what was lost
 * @what: which; its groups are joined already
 *
 * Return: an exit status, after a message.
 */
int follow_notices(const struct follow *what);

#endif /* KVMETER_FOLLOW_H */
