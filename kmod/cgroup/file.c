// SPDX-License-Identifier: GPL-2.0
/*
 * Control files of a cgroup: probe, apply, read back, give back.
 *
 * A control file has other writers: the operator, systemd, libvirt.  So before
 * our first write its value is remembered.  After each write it is read back,
 * and what it reads is "ours".  It is read again once a second while ours.  If
 * the file reads differently, someone else changed it.  We stop writing, and
 * leave their value at detach, too.
 *
 * Worked: cpu.weight reads 100.  A boost of 20 000 bp writes 200 and reads 200.
 * The operator writes 300.  The next look, at most a second later, reports a
 * conflict.  When the boost ends 300 stays.
 *
 * The code that decides holds kvmeter_lock and must not wait, while a write to
 * memory.high reclaims in its writer.  So the decision is only noted, under a
 * spinlock.  Each file has a work of its own on an unbound workqueue.  The work
 * writes on change, ten times a second at most.  Files do not wait for each
 * other.
 *
 * A want is leased like any limit.  When the cgroup's lease is not renewed all
 * its works look at once, and give the value back.
 */
#include <linux/slab.h>

#include "cgroup/cgroup.h"
#include "core/q.h"
#include "core/units.h"

#define LOOK_NS		NSEC_PER_SEC		/* how soon a foreign write is seen */
#define WRITE_NS	(100 * NSEC_PER_MSEC)	/* at most one write per file in it */

#define WEIGHT_MAX	10000U

struct workqueue_struct *kvmeter_cg_wq;

static int scale_weight(struct kvmeter_cgroup *cg, u64 before, u32 bp, u64 *out);
static int scale_burst(struct kvmeter_cgroup *cg, u64 before, u32 bp, u64 *out);

/**
 * struct kvmeter_cg_spec - a control file, as the kernel defines it
 * @name: of the file
 * @lines: it has several lines, each with a key
 * @keep: the operator's own value is never loosened: 1, not less than it; -1, not more
 * @neutral: what to write after the key to give back a line that was not there
 * @scale: so much of what was there before; NULL: has no meaning
 */
struct kvmeter_cg_spec {
	const char *name;
	bool lines;
	s8 keep;
	const char *neutral;
	int (*scale)(struct kvmeter_cgroup *cg, u64 before, u32 bp, u64 *out);
};

static const struct kvmeter_cg_spec specs[KVMETER_NR_CG_KNOBS] = {
	[KVMETER_CG_MEMORY_HIGH] = { .name = "memory.high", .keep = -1 },
	[KVMETER_CG_MEMORY_LOW] = { .name = "memory.low", .keep = 1 },
	[KVMETER_CG_CPU_WEIGHT] = { .name = "cpu.weight", .scale = scale_weight },
	[KVMETER_CG_CPU_BURST] = { .name = "cpu.max.burst", .scale = scale_burst },
	[KVMETER_CG_IO_WEIGHT] = { .name = "io.weight", .lines = true,
				   .neutral = "default", .scale = scale_weight },
	[KVMETER_CG_IO_MAX] = { .name = "io.max", .lines = true,
				.neutral = "rbps=max wbps=max riops=max wiops=max" },
};

/* kvmeter_cg_name - the name of a control file */
const char *kvmeter_cg_name(enum kvmeter_cg_knob knob)
{
	return specs[knob].name;
}

static const char *why_of(struct kvmeter_cgroup *cg, int err)
{
	if (kvmeter_cg_removed(&cg->dir))
		return "the cgroup was removed";
	switch (err) {
	case -ENOENT:
	case -ENODEV:
		return "not in this cgroup: its controller is off, or the kernel lacks it";
	case -EXDEV:
		return "something is mounted over the file";
	case -EINVAL:
	case -ERANGE:
		return "the kernel refuses the value";
	case -EOPNOTSUPP:
		return "the cgroup has no quota that could be exceeded";
	default:
		return "the file cannot be read or written";
	}
}

/* Scales. */

static int scale_weight(struct kvmeter_cgroup *cg, u64 before, u32 bp, u64 *out)
{
	if (before > WEIGHT_MAX)
		return -EINVAL;
	*out = clamp_t(u64, div_u64(before * bp, KMC_BP), 1, WEIGHT_MAX);
	return 0;
}

/* What the grant is above nominal, of the quota; the kernel allows all of it at most. */
static int scale_burst(struct kvmeter_cgroup *cg, u64 before, u32 bp, u64 *out)
{
	char *buf = kmalloc(KVMETER_CG_READ_SIZE, GFP_KERNEL);
	u64 quota;
	int err;

	if (!buf)
		return -ENOMEM;
	err = kvmeter_cg_read(&cg->dir, "cpu.max", buf);
	if (!err) {
		buf[kvmeter_key_len(buf)] = 0;
		quota = kvmeter_line_number(buf);
		if (quota == U64_MAX)
			err = -EOPNOTSUPP;
		else
			*out = max(before, kmc_muldiv_floor(quota, clamp(bp, KMC_BP, 2 * KMC_BP) -
							    KMC_BP, KMC_BP));
	}
	kfree(buf);
	return err;
}

/* The work of one file. */

static bool want_none(const struct kvmeter_cg_want *want)
{
	return !want->text[0] && !want->scale_bp;
}

static int file_line(struct kvmeter_cg_file *f, const char *key, char *line)
{
	const struct kvmeter_cg_spec *spec = f->spec;
	char *buf = kmalloc(KVMETER_CG_READ_SIZE, GFP_KERNEL);
	int err;

	if (!buf)
		return -ENOMEM;
	err = kvmeter_cg_read(&f->cg->dir, spec->name, buf);
	if (!err)
		kvmeter_line_of(buf, spec->lines ? key : NULL, line);
	kfree(buf);
	return err;
}

/* What to write to give a line back */
static void neutral_text(const struct kvmeter_cg_spec *spec, const char *key, char *text)
{
	snprintf(text, KVMETER_CG_TEXT, "%.*s %s", (int)kvmeter_key_len(key), key, spec->neutral);
}

/* As it was before us, unless someone else has set it since. */
static int file_give_back(struct kvmeter_cg_file *f)
{
	const struct kvmeter_cg_spec *spec = f->spec;
	char line[KVMETER_CG_TEXT], text[KVMETER_CG_TEXT];
	int err = 0;

	/* only this work changes value, before and held */
	if (f->held && !f->conflict) {
		err = file_line(f, f->value, line);
		if (!err && !strcmp(line, f->value)) {
			if (f->before[0])
				strscpy(text, f->before, sizeof(text));
			else
				neutral_text(spec, f->value, text);
			err = kvmeter_cg_write(&f->cg->dir, spec->name, text);
			f->written_ns = ktime_get_ns();
		}
	}
	spin_lock(&f->cg->lock);
	f->held = false;
	f->conflict = false;
	f->why = err ? why_of(f->cg, err) : NULL;
	memset(&f->done, 0, sizeof(f->done));
	spin_unlock(&f->cg->lock);
	return err;
}

static int want_text(struct kvmeter_cg_file *f, const struct kvmeter_cg_want *want,
		     const char *before, char *text)
{
	const struct kvmeter_cg_spec *spec = f->spec;
	u64 number;
	int err;

	if (!want->scale_bp) {
		number = kvmeter_line_number(want->text);
		if ((spec->keep < 0 && kvmeter_line_number(before) < number) ||
		    (spec->keep > 0 && kvmeter_line_number(before) > number))
			strscpy(text, before, KVMETER_CG_TEXT);
		else
			strscpy(text, want->text, KVMETER_CG_TEXT);
		return 0;
	}
	err = spec->scale(f->cg, kvmeter_line_number(before), want->scale_bp, &number);
	if (!err)
		snprintf(text, KVMETER_CG_TEXT, "%s%llu", spec->lines ? "default " : "", number);
	return err;
}

/* Write it and take what it then reads for ours. */
static int file_apply(struct kvmeter_cg_file *f, const struct kvmeter_cg_want *want,
		      const char *before)
{
	char text[KVMETER_CG_TEXT], line[KVMETER_CG_TEXT];
	int err;

	err = want_text(f, want, before, text);
	if (err)
		return err;
	f->written_ns = ktime_get_ns();
	err = kvmeter_cg_write(&f->cg->dir, f->spec->name, text);
	if (!err)
		err = file_line(f, text, line);
	if (err)
		return err;
	spin_lock(&f->cg->lock);
	if (!f->held)
		strscpy(f->before, before, sizeof(f->before));
	f->held = true;
	f->done = *want;
	/* ours or not: what it must read for us to touch it again */
	strscpy(f->value, line, sizeof(f->value));
	f->number = kvmeter_line_number(line);
	f->conflict = !kvmeter_line_has(line, text);
	f->why = f->conflict ? "someone else changed it" : NULL;
	spin_unlock(&f->cg->lock);
	return 0;
}

/* Bring @want in force, or see that it still is.  Return: -EAGAIN, too early to write. */
static int file_hold(struct kvmeter_cg_file *f, const struct kvmeter_cg_want *want)
{
	const char *key = want->scale_bp ? "default" : want->text;
	char line[KVMETER_CG_TEXT];
	int err;

	if (f->held && f->spec->lines && !kvmeter_same_key(f->value, key))
		file_give_back(f);
	err = file_line(f, key, line);
	if (err)
		return err;
	if (f->held && strcmp(line, f->value)) {
		spin_lock(&f->cg->lock);
		f->conflict = true;
		f->why = "someone else changed it";
		spin_unlock(&f->cg->lock);
		return 0;
	}
	if (f->held && !memcmp(&f->done, want, sizeof(*want)))
		return 0;
	if (ktime_get_ns() - f->written_ns < WRITE_NS)
		return -EAGAIN;
	return file_apply(f, want, f->held ? f->before : line);
}

/* The file cannot be used: what we wrote went with it, or is still what it was. */
static void file_lost(struct kvmeter_cg_file *f, int err)
{
	spin_lock(&f->cg->lock);
	f->why = why_of(f->cg, err);
	if (err == -ENOENT || err == -ENODEV)
		f->held = false;
	spin_unlock(&f->cg->lock);
}

static void file_work(struct work_struct *work)
{
	struct kvmeter_cg_file *f = container_of(to_delayed_work(work), struct kvmeter_cg_file,
						 work);
	struct kvmeter_cgroup *cg = f->cg;
	struct kvmeter_cg_want want;
	u64 delay_ns = LOOK_NS;
	int err = 0;

	spin_lock(&cg->lock);
	if (kvmeter_lease_over(&cg->lease))
		memset(&f->want, 0, sizeof(f->want));
	want = f->want;
	spin_unlock(&cg->lock);

	if (want_none(&want)) {
		file_give_back(f);
		return;
	}
	if (!f->conflict)
		err = file_hold(f, &want);
	if (err == -EAGAIN)
		delay_ns = WRITE_NS;
	else if (err)
		file_lost(f, err);
	/* a newer want has queued it already: then this does nothing */
	queue_delayed_work(kvmeter_cg_wq, &f->work, nsecs_to_jiffies(delay_ns));
}

/**
 * kvmeter_cg_want - say what a control file should hold
 * @cg: the cgroup
 * @knob: the file
 * @text: the value, as the kernel will show it; NULL: @scale_bp says it
 * @scale_bp: so much of what it held before; 0 with no @text: as it was before
 *
 * Context: any that may take a spinlock.  Does not wait.
 */
void kvmeter_cg_want(struct kvmeter_cgroup *cg, enum kvmeter_cg_knob knob, const char *text,
		     u32 scale_bp)
{
	struct kvmeter_cg_file *f = &cg->file[knob];
	struct kvmeter_cg_want want = { .scale_bp = scale_bp };
	bool changed;

	if (text)
		strscpy(want.text, text, sizeof(want.text));
	/* what follows is padding or zero: wants compare as bytes */
	spin_lock(&cg->lock);
	changed = memcmp(&f->want, &want, sizeof(want));
	f->want = want;
	spin_unlock(&cg->lock);
	if (changed)
		mod_delayed_work(kvmeter_cg_wq, &f->work, 0);
}

/**
 * kvmeter_cg_state - what became of a want
 * @cg: the cgroup
 * @knob: the file
 *
 * Context: any that may take a spinlock.
 * Return: the state, as last read back.
 */
struct kvmeter_cg_state kvmeter_cg_state(struct kvmeter_cgroup *cg, enum kvmeter_cg_knob knob)
{
	const struct kvmeter_cg_file *f = &cg->file[knob];
	struct kvmeter_cg_state state;

	spin_lock(&cg->lock);
	state = (struct kvmeter_cg_state) {
		.held = f->held,
		.conflict = f->conflict,
		.settled = !memcmp(&f->want, &f->done, sizeof(f->want)),
		.number = f->number,
		.why = f->why,
	};
	spin_unlock(&cg->lock);
	return state;
}

/* kvmeter_cg_file_init - a cgroup's files before the first want; @cg->lock is there */
void kvmeter_cg_file_init(struct kvmeter_cgroup *cg)
{
	int i;

	for (i = 0; i < KVMETER_NR_CG_KNOBS; i++) {
		cg->file[i].cg = cg;
		cg->file[i].spec = &specs[i];
		INIT_DELAYED_WORK(&cg->file[i].work, file_work);
	}
}

/* kvmeter_cg_file_look - the lease is over: all works look now.  Does not wait */
void kvmeter_cg_file_look(struct kvmeter_cgroup *cg)
{
	int i;

	for (i = 0; i < KVMETER_NR_CG_KNOBS; i++)
		mod_delayed_work(kvmeter_cg_wq, &cg->file[i].work, 0);
}

/* kvmeter_cg_file_end - nothing is wanted any more: give all back.  Sleeps */
void kvmeter_cg_file_end(struct kvmeter_cgroup *cg)
{
	int i;

	for (i = 0; i < KVMETER_NR_CG_KNOBS; i++) {
		cancel_delayed_work_sync(&cg->file[i].work);
		file_give_back(&cg->file[i]);
	}
}
