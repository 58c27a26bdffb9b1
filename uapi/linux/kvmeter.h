/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kvmeter: what a VM's own side may ask of it.  Documentation/ioctl.rst is the
 * reference; uapi/kvmeter_tenant.h has functions on top of this.
 *
 * /dev/kvmeter      for the VMM: an open file is attached to one VM, which the
 *                   caller proves to hold by a KVM descriptor
 * a page of it      price, charges and grants, without a system call
 * a hypercall       for the guest: a hint
 *
 * Every struct begins with its own size, so that it can grow at its end: a
 * longer one is taken as long as what this module does not know is zero
 * (-E2BIG), a shorter one as if the rest were zero.  Unknown flags, and fields
 * that are not asked for and not zero, are refused (-EINVAL).
 *
 * Units: _ns nanoseconds, _at_ns an instant of CLOCK_MONOTONIC, _bp basis
 * points (10 000 is the whole), _ncr nano-credits, _ncr_h nano-credits per
 * hour.
 */
#ifndef _UAPI_LINUX_KVMETER_H
#define _UAPI_LINUX_KVMETER_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define KVMETER_API_VERSION	1

#define KVMETER_IOC_MAGIC	0xD7
/* the size is in the struct, not in the number: a struct that grows keeps it */
#define KVMETER_IOC_VERSION	_IO(KVMETER_IOC_MAGIC, 0x00)
#define KVMETER_IOC_ATTACH	_IO(KVMETER_IOC_MAGIC, 0x01)
#define KVMETER_IOC_GET		_IO(KVMETER_IOC_MAGIC, 0x02)
#define KVMETER_IOC_SET_BUDGET	_IO(KVMETER_IOC_MAGIC, 0x03)
#define KVMETER_IOC_SUGGEST	_IO(KVMETER_IOC_MAGIC, 0x04)
#define KVMETER_IOC_QUOTE	_IO(KVMETER_IOC_MAGIC, 0x05)
#define KVMETER_IOC_EVENTFD	_IO(KVMETER_IOC_MAGIC, 0x06)
#define KVMETER_IOC_CGROUP	_IO(KVMETER_IOC_MAGIC, 0x07)

/* resources, as enum kvmeter_resource of <linux/kvmeter_nl.h> */
#define KVMETER_RES_CPU		0
#define KVMETER_RES_MEMORY	1
#define KVMETER_RES_NETWORK	2
#define KVMETER_RES_DISK	3
#define KVMETER_RES_EXITS	4	/* not adjusted */
#define KVMETER_RES_MAX		8	/* room in the structs below */

#define KVMETER_NCR_NONE	(~0ULL)	/* no cap; nothing to be left of one */

/* what happened; bits */
#define KVMETER_EVENT_PRICE		(1U << 0)	/* a new price was announced */
#define KVMETER_EVENT_ADJUSTMENT	(1U << 1)	/* a grant changed */
#define KVMETER_EVENT_BUDGET		(1U << 2)	/* warning, cap or a new budget period */
#define KVMETER_EVENT_GONE		(1U << 3)	/* the VM is gone */
#define KVMETER_EVENT_ALL		(KVMETER_EVENT_PRICE | KVMETER_EVENT_ADJUSTMENT | \
					 KVMETER_EVENT_BUDGET | KVMETER_EVENT_GONE)

/**
 * struct kvmeter_ioc_attach - KVMETER_IOC_ATTACH
 * @size: of this struct
 * @flags: none yet
 * @fd: of a VM (KVM_CREATE_VM) or of one of its vCPUs (KVM_CREATE_VCPU)
 * @vm_id: out, the id by which the operator knows the VM
 */
struct kvmeter_ioc_attach {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 vm_id;
};

/**
 * struct kvmeter_ioc_resource - one resource of struct kvmeter_ioc_get
 * @usage: in the last period; cpu: bp of the vCPUs' time, memory: MiB, network
 *         and disk: KiB per second, exits: per second
 * @demand: usage, and what was withheld
 * @predicted: forecast for the present period
 * @p99: its upper band
 * @used: metered so far; cpu: ns, memory: MiB times ms, network and disk: bytes
 * @grant_bp: in force; 10 000 is nominal
 * @rest_bp: grant without a deviation: 10 000, or what a suggestion says
 * @suggested_until_ns: CLOCK_MONOTONIC; 0: no suggestion is in force
 * @surprise_mbit: thousandths of a bit
 * @flags: KVMETER_GET_ of resources
 */
struct kvmeter_ioc_resource {
	__u64 usage;
	__u64 demand;
	__u64 predicted;
	__u64 p99;
	__u64 used;
	__u32 grant_bp;
	__u32 rest_bp;
	__u64 suggested_until_ns;
	__u32 surprise_mbit;
	__u32 flags;
};

#define KVMETER_GET_ADJUSTED	(1U << 0)	/* of a resource: it can be adjusted, here */
#define KVMETER_GET_PACE	(1U << 0)	/* of a budget: what is left is spread */
#define KVMETER_GET_CAPPED	(1U << 1)	/* a budget's cap is reached */
#define KVMETER_GET_OWN		(1U << 2)	/* of a budget: the VM's own, by KVMETER_IOC_SET_BUDGET */

/**
 * struct kvmeter_ioc_get - KVMETER_IOC_GET
 * @size: of this struct
 * @flags: none yet
 * @vm_id: out, and all below
 * @nr_vcpus: vCPUs seen so far
 * @events: KVMETER_EVENT_ bits since the last KVMETER_IOC_GET of this open file
 * @nr_resources: how many of @res are filled
 * @epoch: CLOCK_REALTIME when the module was loaded; ids are of one epoch
 * @at_ns: CLOCK_MONOTONIC of all this
 * @period_ns: length of a period
 * @guest_ns: CPU in the guest
 * @host_ns: CPU of vCPU threads outside it, without halt polling
 * @halt_poll_ns: KVM's halt polling, never billed
 * @wait_ns: runnable vCPUs waiting for a CPU
 * @throttled_ns: withheld by kvmeter
 * @other_ns: CPU of the VMM's other threads
 * @exits: VM exits
 * @price_ncr_h: in force
 * @pending_ncr_h: announced
 * @pending_at_ns: from when on that is in force; 0: nothing announced
 * @charged_ncr: since the VM appeared
 * @waived_ncr: not charged because of the cap
 * @cap_ncr: the budget that has less left, of the operator's and the VM's own;
 *           KVMETER_NCR_NONE: no cap
 * @spent_ncr: in the present budget period
 * @left_ncr: KVMETER_NCR_NONE: no cap
 * @renews_at_ns: CLOCK_MONOTONIC of the end of the budget period; 0: it has none
 * @budget_period_s: its length; 0: it never ends
 * @budget_action: at the cap, 0: floor, 1: pause
 * @budget_flags: KVMETER_GET_ of budgets
 * @pad: 0
 * @res: by resource
 */
struct kvmeter_ioc_get {
	__u32 size;
	__u32 flags;
	__u32 vm_id;
	__u32 nr_vcpus;
	__u32 events;
	__u32 nr_resources;
	__u64 epoch;
	__u64 at_ns;
	__u64 period_ns;
	__u64 guest_ns;
	__u64 host_ns;
	__u64 halt_poll_ns;
	__u64 wait_ns;
	__u64 throttled_ns;
	__u64 other_ns;
	__u64 exits;
	__u64 price_ncr_h;
	__u64 pending_ncr_h;
	__u64 pending_at_ns;
	__u64 charged_ncr;
	__u64 waived_ncr;
	__u64 cap_ncr;
	__u64 spent_ncr;
	__u64 left_ncr;
	__u64 renews_at_ns;
	__u32 budget_period_s;
	__u32 budget_action;
	__u32 budget_flags;
	__u32 pad;
	struct kvmeter_ioc_resource res[KVMETER_RES_MAX];
};

#define KVMETER_BUDGET_PACE	(1U << 0)	/* spread what is left over the time left */

/**
 * struct kvmeter_ioc_budget - KVMETER_IOC_SET_BUDGET: the VM's own budget
 * @size: of this struct
 * @flags: KVMETER_BUDGET_PACE
 * @cap_ncr: charges allowed per budget period, at most 10^15; KVMETER_NCR_NONE: no cap
 * @period_s: length of a budget period, at most 366 days; 0: one that never ends
 * @action: at the cap, 0: the VM goes on at its floor grant, 1: it pauses
 */
struct kvmeter_ioc_budget {
	__u32 size;
	__u32 flags;
	__u64 cap_ncr;
	__u32 period_s;
	__u32 action;
};

/** enum kvmeter_answer - what becomes, or would become, of a suggestion */
enum kvmeter_answer {
	KVMETER_ANSWER_ACCEPTED,	/* as asked */
	KVMETER_ANSWER_FLOOR,		/* raised to the policy's floor */
	KVMETER_ANSWER_CEILING,		/* lowered to the policy's ceiling */
	KVMETER_ANSWER_BUDGET,		/* accepted; the budget holds the grant below it now */
	KVMETER_ANSWER_OBSERVE,		/* refused: the policy only observes */
	KVMETER_ANSWER_NOT_SOLD,	/* refused: the VM has no allotment of this resource */
	KVMETER_ANSWER_OUTRANKED,	/* refused: the operator's suggestion is in force */
	KVMETER_ANSWER_RATE,		/* refused: too many suggestions; -EBUSY */
};

/**
 * struct kvmeter_ioc_suggest - KVMETER_IOC_SUGGEST
 * @size: of this struct
 * @flags: none yet
 * @resource: KVMETER_RES_
 * @grant_bp: asked for, at most 100 000
 * @duration_ms: for how long; 0 ends the present suggestion
 * @accepted_bp: out, the grant that it rests at; 0: refused
 * @answer: out, enum kvmeter_answer
 * @retry_ms: out, with -EBUSY: when the next may be accepted
 */
struct kvmeter_ioc_suggest {
	__u32 size;
	__u32 flags;
	__u32 resource;
	__u32 grant_bp;
	__u32 duration_ms;
	__u32 accepted_bp;
	__u32 answer;
	__u32 retry_ms;
};

/**
 * struct kvmeter_ioc_quote - KVMETER_IOC_QUOTE
 * @size: of this struct
 * @flags: none yet
 * @resource: KVMETER_RES_
 * @grant_bp: what a suggestion would ask for, at most 100 000
 * @accepted_bp: out, what it would rest at; 0: it would be refused
 * @answer: out, enum kvmeter_answer
 * @now_ncr_h: out, the price announced last
 * @price_ncr_h: out, the price that the grant calls for
 * @diff_ncr_h: out, the second less the first
 * @effective_at_ns: out, CLOCK_MONOTONIC from which on that whole price would
 *                   be charged; ~0: not within two hours
 */
struct kvmeter_ioc_quote {
	__u32 size;
	__u32 flags;
	__u32 resource;
	__u32 grant_bp;
	__u32 accepted_bp;
	__u32 answer;
	__u64 now_ncr_h;
	__u64 price_ncr_h;
	__s64 diff_ncr_h;
	__u64 effective_at_ns;
};

/**
 * struct kvmeter_ioc_eventfd - KVMETER_IOC_EVENTFD
 * @size: of this struct
 * @flags: none yet
 * @fd: of an eventfd, which takes the place of the last; -1: none
 * @events: KVMETER_EVENT_ bits that count up the eventfd; 0 with -1
 */
struct kvmeter_ioc_eventfd {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 events;
};

/**
 * struct kvmeter_ioc_cgroup - KVMETER_IOC_CGROUP
 * @size: of this struct
 * @flags: none yet
 * @fd: of the directory of a cgroup of the second version; -1: let go of it
 * @pad: 0
 */
struct kvmeter_ioc_cgroup {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 pad;
};

/* of the mapped page */
#define KVMETER_PAGE_GONE	(1U << 0)	/* the VM is gone: these are its last values */
#define KVMETER_PAGE_CAPPED	(1U << 1)	/* the cap is reached */

/**
 * struct kvmeter_page - the first page of an attached file, mapped read-only
 * @seq: odd while the rest is written, and another after it was; read the page
 *       by kvmeter_page_read() of kvmeter_tenant.h
 * @size: how much of this struct the module fills
 * @flags: KVMETER_PAGE_ bits
 * @vm_id: the VM
 * @at_ns: CLOCK_MONOTONIC up to which charges are complete
 * @price_ncr_h: in force then
 * @pending_ncr_h: announced
 * @pending_at_ns: from when on that is in force; 0: nothing announced
 * @charged_ncr: since the VM appeared
 * @waived_ncr: not charged because of the cap
 * @left_ncr: of the budget that has less left; KVMETER_NCR_NONE: no cap
 * @renews_at_ns: end of its period; 0: it has none
 * @grant_bp: in force, by resource; 0: no such resource
 */
struct kvmeter_page {
	__u32 seq;
	__u32 size;
	__u32 flags;
	__u32 vm_id;
	__u64 at_ns;
	__u64 price_ncr_h;
	__u64 pending_ncr_h;
	__u64 pending_at_ns;
	__u64 charged_ncr;
	__u64 waived_ncr;
	__u64 left_ncr;
	__u64 renews_at_ns;
	__u32 grant_bp[KVMETER_RES_MAX];
};

/*
 * A guest's hint is a hypercall, VMCALL on Intel and VMMCALL on AMD, that KVM
 * refuses (rax: -1000 from ring 0, -1 from ring 3) and that kvmeter sees when
 * the operator has allowed the VM hints:
 *
 *   rax  KVMETER_HINT_NR
 *   rbx  resource
 *   rcx  grant in bp, at most 100 000
 *   rdx  for how long, in ms, below 2^32; 0 ends the present hint
 *
 * On arm64 it is "hvc #0" from the guest's kernel, with the same in x0 to x3.
 */
#define KVMETER_HINT_NR		0x4b4d0001

#endif /* _UAPI_LINUX_KVMETER_H */
