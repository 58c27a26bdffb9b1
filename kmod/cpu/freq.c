// SPDX-License-Identifier: GPL-2.0
/*
 * Frequency: a boosted vCPU asks for the highest of the CPU that it runs on.
 *
 * A request is the frequency policy's, not the task's, and a task moves.  So
 * each policy has one request of ours, neutral at first.  Each period the
 * policies where a boosted thread was last seen are asked for their highest
 * frequency, for HOLD_PERIODS.  What is not asked for again becomes neutral.
 *
 * Policies come and go with their driver, which may be loaded after us and
 * unloaded before us.  cpufreq tells of both, and waits for the end of the
 * second.  A request keeps no policy alive: it is taken out when its policy
 * is about to go.
 */
#include <linux/cpufreq.h>
#include <linux/slab.h>

#include "base/host.h"
#include "cpu/freq.h"

#define HOLD_PERIODS	3	/* a thread that moves takes its request along within these */

struct kvmeter_freq {
	struct list_head node;
	struct cpufreq_policy *policy;	/* valid while listed */
	struct freq_qos_request req;
	u64 until_ns;			/* asked for until then, 0: neutral */
};

/*
 * Protects all below.  Taken inside kvmeter_lock, and in cpufreq's notifier,
 * inside locks that no update of a request takes.
 */
static DEFINE_RT_MUTEX(freq_lock);
static LIST_HEAD(freqs);
static DEFINE_PER_CPU(struct kvmeter_freq *, cpu_freq);
static unsigned int nr_wanted;		/* requests that are not neutral */
static bool freq_closed;		/* unload: no new requests */

static struct kvmeter_freq *freq_find(const struct cpufreq_policy *policy)
{
	struct kvmeter_freq *freq;

	lockdep_assert_held(&freq_lock);
	list_for_each_entry(freq, &freqs, node)
		if (freq->policy == policy)
			return freq;
	return NULL;
}

static void freq_point(const struct kvmeter_freq *freq, struct kvmeter_freq *to)
{
	unsigned int cpu;

	for_each_cpu(cpu, freq->policy->related_cpus)
		per_cpu(cpu_freq, cpu) = to;
}

static void freq_add(struct cpufreq_policy *policy)
{
	struct kvmeter_freq *freq;

	if (freq_closed || freq_find(policy))
		return;
	freq = kzalloc(sizeof(*freq), GFP_KERNEL);
	if (!freq)
		return;		/* this policy is not boosted */
	freq->policy = policy;
	if (freq_qos_add_request(&policy->constraints, &freq->req, FREQ_QOS_MIN,
				 FREQ_QOS_MIN_DEFAULT_VALUE) < 0) {
		kfree(freq);
		return;
	}
	list_add(&freq->node, &freqs);
	freq_point(freq, freq);
}

static void freq_del(struct kvmeter_freq *freq)
{
	if (freq->until_ns)
		nr_wanted--;
	freq_point(freq, NULL);
	freq_qos_remove_request(&freq->req);
	list_del(&freq->node);
	kfree(freq);
}

static int freq_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct kvmeter_freq *freq;

	rt_mutex_lock(&freq_lock);
	if (event == CPUFREQ_CREATE_POLICY) {
		freq_add(data);
	} else if (event == CPUFREQ_REMOVE_POLICY) {
		freq = freq_find(data);
		if (freq)
			freq_del(freq);
	}
	rt_mutex_unlock(&freq_lock);
	return NOTIFY_OK;
}

static struct notifier_block freq_nb = {
	.notifier_call = freq_notify,
};

/**
 * kvmeter_freq_why - why no frequency can be asked for
 *
 * Context: process.
 * Return: the reason; NULL: one can be.
 */
const char *kvmeter_freq_why(void)
{
	const char *why = NULL;

	rt_mutex_lock(&freq_lock);
	if (list_empty(&freqs))
		why = "no cpufreq driver on this host";
	rt_mutex_unlock(&freq_lock);
	return why;
}

/**
 * kvmeter_freq_want - the highest frequency for a CPU, for a few periods
 * @cpu: where a boosted thread runs
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 */
void kvmeter_freq_want(unsigned int cpu, u64 now_ns)
{
	struct kvmeter_freq *freq;

	rt_mutex_lock(&freq_lock);
	freq = per_cpu(cpu_freq, cpu);
	if (freq) {
		if (!freq->until_ns) {
			freq_qos_update_request(&freq->req, freq->policy->cpuinfo.max_freq);
			nr_wanted++;
		}
		freq->until_ns = now_ns + HOLD_PERIODS * kvmeter_conf.period_ns;
	}
	rt_mutex_unlock(&freq_lock);
}

/**
 * kvmeter_freq_lapse - make neutral what was not asked for again
 * @now_ns: CLOCK_MONOTONIC; U64_MAX: all
 */
void kvmeter_freq_lapse(u64 now_ns)
{
	struct kvmeter_freq *freq;

	if (!READ_ONCE(nr_wanted))
		return;
	rt_mutex_lock(&freq_lock);
	list_for_each_entry(freq, &freqs, node) {
		if (!freq->until_ns || now_ns < freq->until_ns)
			continue;
		freq->until_ns = 0;
		nr_wanted--;
		freq_qos_update_request(&freq->req, FREQ_QOS_MIN_DEFAULT_VALUE);
	}
	rt_mutex_unlock(&freq_lock);
}

/*
 * The policy of a CPU, if there is one already.  One that is about to go is
 * taken from its CPUs before the notifier is called.  So while it is its CPU's,
 * the notifier is still to come and finds the request.
 */
static void freq_add_cpu(unsigned int cpu)
{
	struct cpufreq_policy *policy = cpufreq_cpu_get(cpu), *again;
	struct kvmeter_freq *freq;

	if (!policy)
		return;
	rt_mutex_lock(&freq_lock);
	freq_add(policy);
	again = cpufreq_cpu_get(cpu);
	freq = freq_find(policy);
	if (again != policy && freq)
		freq_del(freq);
	rt_mutex_unlock(&freq_lock);
	if (again)
		cpufreq_cpu_put(again);
	cpufreq_cpu_put(policy);
}

/* Where cpufreq is disabled nothing can be asked for: kvmeter_freq_why() says so. */
void kvmeter_freq_init(void)
{
	unsigned int cpu;

	if (cpufreq_register_notifier(&freq_nb, CPUFREQ_POLICY_NOTIFIER))
		return;
	for_each_possible_cpu(cpu)
		freq_add_cpu(cpu);
}

/* Unload: requests end before the notifier does, so that none outlives its policy. */
void kvmeter_freq_exit(void)
{
	struct kvmeter_freq *freq, *next;

	rt_mutex_lock(&freq_lock);
	freq_closed = true;
	list_for_each_entry_safe(freq, next, &freqs, node)
		freq_del(freq);
	rt_mutex_unlock(&freq_lock);
	/* fails when it was not registered: then there is nothing to undo */
	cpufreq_unregister_notifier(&freq_nb, CPUFREQ_POLICY_NOTIFIER);
}
