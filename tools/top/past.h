/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames from a recording ("kvmeter record"): to go back in time.
 *
 * A recording has what each VM used, period by period.  Forecast, surprise,
 * grant and price are what the module's core makes of it again.  It runs under
 * observe, or under the policy, tariff and budget of a file of parameters.
 */
#ifndef KVMETER_PAST_H
#define KVMETER_PAST_H

#include "top/frame.h"
#include "trace/whatif.h"

#define PAST_FRAMES_MAX	7200	/* frames of a longer recording are longer */

/** struct past - a recording, cut into frames of equal length */
struct past {
	struct past_vm *vm;		/* by id */
	size_t nr_vms;
	size_t nr_frames;
	uint64_t begin_ns;		/* of the first frame */
	uint64_t step_ns;		/* length of a frame */
};

/**
 * past_read - read a recording
 * @past: filled
 * @path: a file that "kvmeter record" wrote
 * @conf: policy, tariff and budget; its @resource is used up
 * @step_ns: wanted length of a frame
 *
 * Return: an exit status, after a message.
 */
int past_read(struct past *past, const char *path, struct whatif_conf *conf, uint64_t step_ns);
/** past_frame - the VMs that were there in frame @i, in @f, whose memory is used again */
void past_frame(const struct past *past, size_t i, struct frame *f);
void past_free(struct past *past);

#endif /* KVMETER_PAST_H */
