// SPDX-License-Identifier: GPL-2.0
/*
 * Scheduler: which I/O scheduler has the disk that a VMM uses.
 *
 * Of the kernel's I/O schedulers only bfq gives levels of priority a meaning
 * that a grant can have.  A disk's structures only show that there is a
 * scheduler.  Its name is in sysfs, so a work reads it there: the decision
 * holds kvmeter_lock and must not wait.  Somebody may change a scheduler at any
 * time, so a disk in use is looked at once a second.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>

#include "base/host.h"
#include "compat/fs.h"
#include "disk/disk.h"
#include "disk/scheduler.h"
#include "vm/vm.h"

#define LOOK_JIFFIES	HZ
#define LOOK_DISKS	32	/* at one look; others wait for the next */

static void look(struct work_struct *work);
static DECLARE_WORK(look_work, look);
static LIST_HEAD(schedulers);		/* under kvmeter_lock */

/* Why I/O priority has no effect on a disk; NULL: it has. */
static const char *scheduler_read(dev_t dev)
{
	char path[64], buf[128];
	struct file *file;
	loff_t pos = 0;
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/queue/scheduler", MAJOR(dev),
		 MINOR(dev));
	file = kvmeter_open_absolute(path, O_RDONLY);
	if (IS_ERR(file))
		return "the disk's scheduler is not known";
	len = kernel_read(file, buf, sizeof(buf) - 1, &pos);
	filp_close(file, NULL);
	buf[max_t(ssize_t, len, 0)] = 0;
	/* where there is no choice "none" stands alone */
	if (strstr(buf, "[bfq]"))
		return NULL;
	if (strstr(buf, "[mq-deadline]"))
		return "the disk's scheduler is mq-deadline: levels of priority have no effect";
	if (strstr(buf, "[kyber]"))
		return "the disk's scheduler is kyber: I/O priority has no effect";
	if (strstr(buf, "none"))
		return "the disk's scheduler is none: I/O priority has no effect";
	return "the disk's scheduler is not known";
}

/* The disks in use, each once. */
static unsigned int look_collect(dev_t *devs)
{
	const struct kvmeter_scheduler *s;
	unsigned int i, n = 0;

	rt_mutex_lock(&kvmeter_lock);
	list_for_each_entry(s, &schedulers, node) {
		for (i = 0; i < n && devs[i] != s->dev; i++)
			;
		if (s->dev && i == n && n < LOOK_DISKS)
			devs[n++] = s->dev;
	}
	rt_mutex_unlock(&kvmeter_lock);
	return n;
}

static void look(struct work_struct *work)
{
	struct kvmeter_scheduler *s;
	dev_t devs[LOOK_DISKS];
	const char *why;
	unsigned int i, n;

	n = look_collect(devs);
	for (i = 0; i < n; i++) {
		why = scheduler_read(devs[i]);
		rt_mutex_lock(&kvmeter_lock);
		list_for_each_entry(s, &schedulers, node)
			if (s->dev == devs[i]) {
				s->why = why;
				s->known = true;
			}
		rt_mutex_unlock(&kvmeter_lock);
	}
}

/**
 * kvmeter_scheduler_add - a VMM's disk may be asked about
 * @scheduler: in no list
 *
 * Context: kvmeter_lock.
 */
void kvmeter_scheduler_add(struct kvmeter_scheduler *scheduler)
{
	lockdep_assert_held(&kvmeter_lock);
	list_add_tail(&scheduler->node, &schedulers);
}

/**
 * kvmeter_scheduler_del - a VMM is gone
 * @scheduler: its disk's
 *
 * Context: kvmeter_lock, or after kvmeter_scheduler_exit().
 */
void kvmeter_scheduler_del(struct kvmeter_scheduler *scheduler)
{
	list_del(&scheduler->node);
}

/**
 * kvmeter_scheduler_why - why I/O priority has no effect for a VMM
 * @scheduler: its disk's
 * @group: the VMM
 *
 * Context: kvmeter_lock.  Does not wait: it is as last looked at, at most a
 * second ago.
 * Return: a static text; NULL: priority has an effect.
 */
const char *kvmeter_scheduler_why(struct kvmeter_scheduler *scheduler,
				  const struct kvmeter_group *group)
{
	dev_t dev = 0;

	lockdep_assert_held(&kvmeter_lock);
	/* below a stacked disk is where the queue is */
	if (!kvmeter_disk_disks(group, true, &dev))
		kvmeter_disk_disks(group, false, &dev);
	if (dev && dev != scheduler->dev) {
		scheduler->dev = dev;
		scheduler->known = false;
		scheduler->next_look = jiffies;
	}
	if (!scheduler->dev)
		return "no disk of the VM is known yet";
	if (time_after_eq(jiffies, scheduler->next_look)) {
		scheduler->next_look = jiffies + LOOK_JIFFIES;
		queue_work(system_dfl_wq, &look_work);
	}
	return scheduler->known ? scheduler->why : "the disk's scheduler is not known yet";
}

/**
 * kvmeter_scheduler_exit - look no more
 *
 * Context: no code asks any more.  Sleeps.
 */
void kvmeter_scheduler_exit(void)
{
	cancel_work_sync(&look_work);
}
