/* SPDX-License-Identifier: GPL-2.0 */
/* Values as people read them: amounts and samples in their resource's unit. */
#ifndef KVMETER_VALUE_H
#define KVMETER_VALUE_H

#include "data/log.h"
#include "data/vm.h"

/* Each writes to @buf, of FMT_LEN bytes at least, and returns it. */
char *fmt_price(char *buf, uint64_t ncr_h);		/* 1.25/h */
char *fmt_cap(char *buf, uint64_t ncr);			/* 1.25, none */
char *fmt_surprise(char *buf, const struct usage *u);	/* +8.5 */
char *fmt_sample(char *buf, uint32_t resource, uint64_t v);	/* 62.5%, 1.5 GiB, 3.2 MiB/s */
char *fmt_used(char *buf, uint32_t resource, uint64_t amount);	/* 1h30m, 2.000 GiB-hours */

uint64_t vm_cpu_ns(const struct times *t);		/* guest, host and other */
/** vm_policy_name - the mode of cpu's policy, or "capped" while the budget holds the VM */
const char *vm_policy_name(const struct vm *vm);

double moments_mean(const struct moments *m);
double moments_stddev(const struct moments *m);

#endif /* KVMETER_VALUE_H */
