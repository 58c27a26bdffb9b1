// SPDX-License-Identifier: GPL-2.0
/*
 * Tracepoints, attached by name.
 *
 * KVM's tracepoints are declared in its private headers and live in kvm.ko,
 * which may be loaded before us, after us, or be unloaded and loaded again.
 * The tracepoint module notifier tells of all three (and replays modules that
 * are there already); built-in tracepoints are walked once.
 */
#include <linux/module.h>
#include <linux/tracepoint.h>

#include "cpu/kvm.h"
#include "cpu/sched.h"
#include "kvmeter.h"
#include "probe.h"

struct kvmeter_probe {
	const char *name;
	void *callback;
	bool kvm;			/* lives in kvm.ko */
	struct tracepoint *tp;		/* attached to; under probe_lock */
};

static struct kvmeter_probe probes[] = {
	{ "sched_process_exit", kvmeter_probe_task_exit, false },
	{ "block_bio_queue", kvmeter_probe_bio, false },
	{ "kvm_hypercall", kvmeter_probe_hypercall, true },
	{ "kvm_page_fault", kvmeter_probe_fault, true },
	{ "kvm_exit", kvmeter_probe_vmexit, true },
	/* last: an entry makes slots, by then all else is in place */
	{ "kvm_entry", kvmeter_probe_entry, true },
};

/* protects kvmeter_probe.tp and probe_closing; taken inside tracepoint_module_list_mutex */
static DEFINE_MUTEX(probe_lock);
static bool probe_closing;

static void probe_attach(struct tracepoint *tp, void *priv)
{
	int i, err;

	mutex_lock(&probe_lock);
	for (i = 0; i < ARRAY_SIZE(probes) && !probe_closing; i++) {
		if (probes[i].tp || strcmp(tp->name, probes[i].name))
			continue;
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

static void probe_walk_module(struct module *mod, void (*fn)(struct tracepoint *, void *))
{
	unsigned int i;

	for (i = 0; i < mod->num_tracepoints; i++)
		fn(tracepoint_ptr_deref(&mod->tracepoints_ptrs[i]), NULL);
}

static int probe_module_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct tp_module *tp_mod = data;

	switch (event) {
	case MODULE_STATE_COMING:
		probe_walk_module(tp_mod->mod, probe_attach);
		break;
	case MODULE_STATE_GOING:
		probe_walk_module(tp_mod->mod, probe_module_gone);
		/* no callback of ours may run when the module's text goes */
		tracepoint_synchronize_unregister();
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block probe_nb = {
	.notifier_call = probe_module_notify,
};

int kvmeter_probe_init(void)
{
	int err;

	for_each_kernel_tracepoint(probe_attach, NULL);
	if (!probes[0].tp) {
		pr_err("kvmeter: this kernel has no tracepoint %s\n", probes[0].name);
		kvmeter_probe_exit();
		return -ENOENT;
	}
	err = register_tracepoint_module_notifier(&probe_nb);
	if (err)
		kvmeter_probe_exit();
	return err;
}

/* First half of the way out: no new slots, no guest entry or exit any more. */
void kvmeter_probe_exit_kvm(void)
{
	int i;

	mutex_lock(&probe_lock);
	probe_closing = true;
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].kvm)
			probe_detach(&probes[i]);
	mutex_unlock(&probe_lock);
	unregister_tracepoint_module_notifier(&probe_nb);
	tracepoint_synchronize_unregister();
}

/* Second half, when no thread has a notifier of ours: exits need not be seen. */
void kvmeter_probe_exit(void)
{
	int i;

	mutex_lock(&probe_lock);
	probe_closing = true;
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		probe_detach(&probes[i]);
	mutex_unlock(&probe_lock);
	tracepoint_synchronize_unregister();
}
