// SPDX-License-Identifier: GPL-2.0
/*
 * A cpufreq driver of no hardware, with a policy per CPU: an emulated CPU has
 * none, and a boost's request must be seen to arrive.  It chooses frequencies
 * itself (setpolicy), that is, never: a change would make the kernel distrust
 * the emulated time stamp counter.
 */
#include <linux/cpufreq.h>
#include <linux/module.h>

#define LEAST_KHZ	1000000
#define MOST_KHZ	3000000

static int fake_init(struct cpufreq_policy *policy)
{
	policy->cpuinfo.min_freq = LEAST_KHZ;
	policy->cpuinfo.max_freq = MOST_KHZ;
	policy->min = LEAST_KHZ;
	policy->max = MOST_KHZ;
	policy->policy = CPUFREQ_POLICY_POWERSAVE;
	return 0;
}

static int fake_verify(struct cpufreq_policy_data *policy)
{
	cpufreq_verify_within_cpu_limits(policy);
	return 0;
}

static int fake_setpolicy(struct cpufreq_policy *policy)
{
	return 0;
}

static struct cpufreq_driver fake_driver = {
	.name = "fakefreq",
	.init = fake_init,
	.verify = fake_verify,
	.setpolicy = fake_setpolicy,
};

static int __init fakefreq_init(void)
{
	return cpufreq_register_driver(&fake_driver);
}

static void __exit fakefreq_exit(void)
{
	cpufreq_unregister_driver(&fake_driver);
}

module_init(fakefreq_init);
module_exit(fakefreq_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("cpufreq driver without hardware, for tests");
