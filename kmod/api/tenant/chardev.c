// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/kvmeter: the VM's own side.
 *
 * Who holds a KVM descriptor of a VM holds the VM: that is the proof, and it
 * needs no capability.  An open file is attached by it to one VM, once, and is
 * from then on a handle of that VM and of nothing else, whoever it is passed
 * to.  Documentation/ioctl.rst has the interface.
 *
 * What makes a descriptor one of KVM's: for a VM KVM itself says so
 * (file_is_kvm()).  A vCPU's is one when an anonymous file of a vCPU's name holds,
 * as its private data, the very vCPU that a VM known to us has.  The pointer is
 * compared with those, not followed, so a file that only looks like one leads
 * nowhere.
 *
 * A caller never holds kvmeter_lock.  It may be any process of any weight, in a
 * cgroup whose CPU is used up: preempted with the lock held, it would stall the
 * period, and with that everybody's caps, for as long as its own limits please.
 * So what needs the lock is done by a kernel thread, one call at a time, while
 * the caller waits; and how often one may call is limited before that.
 *
 * A file holds a reference on the VM's kobject, not on its struct kvm: it does
 * not keep a VM from ending.  A file, and a mapping by the file, holds this
 * module: it is not unloaded while one is open, so nothing here outlives it.
 */
#include <linux/anon_inodes.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "cgroup/cgroup.h"
#include "kvmeter.h"
#include "api/tenant/tenant.h"

#define TENANTS_MAX		64	/* files per VM: each is told of each event */
#define CALL_INTERVAL_NS	(10 * NSEC_PER_MSEC)	/* calls per VM: 100 per s ... */
#define CALL_BURST		100			/* ... and so many at once */
#define SUGGEST_INTERVAL_NS	(100 * NSEC_PER_MSEC)	/* suggestions per VM: 10 per s ... */
#define SUGGEST_BURST		20			/* ... and so many at once */

/* the size of each struct's first version: no shorter one has ever been valid */
#define ATTACH_SIZE_VER0	16
#define GET_SIZE_VER0		704
#define BUDGET_SIZE_VER0	24
#define SUGGEST_SIZE_VER0	32
#define QUOTE_SIZE_VER0		56
#define EVENTFD_SIZE_VER0	16
#define CGROUP_SIZE_VER0	16

static struct workqueue_struct *tenant_wq;

/* calls: done under kvmeter_lock, by a kernel thread */

/**
 * struct tenant_call - a call on its way
 * @work: its turn in the queue
 * @t: the open file
 * @fn: what to do, under kvmeter_lock
 * @arg: what with
 * @err: what it returned
 */
struct tenant_call {
	struct work_struct work;
	struct kvmeter_tenant *t;
	int (*fn)(struct kvmeter_tenant *t, void *arg);
	void *arg;
	int err;
};

static void tenant_work(struct work_struct *work)
{
	struct tenant_call *call = container_of(work, struct tenant_call, work);

	mutex_lock(&kvmeter_lock);
	call->err = call->fn(call->t, call->arg);
	mutex_unlock(&kvmeter_lock);
}

static int tenant_call(struct kvmeter_tenant *t, int (*fn)(struct kvmeter_tenant *t, void *arg),
		       void *arg)
{
	struct tenant_call call = { .t = t, .fn = fn, .arg = arg };

	INIT_WORK_ONSTACK(&call.work, tenant_work);
	queue_work(tenant_wq, &call.work);
	flush_work(&call.work);
	destroy_work_on_stack(&call.work);
	return call.err;
}

/* The VM of an open file, attached; NULL: not yet */
static struct kvmeter_vm *tenant_vm(struct kvmeter_tenant *t)
{
	/* pairs with attach() */
	return smp_load_acquire(&t->vm);
}

/* Its descriptors are closed, or its threads have ended: never again */
static bool vm_gone(const struct kvmeter_vm *vm)
{
	return READ_ONCE(vm->over) || READ_ONCE(vm->dead);
}

/* May the holders of this VM call now? */
static int tenant_may_call(struct kvmeter_tenant *t)
{
	struct kvmeter_vm *vm = tenant_vm(t);

	if (!vm)
		return -ENOTCONN;
	if (vm_gone(vm))
		return -ENODEV;
	if (kvmeter_rate_take(&vm->call_rate, ktime_get_ns(), CALL_INTERVAL_NS, CALL_BURST))
		return -EBUSY;
	return 0;
}

/* arguments in and out */

/* Read a struct whose first field is its size; *@usize is what the caller takes it to be. */
static int arg_read(void *arg, size_t ksize, size_t min_size, void __user *user, u32 *usize)
{
	if (get_user(*usize, (u32 __user *)user))
		return -EFAULT;
	if (*usize > PAGE_SIZE)
		return -E2BIG;
	if (*usize < min_size)
		return -EINVAL;
	return copy_struct_from_user(arg, ksize, user, *usize);
}

static int arg_write(const void *arg, size_t ksize, void __user *user, u32 usize)
{
	return copy_to_user(user, arg, min_t(size_t, ksize, usize)) ? -EFAULT : 0;
}

/* Is all from @before on zero, as what is not asked for shall be? */
static bool rest_is_zero(const void *arg, size_t size, size_t before)
{
	return !memchr_inv(arg + before, 0, size - before);
}

#define REST_IS_ZERO(type, arg, last) \
	rest_is_zero(arg, sizeof(struct type), offsetofend(struct type, last))

/* KVMETER_IOC_ATTACH */

/**
 * struct attach - what to attach to
 * @kvm: a VM, not NULL: the one
 * @vcpu: a pointer to compare with vCPUs'
 * @page: for the VM, if it has none yet; NULL when it was taken
 * @vm_id: set
 */
struct attach {
	const struct kvm *kvm;
	const struct kvm_vcpu *vcpu;
	struct page *page;
	u32 vm_id;
};

static bool vm_matches(const struct kvmeter_vm *vm, const struct attach *a)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	/* a VM that is listed has slots, and each of them a reference on its kvm */
	if (a->kvm)
		return vm->kvm == a->kvm;
	kvm_for_each_vcpu(i, vcpu, vm->kvm)
		if (vcpu == a->vcpu)
			return true;
	return false;
}

static struct kvmeter_vm *attach_find(const struct attach *a)
{
	struct kvmeter_vm *vm;

	list_for_each_entry(vm, &kvmeter_vms, node)
		if (!vm->over && vm_matches(vm, a))
			return vm;
	return NULL;
}

static int attach(struct kvmeter_tenant *t, void *arg)
{
	struct attach *a = arg;
	struct kvmeter_vm *vm;

	if (t->vm)
		return -EISCONN;
	vm = attach_find(a);
	if (!vm)
		return -EAGAIN;
	if (vm->nr_tenants >= TENANTS_MAX)
		return -EMFILE;
	if (!vm->page)
		swap(vm->page, a->page);
	kvmeter_page_update(vm);
	list_add_tail(&t->node, &vm->tenants);
	vm->nr_tenants++;
	a->vm_id = vm->id;
	/* the page first: pairs with tenant_vm() */
	smp_store_release(&t->vm, kvmeter_vm_get(vm));
	return 0;
}

static bool is_vm_file(struct file *file)
{
	bool (*is_kvm)(struct file *file) = symbol_get(file_is_kvm);
	bool yes;

	/* no KVM, no descriptor of it */
	if (!is_kvm)
		return false;
	yes = is_kvm(file);
	symbol_put(file_is_kvm);
	return yes;
}

static bool is_vcpu_file(struct file *file)
{
	static const char * const owners[] = { "kvm", "kvm_amd", "kvm_intel" };
	const struct module *owner = file->f_op->owner;

	/* before 6.7 KVM's files have no owner */
	if (owner && match_string(owners, ARRAY_SIZE(owners), owner->name) < 0)
		return false;
	return file_inode(file)->i_sb->s_magic == ANON_INODE_FS_MAGIC &&
	       !strncmp(file->f_path.dentry->d_name.name, "kvm-vcpu:", 9);
}

static int attach_file(struct kvmeter_tenant *t, struct file *file, u32 *vm_id)
{
	struct attach a = {};
	int err;

	if (is_vm_file(file))
		a.kvm = file->private_data;
	else if (is_vcpu_file(file))
		a.vcpu = file->private_data;
	else
		return -EINVAL;
	/* a page of the caller's account, as the VM's first */
	a.page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!a.page)
		return -ENOMEM;
	err = tenant_call(t, attach, &a);
	if (a.page)
		__free_page(a.page);
	*vm_id = a.vm_id;
	return err;
}

static int ioc_attach(struct kvmeter_tenant *t, void __user *user)
{
	struct kvmeter_ioc_attach arg;
	struct file *file;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != ATTACH_SIZE_VER0);
	err = arg_read(&arg, sizeof(arg), ATTACH_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || !REST_IS_ZERO(kvmeter_ioc_attach, &arg, fd))
		return -EINVAL;
	if (tenant_vm(t))
		return -EISCONN;
	file = fget(arg.fd);
	if (!file)
		return -EBADF;
	err = attach_file(t, file, &arg.vm_id);
	fput(file);
	return err ? err : arg_write(&arg, sizeof(arg), user, usize);
}

/* KVMETER_IOC_GET */

static void get_resource(const struct kvmeter_vm *vm, u32 r, struct kvmeter_ioc_resource *out)
{
	const struct kmc_vm *core = &vm->core;
	const struct kmc_forecast *next = &core->predict[r].next;

	out->usage = core->sample[r].usage;
	out->demand = core->sample[r].demand;
	out->predicted = next->mean;
	out->p99 = next->p99;
	out->surprise_mbit = core->surprise[r].mbit;
	out->grant_bp = KMC_BP;
	out->rest_bp = KMC_BP;
	if (r >= KMC_NR_ACT)
		return;
	out->used = vm->billed.of[r];
	out->grant_bp = core->effect_bp[r];
	out->rest_bp = core->decide[r].rest_bp;
	out->suggested_until_ns = core->decide[r].rest_until_ns;
	if (kmc_policy_sold(r, &core->policy[r]) && !vm->unenforceable[r])
		out->flags |= KVMETER_GET_ADJUSTED;
}

static void get_budget(const struct kmc_vm *core, struct kvmeter_ioc_get *out)
{
	const struct kmc_budget_conf *conf = &core->budget_conf;
	u64 renews_at = kmc_budget_renews_at(&core->budget, conf);

	out->cap_ncr = conf->cap_ncr;
	out->spent_ncr = core->budget.spent_ncr;
	out->left_ncr = kmc_budget_left_ncr(&core->budget, conf);
	out->renews_at_ns = renews_at == U64_MAX ? 0 : renews_at;
	out->budget_period_s = conf->period_s;
	out->budget_action = conf->action;
	out->budget_flags = (conf->pace ? KVMETER_GET_PACE : 0) |
			    (core->budget.capped ? KVMETER_GET_CAPPED : 0);
}

static int get(struct kvmeter_tenant *t, void *arg)
{
	struct kvmeter_ioc_get *out = arg;
	struct kmc_now now = kvmeter_now();
	struct kvmeter_vm *vm = t->vm;
	const struct kmc_price *p = &vm->core.price;
	u32 r;

	if (vm_gone(vm))
		return -ENODEV;
	kvmeter_vm_refresh(vm, &now);
	out->vm_id = vm->id;
	out->nr_vcpus = vm->nr_vcpus;
	out->events = t->events;
	WRITE_ONCE(t->events, 0);
	out->epoch = kvmeter_epoch;
	out->at_ns = now.at_ns;
	out->period_ns = vm->core.period_ns;
	out->guest_ns = vm->times.guest_ns;
	out->host_ns = vm->times.host_ns;
	out->halt_poll_ns = vm->times.halt_poll_ns;
	out->wait_ns = vm->times.wait_ns;
	out->throttled_ns = vm->times.throttled_ns;
	out->other_ns = vm->times.other_ns;
	out->exits = vm->counts.exits;
	out->price_ncr_h = p->now_ncr_h;
	out->pending_ncr_h = p->pending_ncr_h;
	out->pending_at_ns = p->pending_at_ns;
	out->charged_ncr = kmc_price_charged(p);
	out->waived_ncr = p->waived_ncr;
	get_budget(&vm->core, out);
	out->nr_resources = KMC_NR_RES;
	for (r = 0; r < KMC_NR_RES; r++)
		get_resource(vm, r, &out->res[r]);
	return 0;
}

static int ioc_get(struct kvmeter_tenant *t, void __user *user)
{
	struct kvmeter_ioc_get arg;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != GET_SIZE_VER0);
	BUILD_BUG_ON(KMC_NR_RES > KVMETER_RES_MAX);
	err = arg_read(&arg, sizeof(arg), GET_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || !REST_IS_ZERO(kvmeter_ioc_get, &arg, flags))
		return -EINVAL;
	err = tenant_may_call(t);
	if (!err)
		err = tenant_call(t, get, &arg);
	return err ? err : arg_write(&arg, sizeof(arg), user, usize);
}

/* KVMETER_IOC_SET_BUDGET */

static int set_budget(struct kvmeter_tenant *t, void *arg)
{
	if (vm_gone(t->vm))
		return -ENODEV;
	kvmeter_vm_set_budget(t->vm, arg);
	return 0;
}

static int ioc_set_budget(struct kvmeter_tenant *t, void __user *user)
{
	struct kmc_budget_conf conf;
	struct kvmeter_ioc_budget arg;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != BUDGET_SIZE_VER0);
	err = arg_read(&arg, sizeof(arg), BUDGET_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags & ~KVMETER_BUDGET_PACE || arg.action >= KMC_NR_CAP_ACTIONS)
		return -EINVAL;
	conf.cap_ncr = arg.cap_ncr;
	conf.period_s = arg.period_s;
	conf.action = arg.action;
	conf.pace = arg.flags & KVMETER_BUDGET_PACE;
	if (kmc_budget_check(&conf))
		return -EINVAL;
	err = tenant_may_call(t);
	return err ? err : tenant_call(t, set_budget, &conf);
}

/* KVMETER_IOC_SUGGEST, KVMETER_IOC_QUOTE */

static int grant_check(u32 resource, u32 grant_bp)
{
	if (resource >= KMC_NR_ACT)
		return -EOPNOTSUPP;
	return grant_bp > KMC_GRANT_MAX_BP ? -ERANGE : 0;
}

static int suggest(struct kvmeter_tenant *t, void *arg)
{
	struct kvmeter_ioc_suggest *s = arg;

	if (vm_gone(t->vm))
		return -ENODEV;
	s->answer = kvmeter_suggest(t->vm, KVMETER_BY_TENANT, s->resource, s->grant_bp,
				    s->duration_ms, &s->accepted_bp);
	return 0;
}

/* Too soon? Then the answer says until when. */
static int suggest_rate(struct kvmeter_tenant *t, struct kvmeter_ioc_suggest *s)
{
	u64 wait_ns = kvmeter_rate_take(&t->vm->suggest_rate, ktime_get_ns(), SUGGEST_INTERVAL_NS,
					SUGGEST_BURST);

	if (!wait_ns)
		return 0;
	s->answer = KVMETER_ANSWER_RATE;
	s->retry_ms = DIV_ROUND_UP_ULL(wait_ns, NSEC_PER_MSEC);
	return -EBUSY;
}

static int ioc_suggest(struct kvmeter_tenant *t, void __user *user)
{
	struct kvmeter_ioc_suggest arg;
	u32 usize;
	int err, fault;

	BUILD_BUG_ON(sizeof(arg) != SUGGEST_SIZE_VER0);
	err = arg_read(&arg, sizeof(arg), SUGGEST_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || !REST_IS_ZERO(kvmeter_ioc_suggest, &arg, duration_ms))
		return -EINVAL;
	err = grant_check(arg.resource, arg.grant_bp);
	if (err)
		return err;
	if (!tenant_vm(t))
		return -ENOTCONN;
	if (vm_gone(t->vm))
		return -ENODEV;
	err = suggest_rate(t, &arg);
	if (!err)
		err = tenant_call(t, suggest, &arg);
	fault = arg_write(&arg, sizeof(arg), user, usize);
	return err ? err : fault;
}

static int quote(struct kvmeter_tenant *t, void *arg)
{
	struct kvmeter_ioc_quote *out = arg;
	struct kmc_now now = kvmeter_now();
	struct kvmeter_quote q;

	if (vm_gone(t->vm))
		return -ENODEV;
	kvmeter_vm_refresh(t->vm, &now);
	kvmeter_quote(t->vm, KVMETER_BY_TENANT, out->resource, out->grant_bp, &now, &q);
	out->accepted_bp = q.accepted_bp;
	out->answer = q.answer;
	out->now_ncr_h = q.now_ncr_h;
	out->price_ncr_h = q.price_ncr_h;
	out->diff_ncr_h = q.price_ncr_h - q.now_ncr_h;
	out->effective_at_ns = q.effective_at_ns;
	return 0;
}

static int ioc_quote(struct kvmeter_tenant *t, void __user *user)
{
	struct kvmeter_ioc_quote arg;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != QUOTE_SIZE_VER0);
	err = arg_read(&arg, sizeof(arg), QUOTE_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || !REST_IS_ZERO(kvmeter_ioc_quote, &arg, grant_bp))
		return -EINVAL;
	err = grant_check(arg.resource, arg.grant_bp);
	if (!err)
		err = tenant_may_call(t);
	if (!err)
		err = tenant_call(t, quote, &arg);
	return err ? err : arg_write(&arg, sizeof(arg), user, usize);
}

/* KVMETER_IOC_EVENTFD, poll */

/** struct new_eventfd - @ctx: what takes its place; after the call, what was there */
struct new_eventfd {
	struct eventfd_ctx *ctx;
	u32 events;
};

static int set_eventfd(struct kvmeter_tenant *t, void *arg)
{
	struct new_eventfd *new = arg;

	if (new->ctx && vm_gone(t->vm))
		return -ENODEV;
	swap(t->eventfd, new->ctx);
	t->eventfd_events = new->events;
	return 0;
}

static int ioc_eventfd(struct kvmeter_tenant *t, void __user *user)
{
	struct new_eventfd new = {};
	struct kvmeter_ioc_eventfd arg;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != EVENTFD_SIZE_VER0);
	err = arg_read(&arg, sizeof(arg), EVENTFD_SIZE_VER0, user, &usize);
	if (err)
		return err;
	/* an eventfd wants events, and none wants none */
	if (arg.flags || arg.fd < -1 || arg.events & ~KVMETER_EVENT_ALL ||
	    (arg.events ? arg.fd < 0 : arg.fd >= 0))
		return -EINVAL;
	err = tenant_may_call(t);
	if (err)
		return err;
	if (arg.fd >= 0) {
		new.ctx = eventfd_ctx_fdget(arg.fd);
		if (IS_ERR(new.ctx))
			return PTR_ERR(new.ctx);
	}
	new.events = arg.events;
	err = tenant_call(t, set_eventfd, &new);
	if (new.ctx)
		eventfd_ctx_put(new.ctx);
	return err;
}

/* KVMETER_IOC_CGROUP */

/*
 * The caller has a capability that nobody is given whose limits are kvmeter's,
 * and the directory is to be looked up in its files: so it takes the lock itself.
 */
static int ioc_cgroup(struct kvmeter_tenant *t, void __user *user)
{
	struct kvmeter_vm *vm = tenant_vm(t);
	struct kvmeter_ioc_cgroup arg;
	const char *why;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != CGROUP_SIZE_VER0);
	err = arg_read(&arg, sizeof(arg), CGROUP_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || arg.pad || arg.fd < -1)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = tenant_may_call(t);
	if (err)
		return err;
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	if (vm_gone(vm))
		err = -ENODEV;
	else if (arg.fd >= 0)
		err = kvmeter_cgroup_attach(vm, arg.fd, &why);
	else if (!vm->cgroup)
		err = -ENOENT;
	else
		kvmeter_cgroup_detach(vm, NULL);
	mutex_unlock(&kvmeter_lock);
	return err || arg.fd >= 0 ? err : kvmeter_cgroup_settled(vm->id);
}

/**
 * kvmeter_tenants_notify - tell a VM's own side
 * @vm: the VM
 * @event: a KVMETER_EVENT_ bit
 *
 * Context: kvmeter_lock.  An eventfd that is full stays full: nothing waits.
 */
void kvmeter_tenants_notify(struct kvmeter_vm *vm, u32 event)
{
	struct kvmeter_tenant *t;

	lockdep_assert_held(&kvmeter_lock);
	list_for_each_entry(t, &vm->tenants, node) {
		WRITE_ONCE(t->events, t->events | event);
		if (t->eventfd && t->eventfd_events & event)
			kvmeter_eventfd_signal(t->eventfd);
		wake_up_interruptible_poll(&t->wait, EPOLLIN |
					   (event & KVMETER_EVENT_GONE ? EPOLLHUP : 0));
	}
}

static __poll_t chardev_poll(struct file *file, poll_table *wait)
{
	struct kvmeter_tenant *t = file->private_data;
	struct kvmeter_vm *vm;
	__poll_t mask = 0;

	poll_wait(file, &t->wait, wait);
	vm = tenant_vm(t);
	if (READ_ONCE(t->events))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (vm && vm_gone(vm))
		mask |= EPOLLHUP;
	return mask;
}

/* the file */

static int chardev_open(struct inode *inode, struct file *file)
{
	struct kvmeter_tenant *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);

	if (!t)
		return -ENOMEM;
	init_waitqueue_head(&t->wait);
	file->private_data = t;
	return nonseekable_open(inode, file);
}

static int detach(struct kvmeter_tenant *t, void *arg)
{
	list_del(&t->node);
	t->vm->nr_tenants--;
	return 0;
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct kvmeter_tenant *t = file->private_data;

	if (t->vm) {
		tenant_call(t, detach, NULL);
		kvmeter_vm_put(t->vm);
	}
	if (t->eventfd)
		eventfd_ctx_put(t->eventfd);
	kfree(t);
	return 0;
}

static int chardev_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct kvmeter_tenant *t = file->private_data;
	struct kvmeter_vm *vm = tenant_vm(t);

	if (!vm)
		return -ENOTCONN;
	if (vm_gone(vm))
		return -ENODEV;
	return kvmeter_page_mmap(t, vma);
}

static long chardev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct kvmeter_tenant *t = file->private_data;
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case KVMETER_IOC_VERSION:
		return arg ? -EINVAL : KVMETER_API_VERSION;
	case KVMETER_IOC_ATTACH:
		return ioc_attach(t, user);
	case KVMETER_IOC_GET:
		return ioc_get(t, user);
	case KVMETER_IOC_SET_BUDGET:
		return ioc_set_budget(t, user);
	case KVMETER_IOC_SUGGEST:
		return ioc_suggest(t, user);
	case KVMETER_IOC_QUOTE:
		return ioc_quote(t, user);
	case KVMETER_IOC_EVENTFD:
		return ioc_eventfd(t, user);
	case KVMETER_IOC_CGROUP:
		return ioc_cgroup(t, user);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.unlocked_ioctl = chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = chardev_mmap,
	.poll = chardev_poll,
};

/* Anyone may open it: what it does is decided by what is attached. */
static struct miscdevice chardev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kvmeter",
	.fops = &chardev_fops,
	.mode = 0666,
};

int kvmeter_chardev_init(void)
{
	int err;

	/* one call at a time, by a thread of its own weight: callers share no CPU with others */
	tenant_wq = alloc_workqueue("kvmeter_tenant", WQ_UNBOUND | WQ_HIGHPRI, 1);
	if (!tenant_wq)
		return -ENOMEM;
	err = misc_register(&chardev);
	if (err)
		destroy_workqueue(tenant_wq);
	return err;
}

void kvmeter_chardev_exit(void)
{
	misc_deregister(&chardev);
	destroy_workqueue(tenant_wq);
}

void kvmeter_tenants_init(struct kvmeter_vm *vm)
{
	INIT_LIST_HEAD(&vm->tenants);
}

/* The VM's last reference is gone, so no file of it is open. */
void kvmeter_tenants_free(struct kvmeter_vm *vm)
{
	if (vm->page)
		__free_page(vm->page);
}
