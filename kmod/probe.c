// SPDX-License-Identifier: GPL-2.0
/*
 * Tracepoints, attached by name.
 *
 * KVM's tracepoints are declared in its private headers.  They live in kvm.ko, or
 * in the kernel where KVM is built in.  kvm.ko may be loaded before us, after us, or
 * be unloaded and loaded again.  The tracepoint module notifier tells of all three
 * (and replays modules that are there already); built-in tracepoints are walked once.
 *
 * They come in two halves, the kernel's and KVM's.  KVM's begin last and end
 * first, as they are what makes slots.
 */
#include <linux/module.h>
#include <linux/tracepoint.h>
#include <trace/events/block.h>
#include <trace/events/sched.h>

#include "compat/arch.h"
#include "cpu/herd.h"
#include "cpu/kvm.h"
#include "cpu/sched.h"
#include "disk/bio.h"
#include "period/hint.h"
#include "probe.h"

enum probe_half {
	PROBES_KERNEL,
	PROBES_KVM,
	NR_PROBE_HALVES,
};

static struct kvmeter_probe {
	const char *name;
	void *callback;
	enum probe_half half;
	bool required;
	bool last;			/* attached when all others of its half are */
	struct tracepoint *tp;		/* attached to; under probe_lock */
} probes[] = {
	{ "sched_process_exit", kvmeter_probe_task_exit, PROBES_KERNEL, .required = true },
	{ "sched_process_exit", kvmeter_probe_herd_exit, PROBES_KERNEL, .required = true },
	{ "sched_process_fork", kvmeter_probe_herd_fork, PROBES_KERNEL },
	{ "block_bio_queue", kvmeter_probe_bio, PROBES_KERNEL },
	{ KVMETER_TP_HYPERCALL, kvmeter_probe_hypercall, PROBES_KVM },
	{ KVMETER_TP_FAULT, kvmeter_probe_fault, PROBES_KVM },
	{ "kvm_exit", kvmeter_probe_vmexit, PROBES_KVM, .required = true },
	/* an entry makes slots, and all time after it is the guest's until an exit */
	{ "kvm_entry", kvmeter_probe_entry, PROBES_KVM, .last = true },
};

/* protects kvmeter_probe.tp and probe_open; taken inside tracepoint_module_list_mutex */
static DEFINE_MUTEX(probe_lock);
static bool probe_open[NR_PROBE_HALVES];	/* its probes attach where they can */

/* Is a probe missing that @probe, a last one, needs? */
static bool probe_misses(const struct kvmeter_probe *probe)
{
	int i;

	lockdep_assert_held(&probe_lock);
	for (i = 0; probe->last && i < ARRAY_SIZE(probes); i++)
		if (probes[i].half == probe->half && probes[i].required && !probes[i].tp)
			return true;
	return false;
}

/* @last: attach those that come last, or the others */
static void probe_attach(struct tracepoint *tp, void *last)
{
	int i, err;

	mutex_lock(&probe_lock);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (!probe_open[probes[i].half] || probes[i].tp ||
		    probes[i].last != !!last || strcmp(tp->name, probes[i].name))
			continue;
		if (probe_misses(&probes[i])) {
			pr_err("kvmeter: without the others, %s is left alone\n", tp->name);
			continue;
		}
		err = tracepoint_probe_register(tp, probes[i].callback, NULL);
		if (err)
			pr_err("kvmeter: cannot attach to tracepoint %s: %d\n", tp->name, err);
		else
			probes[i].tp = tp;
	}
	mutex_unlock(&probe_lock);
}

static void probe_detach(struct kvmeter_probe *probe)
{
	lockdep_assert_held(&probe_lock);
	if (probe->tp)
		tracepoint_probe_unregister(probe->tp, probe->callback, NULL);
	probe->tp = NULL;
}

static void probe_module_gone(struct tracepoint *tp, void *priv)
{
	int i;

	mutex_lock(&probe_lock);
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].tp == tp)
			probe_detach(&probes[i]);
	mutex_unlock(&probe_lock);
}

static void probe_walk_module(struct module *mod, void (*fn)(struct tracepoint *, void *),
			      void *priv)
{
	unsigned int i;

	for (i = 0; i < mod->num_tracepoints; i++)
		fn(tracepoint_ptr_deref(&mod->tracepoints_ptrs[i]), priv);
}

static int probe_module_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct tp_module *tp_mod = data;

	switch (event) {
	case MODULE_STATE_COMING:
		/* the order is ours, not the module's */
		probe_walk_module(tp_mod->mod, probe_attach, NULL);
		probe_walk_module(tp_mod->mod, probe_attach, probes);
		break;
	case MODULE_STATE_GOING:
		probe_walk_module(tp_mod->mod, probe_module_gone, NULL);
		/* no callback of ours may run when the module's text goes */
		tracepoint_synchronize_unregister();
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block probe_nb = {
	.notifier_call = probe_module_notify,
};

/* Attach a half to what is built in. */
static void half_open(enum probe_half half)
{
	mutex_lock(&probe_lock);
	probe_open[half] = true;
	mutex_unlock(&probe_lock);
	for_each_kernel_tracepoint(probe_attach, NULL);
	for_each_kernel_tracepoint(probe_attach, probes);
}

/* Detach a half; no callback of it runs any more when this returns. */
static void half_close(enum probe_half half)
{
	int i;

	mutex_lock(&probe_lock);
	probe_open[half] = false;
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].half == half)
			probe_detach(&probes[i]);
	mutex_unlock(&probe_lock);
	tracepoint_synchronize_unregister();
}

/**
 * kvmeter_probe_init - listen to the kernel
 *
 * Return: 0, or -ENOENT: this kernel has no such tracepoint.
 */
int kvmeter_probe_init(void)
{
	int i;

	/* attached as untyped pointers: of these the compiler knows the type */
	check_trace_callback_type_sched_process_exit(kvmeter_probe_task_exit);
	check_trace_callback_type_sched_process_exit(kvmeter_probe_herd_exit);
	check_trace_callback_type_sched_process_fork(kvmeter_probe_herd_fork);
	check_trace_callback_type_block_bio_queue(kvmeter_probe_bio);
	half_open(PROBES_KERNEL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (probes[i].half != PROBES_KERNEL || !probes[i].required || probes[i].tp)
			continue;
		pr_err("kvmeter: this kernel has no tracepoint %s\n", probes[i].name);
		kvmeter_probe_exit();
		return -ENOENT;
	}
	return 0;
}

/* No thread has a notifier of ours, so exits need not be seen any more. */
void kvmeter_probe_exit(void)
{
	half_close(PROBES_KERNEL);
}

/**
 * kvmeter_probe_init_kvm - listen to KVM, there or yet to be loaded
 *
 * Return: 0 or -errno.
 */
int kvmeter_probe_init_kvm(void)
{
	int err;

	half_open(PROBES_KVM);
	err = register_tracepoint_module_notifier(&probe_nb);
	if (err)
		half_close(PROBES_KVM);
	return err;
}

/* No guest entry and exit is seen any more. */
void kvmeter_probe_exit_kvm(void)
{
	half_close(PROBES_KVM);
	unregister_tracepoint_module_notifier(&probe_nb);
}
