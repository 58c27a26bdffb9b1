// SPDX-License-Identifier: GPL-2.0
/*
 * Memory: what is resident, and for how long.
 *
 * A guest's memory is its VMM's: what is resident in the VMM's address space,
 * huge pages included, is what the host cannot give to others.  The VMM's own
 * few MiB are in it, as device emulation is in the CPU's account.  Where a VMM
 * runs several VMs in one address space all of it goes to the oldest.
 *
 * Amount: memory is rented by time, so size is summed over time, MiB times ms,
 * by trapezoids between readings, the remainder carried.  Worked: a guest grows
 * from 512 to 1024 MiB within 100 ms.  It has used 768 MiB * 100 ms = 76 800
 * MiB*ms of the 1024 * 3 600 000 that a GiB-hour is.  A size that came and went
 * between two readings, 100 ms apart, is not seen.
 *
 * Cost.  The kernel counts pages per CPU, and the exact sum is a walk over all: 3 x
 * 256 CPUs are 25 us, with interrupts off.  So it is taken once a second.  Between
 * two of them what the CPUs hold back is taken to be what it was then.
 */
#include <linux/hugetlb.h>
#include <linux/kvm_host.h>
#include <linux/mm.h>

#include "base/host.h"
#include "core/profile.h"
#include "core/q.h"
#include "core/units.h"
#include "memory/memory.h"
#include "vm/vm.h"

#define READ_NS		(100 * NSEC_PER_MSEC)	/* between two readings, at least */
#define EXACT_NS	NSEC_PER_SEC		/* between two that walk over all CPUs */

/* mm's counters outlive its pages, and KVM keeps mm while the VM lives. */
static u64 resident_kib(struct kvmeter_memory *m, struct mm_struct *mm, u64 now_ns)
{
	static const int kinds[] = { MM_FILEPAGES, MM_ANONPAGES, MM_SHMEMPAGES };
	bool exact = !m->exact_ns || now_ns - m->exact_ns >= EXACT_NS;
	s64 about = 0, sum = 0;
	u64 pages;
	int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		about += kvmeter_mm_pages_about(mm, kinds[i]);
		if (exact)
			sum += kvmeter_mm_pages(mm, kinds[i]);
	}
	if (exact) {
		m->held_pages = sum - about;
		m->exact_ns = now_ns;
	}
	pages = max(about + m->held_pages, 0LL);
#ifdef CONFIG_HUGETLB_PAGE
	pages += atomic_long_read(&mm->hugetlb_usage);
#endif
	return pages << (PAGE_SHIFT - 10);
}

/* The row: kvmeter_lock.  See struct kvmeter_meter. */

/* The VM is alive, and its group's faults were read just before. */
void kvmeter_memory_read(struct kvmeter_vm *vm, u64 now_ns)
{
	struct kvmeter_memory *m = vm->memory;
	u64 was_kib = m->resident_kib;

	lockdep_assert_held(&kvmeter_lock);
	if (!m->at_ns || now_ns - m->read_ns >= READ_NS) {
		m->resident_kib = kvmeter_vm_owns_group(vm) ?
				  resident_kib(m, vm->kvm->mm, now_ns) : 0;
		m->read_ns = now_ns;
	}
	if (!m->at_ns) {
		m->minor_base = vm->group->minor_faults;
		m->major_base = vm->group->major_faults;
		was_kib = m->resident_kib;
		m->at_ns = now_ns;
	}
	if (kvmeter_vm_owns_group(vm)) {
		m->minor_faults = vm->group->minor_faults - m->minor_base;
		m->major_faults = vm->group->major_faults - m->major_base;
	}
	if (now_ns <= m->at_ns)
		return;
	/* the sum of two sizes is twice their mean */
	m->used_mib_ms += kmc_accrue(was_kib + m->resident_kib, now_ns - m->at_ns,
				     2 * 1024 * KMC_NS_PER_MS, &m->rem);
	m->at_ns = now_ns;
}

/* Return: MiB times ms. */
u64 kvmeter_memory_used(const struct kvmeter_vm *vm)
{
	return vm->memory->used_mib_ms;
}

/* What is resident at the period's end, in MiB, to the nearest. */
void kvmeter_memory_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	s->usage = (vm->memory->resident_kib + 512) >> 10;
	s->demand = s->usage;
	s->censored = false;
}
