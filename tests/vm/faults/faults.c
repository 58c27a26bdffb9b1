// SPDX-License-Identifier: GPL-2.0
/*
 * One kernel bug of each kind that the rig must notice, by name: insmod
 * faults.ko fault=warn. Only tests/vm/selftest loads this.
 */

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *fault = "none";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "none, warn, oops, leak, free, sleep or lock");

static DEFINE_SPINLOCK(atomic);
static DEFINE_MUTEX(a);
static DEFINE_MUTEX(b);

static void leak(void)
{
	int *volatile lost;
	int i;

	/* Several: a stale register or stack slot may hold on to one. */
	for (i = 0; i < 10; i++)
		lost = kmalloc(128, GFP_KERNEL);
	lost = NULL;
}

static void use_after_free(void)
{
	int *volatile gone = kzalloc(64, GFP_KERNEL);

	if (!gone)
		return;
	kfree(gone);
	pr_info("freed memory holds %d\n", READ_ONCE(*gone));
}

static void sleep_while_atomic(void)
{
	spin_lock(&atomic);
	msleep(1);
	spin_unlock(&atomic);
}

/* Either order alone is fine; both can deadlock. */
static void lock_both_ways(void)
{
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);

	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

static int __init faults_init(void)
{
	if (!strcmp(fault, "warn"))
		WARN(1, "deliberate\n");
	else if (!strcmp(fault, "oops"))
		BUG();
	else if (!strcmp(fault, "leak"))
		leak();
	else if (!strcmp(fault, "free"))
		use_after_free();
	else if (!strcmp(fault, "sleep"))
		sleep_while_atomic();
	else if (!strcmp(fault, "lock"))
		lock_both_ways();
	else if (strcmp(fault, "none"))
		return -EINVAL;
	return 0;
}

static void __exit faults_exit(void)
{
}

module_init(faults_init);
module_exit(faults_exit);
MODULE_DESCRIPTION("Bugs on purpose, to test the test rig");
MODULE_LICENSE("GPL");
