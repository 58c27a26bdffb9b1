// SPDX-License-Identifier: GPL-2.0
/*
 * Sensor: memory.current, memory.stat and memory.pressure of a cgroup.
 *
 * The last two are cumulative, so the first reading shows no refaults and no
 * stalls.  Reading memory.stat sleeps.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "cgroup/dir.h"
#include "core/q.h"
#include "core/units.h"
#include "memory/sense.h"

/* The number after @word in @buf; 0 when there is none. */
static u64 number_after(const char *buf, const char *word)
{
	const char *at = strstr(buf, word);
	u64 number;

	return at && sscanf(at + strlen(word), "%llu", &number) == 1 ? number : 0;
}

/* The three files, through @buf. */
static int files_read(const struct kvmeter_cg_dir *dir, char *buf, u64 *bytes, u64 *refaults,
		      u64 *full_us)
{
	const char *full;
	int err;

	err = kvmeter_cg_read(dir, "memory.current", buf);
	if (err)
		return err;
	if (kstrtou64(strim(buf), 10, bytes))
		return -EINVAL;
	err = kvmeter_cg_read(dir, "memory.stat", buf);
	if (err)
		return err;
	*refaults = number_after(buf, "\nworkingset_refault_anon ") +
		    number_after(buf, "\nworkingset_refault_file ");
	err = kvmeter_cg_read(dir, "memory.pressure", buf);
	if (err)
		return err;
	full = strstr(buf, "full ");
	*full_us = full ? number_after(full, "total=") : 0;
	return 0;
}

/**
 * kvmeter_sensor_read - read a cgroup's memory
 * @sensor: the last reading; moves on
 * @dir: the cgroup's directory
 * @sense: set to what is seen, unless there is an error
 *
 * Context: a work, no lock; sleeps.
 * Return: 0 or -errno; -ENOENT: there is no memory controller or no pressure.
 */
int kvmeter_sensor_read(struct kvmeter_sensor *sensor, const struct kvmeter_cg_dir *dir,
			struct kvmeter_sense *sense)
{
	char *buf = kmalloc(KVMETER_CG_READ_SIZE, GFP_KERNEL);
	u64 now_ns = ktime_get_ns(), bytes, refaults, full_us;
	int err;

	if (!buf)
		return -ENOMEM;
	err = files_read(dir, buf, &bytes, &refaults, &full_us);
	kfree(buf);
	if (err)
		return err;
	*sense = (struct kvmeter_sense) { .current_kib = bytes >> 10 };
	if (sensor->based) {
		sense->back_kib = kmc_sat_sub(refaults, sensor->refaults) << (PAGE_SHIFT - 10);
		sense->full_bp = kmc_muldiv_floor(kmc_sat_sub(full_us, sensor->full_us) *
						  NSEC_PER_USEC, KMC_BP,
						  max(now_ns - sensor->at_ns, 1ULL));
	}
	*sensor = (struct kvmeter_sensor) {
		.at_ns = now_ns,
		.refaults = refaults,
		.full_us = full_us,
		.based = true,
	};
	return 0;
}
