// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of KVM's events: what an Intel and an AMD host tell, with arguments
 * made up.
 *
 * It includes the probes as they are.  What is played is the processor's maker, and
 * the limit that an entry may meet.  Arguments are from the processors' manuals: an
 * EPT violation's exit qualification, a page fault's error code.
 */
#include <kunit/test.h>
#include <linux/kvm_host.h>
#include <asm/cpufeature.h>

static bool intel;

#undef boot_cpu_has
#define boot_cpu_has(feature)	intel

#include "actor.h"
#include "../../kmod/cpu/kvm.c"

void kvmeter_slice_entry(struct kvmeter_slot *slot)
{
}

/**
 * struct fault_case - a fault's last argument, and what the guest wanted
 * @why: the argument
 * @kind: what it wanted
 */
struct fault_case {
	u64 why;
	enum kvmeter_fault_kind kind;
};

/* a slot of ours counts on this CPU until leave(); preemption is off */
static struct kvmeter_slot *enter(struct kunit *test)
{
	struct kvmeter_slot *slot = kunit_kzalloc(test, sizeof(*slot), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, slot);
	slot->vcpu = vcpu_new(test, kvm_new(test), 0);
	slot->attention_cyc = U64_MAX;
	preempt_disable();
	this_cpu_write(kvmeter_current, slot);
	return slot;
}

static void leave(void)
{
	this_cpu_write(kvmeter_current, NULL);
	preempt_enable();
}

static void try_faults(struct kunit *test, const struct fault_case *all, int n)
{
	u64 want[KVMETER_NR_FAULTS] = {};
	struct kvmeter_slot *slot = enter(test);
	int i;

	for (i = 0; i < n; i++) {
		want[all[i].kind]++;
		kvmeter_probe_fault(NULL, slot->vcpu, i, all[i].why);
	}
	/* of a vCPU that is not this thread's: not counted */
	kvmeter_probe_fault(NULL, slot->vcpu + 1, 0, 0);
	leave();
	for (i = KVMETER_NR_KVM_FAULTS; i < KVMETER_NR_FAULTS; i++)
		KUNIT_EXPECT_EQ_MSG(test, slot->nr_fault[i - KVMETER_NR_KVM_FAULTS], want[i],
				    "kind %d", i);
}

/* VMX: bit 0 read, 1 write, 2 fetch; 3 to 5 what was allowed, 7 and 8 the address's */
static void kvm_test_ept(struct kunit *test)
{
	static const struct fault_case all[] = {
		{ 0x001, KVMETER_FAULT_READ },
		{ 0x002, KVMETER_FAULT_WRITE },
		{ 0x004, KVMETER_FAULT_EXEC },
		/* the walk sets a dirty bit: a read and a write */
		{ 0x003, KVMETER_FAULT_WRITE },
		{ 0x181, KVMETER_FAULT_READ },
		{ 0x182, KVMETER_FAULT_WRITE },
		{ 0x184, KVMETER_FAULT_EXEC },
		/* a write to what may be read and fetched */
		{ 0x1aa, KVMETER_FAULT_WRITE },
		/* a fetch from what may be read and written */
		{ 0x19c, KVMETER_FAULT_EXEC },
		/* a read where bit 4 says that it was writable: no fetch, as with AMD */
		{ 0x191, KVMETER_FAULT_READ },
	};

	intel = true;
	try_faults(test, all, ARRAY_SIZE(all));
}

/* SVM: bit 0 present, 1 write, 2 user, 4 fetch; 32 and 33 whose address it is */
static void kvm_test_npt(struct kunit *test)
{
	static const struct fault_case all[] = {
		{ BIT_ULL(32) | 0x04, KVMETER_FAULT_READ },
		{ BIT_ULL(32) | 0x06, KVMETER_FAULT_WRITE },
		{ BIT_ULL(32) | 0x07, KVMETER_FAULT_WRITE },
		{ BIT_ULL(32) | 0x14, KVMETER_FAULT_EXEC },
		{ BIT_ULL(33) | 0x06, KVMETER_FAULT_WRITE },
		/* user and present: no fetch, as with Intel */
		{ BIT_ULL(32) | 0x05, KVMETER_FAULT_READ },
	};

	intel = false;
	try_faults(test, all, ARRAY_SIZE(all));
}

/* VMX may fail an entry: then the next one comes without an exit, and none is counted */
static void kvm_test_no_exit(struct kunit *test)
{
	struct kvmeter_slot *slot = enter(test);
	u64 begin;

	intel = true;
	begin = kvmeter_clock_cyc();
	slot->ev.open_cyc = begin;
	kvmeter_probe_entry(NULL, slot->vcpu, false);
	KUNIT_EXPECT_TRUE(test, slot->ev.open_cyc & KVMETER_IN_GUEST);
	kvmeter_probe_entry(NULL, slot->vcpu, false);
	KUNIT_EXPECT_TRUE(test, slot->ev.open_cyc & KVMETER_IN_GUEST);
	KUNIT_EXPECT_EQ(test, slot->ev.nr_exits, 0ULL);
	kvmeter_probe_vmexit(NULL, slot->vcpu, 1);
	leave();
	KUNIT_EXPECT_FALSE(test, slot->ev.open_cyc & KVMETER_IN_GUEST);
	KUNIT_EXPECT_EQ(test, slot->ev.nr_exits, 1ULL);
	/* nothing is lost: all from begin to the exit is the guest's or the host's */
	KUNIT_EXPECT_EQ(test, kvmeter_slot_used_cyc(slot), slot->ev.open_cyc - begin);
}

static struct kunit_case kvm_cases[] = {
	KUNIT_CASE(kvm_test_ept),
	KUNIT_CASE(kvm_test_npt),
	KUNIT_CASE(kvm_test_no_exit),
	{}
};

static struct kunit_suite kvm_suite = {
	.name = "kvmeter_kvm",
	.test_cases = kvm_cases,
};

kunit_test_suites(&kvm_suite);
