/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says of a cgroup's memory: size, refaults, stalls. */
#ifndef KVMETER_MEMORY_SENSE_H
#define KVMETER_MEMORY_SENSE_H

#include <linux/types.h>

struct kvmeter_cg_dir;

/**
 * struct kvmeter_sense - a cgroup's memory, since the last reading
 * @current_kib: in use now
 * @back_kib: came back since the last reading
 * @full_bp: share of the time since then in which all tasks waited for memory
 */
struct kvmeter_sense {
	u64 current_kib;
	u64 back_kib;
	u32 full_bp;
};

/**
 * struct kvmeter_sensor - the last reading of a cgroup's memory; only its reader uses it
 * @at_ns: when it was, CLOCK_MONOTONIC; 0: never
 * @refaults: pages that came back, cumulative
 * @full_us: time in which all tasks waited for memory, cumulative
 * @based: the two above are known
 */
struct kvmeter_sensor {
	u64 at_ns;
	u64 refaults;
	u64 full_us;
	bool based;
};

int kvmeter_sensor_read(struct kvmeter_sensor *sensor, const struct kvmeter_cg_dir *dir,
			struct kvmeter_sense *sense);

#endif /* KVMETER_MEMORY_SENSE_H */
