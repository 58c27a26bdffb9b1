/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_SUGGEST_H
#define KVMETER_SUGGEST_H

#include <linux/types.h>

struct kmc_now;
struct kmc_vm;
struct kvmeter_vm;

/**
 * enum kvmeter_source - the author of a suggestion, in the order of trust
 * @KVMETER_BY_NOBODY: there is none
 * @KVMETER_BY_GUEST: the guest, by a hypercall (hint.c)
 * @KVMETER_BY_TENANT: the VM's own side, by /dev/kvmeter
 * @KVMETER_BY_HOST: the operator, by netlink
 * @KVMETER_NR_SOURCES: how many there are
 */
enum kvmeter_source {
	KVMETER_BY_NOBODY,
	KVMETER_BY_GUEST,
	KVMETER_BY_TENANT,
	KVMETER_BY_HOST,
	KVMETER_NR_SOURCES,
};

/**
 * struct kvmeter_offer - what is made of a suggestion
 * @answer: enum kvmeter_answer
 * @accepted_bp: the grant that it rests at; 0: refused
 */
struct kvmeter_offer {
	u32 answer;
	u32 accepted_bp;
};

/**
 * struct kvmeter_quote - what would become of a suggestion
 * @offer: the answer to it
 * @now_ncr_h: price announced last
 * @price_ncr_h: price that the grant calls for
 * @effective_at_ns: from when on all of that would be charged; U64_MAX: not foreseen
 */
struct kvmeter_quote {
	struct kvmeter_offer offer;
	u64 now_ncr_h;
	u64 price_ncr_h;
	u64 effective_at_ns;
};

struct kvmeter_quote kvmeter_quote(const struct kvmeter_vm *vm, enum kvmeter_source source,
				   u32 resource, u32 grant_bp, const struct kmc_now *now);
u64 kvmeter_price_with(const struct kmc_vm *core, u32 resource, u32 grant_bp);
struct kvmeter_offer kvmeter_suggest(struct kvmeter_vm *vm, enum kvmeter_source source,
				     u32 resource, u32 grant_bp, u32 duration_ms);

#endif /* KVMETER_SUGGEST_H */
