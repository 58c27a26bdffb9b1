/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames from the module: rates are over the time between two readings.
 */
#ifndef KVMETER_LIVE_H
#define KVMETER_LIVE_H

#include "top/frame.h"

/** struct live - the last two readings, and what is kept of earlier ones */
struct live {
	struct vm *vms;
	size_t nr;
	uint64_t at_ns;
	uint64_t real_ns;
	struct vm *before;
	size_t nr_before;
	uint64_t before_ns;
	struct tracks tracks;
};

/** live_read - ask the module for all VMs; an exit status */
int live_read(struct live *l);
/** live_frame - the VMs of the last reading, in @f, whose memory is used again; the
 * frame is valid until the next reading
 */
void live_frame(const struct live *l, struct frame *f);
void live_free(struct live *l);

#endif /* KVMETER_LIVE_H */
