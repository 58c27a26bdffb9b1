// SPDX-License-Identifier: GPL-2.0
/*
 * Ioctls of /dev/kvmeter, on a file that is attached.
 *
 * Each is two functions: ioc_X() in the caller's context checks the argument, and
 * X() does what needs kvmeter_lock, by kvmeter_tenant_call().
 */
#include <linux/eventfd.h>
#include <linux/uaccess.h>

#include <uapi/linux/kvmeter.h>

#include "api/tenant/arg.h"
#include "api/tenant/attach.h"
#include "api/tenant/call.h"
#include "api/tenant/ioctl.h"
#include "base/host.h"
#include "base/rate.h"
#include "cgroup/cgroup.h"
#include "core/budget.h"
#include "core/pipeline.h"
#include "core/purse.h"
#include "core/policy.h"
#include "core/predict.h"
#include "core/price.h"
#include "core/units.h"
#include "cpu/cpu.h"
#include "period/settings.h"
#include "period/suggest.h"
#include "period/visit.h"
#include "vm/vm.h"

#define SUGGEST_INTERVAL_NS	(100 * NSEC_PER_MSEC)	/* suggestions per VM: 10 per s ... */
#define SUGGEST_BURST		20			/* ... and 20 at once */
#define BUDGET_INTERVAL_NS	NSEC_PER_SEC		/* budgets per VM: 1 per s ... */
#define BUDGET_BURST		20			/* ... and 20 at once */

/* the size of each struct's first version: no shorter one has ever been valid */
#define GET_SIZE_VER0		704
#define BUDGET_SIZE_VER0	24
#define SUGGEST_SIZE_VER0	32
#define QUOTE_SIZE_VER0		56
#define EVENTFD_SIZE_VER0	16
#define CGROUP_SIZE_VER0	16

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
	out->used = vm->visit->billed.of[r];
	out->grant_bp = core->effect_bp[r];
	out->rest_bp = core->decide[r].rest_bp;
	out->suggested_until_ns = core->decide[r].rest_until_ns;
	if (kmc_policy_sold(r, &core->policy[r]) && !vm->unenforceable[r])
		out->flags |= KVMETER_GET_ADJUSTED;
}

/* The budget that binds: of the operator's and the VM's own the one with less left */
static void get_budget(const struct kmc_vm *core, struct kvmeter_ioc_get *out)
{
	bool own = kmc_vm_own_binds(core);
	const struct kmc_budget_conf *conf = own ? &core->own_conf : &core->budget_conf;
	const struct kmc_budget *budget = own ? &core->own : &core->budget;
	u64 renews_at = kmc_budget_renews_at(budget, conf);

	out->cap_ncr = conf->cap_ncr;
	out->spent_ncr = budget->spent_ncr;
	out->left_ncr = kmc_budget_left_ncr(budget, conf);
	out->renews_at_ns = renews_at == U64_MAX ? 0 : renews_at;
	out->budget_period_s = conf->period_s;
	out->budget_action = conf->action;
	out->budget_flags = (conf->pace ? KVMETER_GET_PACE : 0) |
			    (own ? KVMETER_GET_OWN : 0) |
			    (kmc_vm_cap_action(core) != KMC_NR_CAP_ACTIONS ?
			     KVMETER_GET_CAPPED : 0);
}

static int get(struct kvmeter_tenant *t, void *arg)
{
	struct kvmeter_ioc_get *out = arg;
	struct kmc_now now = kvmeter_now();
	struct kvmeter_vm *vm = t->vm;
	const struct kmc_price *p = &vm->core.price;
	u32 r;

	if (kvmeter_tenant_vm_gone(vm))
		return -ENODEV;
	kvmeter_vm_refresh(vm, &now);
	out->vm_id = vm->id;
	out->nr_vcpus = vm->nr_vcpus;
	out->events = t->events;
	WRITE_ONCE(t->events, 0);
	out->epoch = kvmeter_epoch;
	out->at_ns = now.at_ns;
	out->period_ns = vm->core.period_ns;
	out->guest_ns = vm->cpu->times.guest_ns;
	out->host_ns = vm->cpu->times.host_ns;
	out->halt_poll_ns = vm->cpu->times.halt_poll_ns;
	out->wait_ns = vm->cpu->times.wait_ns;
	out->throttled_ns = vm->cpu->times.throttled_ns;
	out->other_ns = vm->cpu->times.other_ns;
	out->exits = vm->cpu->counts.exits;
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
	err = kvmeter_arg_read(&arg, sizeof(arg), GET_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || !KVMETER_REST_IS_ZERO(kvmeter_ioc_get, &arg, flags))
		return -EINVAL;
	err = kvmeter_tenant_may_call(t);
	if (!err)
		err = kvmeter_tenant_call(t, get, &arg);
	return err ? err : kvmeter_arg_write(&arg, sizeof(arg), user, usize);
}

/* KVMETER_IOC_SET_BUDGET */

static int set_budget(struct kvmeter_tenant *t, void *arg)
{
	if (kvmeter_tenant_vm_gone(t->vm))
		return -ENODEV;
	kvmeter_vm_commit(t->vm, &(struct kvmeter_settings){ .own_budget = arg });
	return 0;
}

static int ioc_set_budget(struct kvmeter_tenant *t, void __user *user)
{
	struct kmc_budget_conf conf;
	struct kvmeter_ioc_budget arg;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != BUDGET_SIZE_VER0);
	err = kvmeter_arg_read(&arg, sizeof(arg), BUDGET_SIZE_VER0, user, &usize);
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
	err = kvmeter_tenant_may_call(t);
	/* each may be an adjustment, a price and notices to the operator */
	if (!err && kvmeter_rate_take(&t->vm->tenants->budget_rate, ktime_get_ns(),
				      BUDGET_INTERVAL_NS, BUDGET_BURST))
		err = -EBUSY;
	return err ? err : kvmeter_tenant_call(t, set_budget, &conf);
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
	struct kvmeter_offer o;

	if (kvmeter_tenant_vm_gone(t->vm))
		return -ENODEV;
	o = kvmeter_suggest(t->vm, KVMETER_BY_TENANT, s->resource, s->grant_bp, s->duration_ms);
	s->answer = o.answer;
	s->accepted_bp = o.accepted_bp;
	return 0;
}

/* Is it too soon?  Then the answer says until when. */
static int suggest_rate(struct kvmeter_tenant *t, struct kvmeter_ioc_suggest *s)
{
	u64 wait_ns = kvmeter_rate_take(&t->vm->tenants->suggest_rate, ktime_get_ns(),
					SUGGEST_INTERVAL_NS, SUGGEST_BURST);

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
	err = kvmeter_arg_read(&arg, sizeof(arg), SUGGEST_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || !KVMETER_REST_IS_ZERO(kvmeter_ioc_suggest, &arg, duration_ms))
		return -EINVAL;
	err = grant_check(arg.resource, arg.grant_bp);
	if (err)
		return err;
	if (!kvmeter_tenant_vm(t))
		return -ENOTCONN;
	if (kvmeter_tenant_vm_gone(t->vm))
		return -ENODEV;
	err = suggest_rate(t, &arg);
	if (!err)
		err = kvmeter_tenant_call(t, suggest, &arg);
	fault = kvmeter_arg_write(&arg, sizeof(arg), user, usize);
	return err ? err : fault;
}

static int quote(struct kvmeter_tenant *t, void *arg)
{
	struct kvmeter_ioc_quote *out = arg;
	struct kmc_now now = kvmeter_now();
	struct kvmeter_quote q;

	if (kvmeter_tenant_vm_gone(t->vm))
		return -ENODEV;
	kvmeter_vm_refresh(t->vm, &now);
	q = kvmeter_quote(t->vm, KVMETER_BY_TENANT, out->resource, out->grant_bp, &now);
	out->accepted_bp = q.offer.accepted_bp;
	out->answer = q.offer.answer;
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
	err = kvmeter_arg_read(&arg, sizeof(arg), QUOTE_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || !KVMETER_REST_IS_ZERO(kvmeter_ioc_quote, &arg, grant_bp))
		return -EINVAL;
	err = grant_check(arg.resource, arg.grant_bp);
	if (!err)
		err = kvmeter_tenant_may_call(t);
	if (!err)
		err = kvmeter_tenant_call(t, quote, &arg);
	return err ? err : kvmeter_arg_write(&arg, sizeof(arg), user, usize);
}

/* KVMETER_IOC_EVENTFD, poll */

static int ioc_eventfd(struct kvmeter_tenant *t, void __user *user)
{
	struct eventfd_ctx *ctx = NULL;
	struct kvmeter_ioc_eventfd arg;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != EVENTFD_SIZE_VER0);
	err = kvmeter_arg_read(&arg, sizeof(arg), EVENTFD_SIZE_VER0, user, &usize);
	if (err)
		return err;
	/* an eventfd wants events, and none wants none */
	if (arg.flags || arg.fd < -1 || arg.events & ~KVMETER_EVENT_ALL ||
	    (arg.events ? arg.fd < 0 : arg.fd >= 0))
		return -EINVAL;
	err = kvmeter_tenant_may_call(t);
	if (err)
		return err;
	if (arg.fd >= 0) {
		ctx = eventfd_ctx_fdget(arg.fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	mutex_lock(&t->lock);
	swap(t->eventfd, ctx);
	t->eventfd_events = arg.events;
	mutex_unlock(&t->lock);
	if (ctx)
		eventfd_ctx_put(ctx);
	return 0;
}

/* KVMETER_IOC_CGROUP */

/*
 * The directory must be looked up in the caller's own files, so the caller takes
 * the lock.  It is privileged, hence not throttled by us.
 */
static int ioc_cgroup(struct kvmeter_tenant *t, void __user *user)
{
	struct kvmeter_vm *vm = kvmeter_tenant_vm(t);
	struct kvmeter_ioc_cgroup arg;
	const char *why;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != CGROUP_SIZE_VER0);
	err = kvmeter_arg_read(&arg, sizeof(arg), CGROUP_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || arg.pad || arg.fd < -1)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = kvmeter_tenant_may_call(t);
	if (err)
		return err;
	if (rt_mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	if (kvmeter_tenant_vm_gone(vm))
		err = -ENODEV;
	else if (arg.fd >= 0)
		err = kvmeter_cgroup_attach(vm, arg.fd, &why);
	else if (!vm->cgroup)
		err = -ENOENT;
	else
		kvmeter_cgroup_detach(vm, NULL);
	rt_mutex_unlock(&kvmeter_lock);
	return err || arg.fd >= 0 ? err : kvmeter_cgroup_settled(vm->id);
}

/**
 * kvmeter_tenant_ioctl - do what an open file is asked for
 * @t: the open file
 * @cmd: KVMETER_IOC_...
 * @arg: its argument; Documentation/ioctl.rst has the structs and errors
 *
 * Return: 0, for KVMETER_IOC_VERSION the version, or -errno.
 */
long kvmeter_tenant_ioctl(struct kvmeter_tenant *t, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case KVMETER_IOC_VERSION:
		return arg ? -EINVAL : KVMETER_API_VERSION;
	case KVMETER_IOC_ATTACH:
		return kvmeter_tenant_attach(t, user);
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
