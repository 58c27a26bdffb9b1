// SPDX-License-Identifier: GPL-2.0
/*
 * Page: a VM's own side maps it, and reads price, charges and grants by a load
 * instead of a system call.
 *
 * One page per VM, made with the first attachment and written at each
 * settlement.  There is one writer, for kvmeter_lock is held.  It is not
 * preempted while the sequence number is odd, so a reader waits for a few dozen
 * stores at most.  A mapping can be read and nothing else, now or by
 * mprotect(): all holders of the VM share the page.
 *
 * Lifetime: the VM has a reference on its page, and each mapping's entry has
 * one by the page tables.  A mapping holds its file, which holds the VM.  The
 * page of a VM that is gone keeps its last values and says so.
 */
#include <linux/fs.h>
#include <linux/mm.h>

#include <uapi/linux/kvmeter.h>

#include "api/tenant/call.h"
#include "api/tenant/page.h"
#include "base/host.h"
#include "core/budget.h"
#include "core/pipeline.h"
#include "core/purse.h"
#include "core/price.h"
#include "core/units.h"
#include "vm/vm.h"

static_assert(sizeof(struct kvmeter_page) <= PAGE_SIZE);
static_assert(KMC_NR_ACT <= KVMETER_RES_MAX);

static void page_fill(const struct kvmeter_vm *vm, struct kvmeter_page *out)
{
	const struct kmc_vm *core = &vm->core;
	bool own = kmc_vm_own_binds(core);
	const struct kmc_budget_conf *conf = own ? &core->own_conf : &core->budget_conf;
	const struct kmc_budget *budget = own ? &core->own : &core->budget;
	u64 renews_at = kmc_budget_renews_at(budget, conf);
	int r;

	out->size = sizeof(*out);
	if (kvmeter_tenant_vm_gone(vm))
		out->flags |= KVMETER_PAGE_GONE;
	if (kmc_vm_cap_action(core) != KMC_NR_CAP_ACTIONS)
		out->flags |= KVMETER_PAGE_CAPPED;
	out->vm_id = vm->id;
	out->at_ns = core->price.charged_until_ns;
	out->price_ncr_h = core->price.now_ncr_h;
	out->pending_ncr_h = core->price.pending_ncr_h;
	out->pending_at_ns = core->price.pending_at_ns;
	out->charged_ncr = kmc_price_charged(&core->price);
	out->waived_ncr = core->price.waived_ncr;
	out->left_ncr = kmc_budget_left_ncr(budget, conf);
	out->renews_at_ns = renews_at == U64_MAX ? 0 : renews_at;
	for (r = 0; r < KMC_NR_ACT; r++)
		out->grant_bp[r] = core->effect_bp[r];
}

/**
 * kvmeter_page_update - show what was just settled
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_page_update(struct kvmeter_vm *vm)
{
	struct kvmeter_page new = {}, *page;

	lockdep_assert_held(&kvmeter_lock);
	if (!vm->tenants)
		return;
	page = page_address(vm->tenants->page);
	page_fill(vm, &new);
	new.seq = page->seq + 1;
	preempt_disable();
	WRITE_ONCE(page->seq, new.seq);
	/* the odd number before the values: for kvmeter_page_read() in userspace */
	smp_wmb();
	memcpy((void *)page + sizeof(page->seq), (void *)&new + sizeof(new.seq),
	       sizeof(new) - sizeof(new.seq));
	/* the values before the even number */
	smp_wmb();
	WRITE_ONCE(page->seq, new.seq + 1);
	preempt_enable();
}

static vm_fault_t page_fault(struct vm_fault *vmf)
{
	struct kvmeter_tenant *t = vmf->vma->vm_file->private_data;

	if (vmf->pgoff)
		return VM_FAULT_SIGBUS;
	/* there since attachment, as long as the VM, which the file holds */
	vmf->page = t->vm->tenants->page;
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct page_vm_ops = {
	.fault = page_fault,
};

/**
 * kvmeter_page_mmap - map the VM's page
 * @t: the open file, attached
 * @vma: one page, shared, from offset 0, to be read
 *
 * Return: 0, -EINVAL or -EACCES.
 */
int kvmeter_page_mmap(struct kvmeter_tenant *t, struct vm_area_struct *vma)
{
	/* a file opened read-only has VM_MAYSHARE without VM_SHARED */
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE ||
	    !(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EACCES;
	kvmeter_vma_flags(vma, VM_DONTEXPAND, VM_MAYWRITE | VM_MAYEXEC);
	vma->vm_ops = &page_vm_ops;
	return 0;
}
