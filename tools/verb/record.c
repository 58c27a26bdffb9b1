// SPDX-License-Identifier: GPL-2.0
/*
 * Recording: every period of the VMs, from the module into a file.
 *
 * The module keeps the last KVMETER_HISTORY_LEN periods of each VM and numbers
 * them.  The recorder asks for what came since the last number that it has,
 * often enough that none is lost.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/opt.h"
#include "data/clock.h"
#include "data/fmt.h"
#include "ipc/ipc.h"
#include "trace/recording.h"
#include "verb/verb.h"
#include "verb/vm.h"

#define POLL_MAX_NS	2000000000ULL
#define POLL_MIN_NS	20000000ULL
#define POLL_SHARE	4	/* polls while the module keeps a period */
#define TTY_S		1	/* progress, on a terminal */
#define FILE_S		60	/* and elsewhere */

struct recorder {
	struct recording to;
	bool one_vm;
	uint32_t vm_id;		/* if @one_vm */
	int resource;		/* -1: all */
	struct vm *vms;		/* at the last poll */
	size_t nr_vms;
	uint32_t highest_id;	/* of a VM that was seen */
	bool over;		/* the VM is gone and all is written */
	sigset_t stop;		/* blocked signals that end it between two polls */
};

/* What came since the last poll; of one that is gone, the rest */
static int poll_vm(struct recorder *r, const struct vm *vm)
{
	static struct samples s;
	uint64_t since = UINT64_MAX;
	uint32_t i;
	int rc;

	for (i = 0; i < NR_RESOURCES; i++) {
		const struct mark *p = recording_mark(&r->to, vm->id, i);

		if (r->resource < 0 || r->resource == (int)i)
			since = p->epoch == vm->epoch && p->seq < since ? p->seq :
				p->epoch != vm->epoch ? 0 : since;
	}
	rc = ipc_samples(vm->id, since, &s);
	if (rc)
		return rc;
	for (i = 0; i < NR_RESOURCES; i++)
		if (r->resource < 0 || r->resource == (int)i)
			recording_put(&r->to, vm, &s, i);
	return EXIT_OK;
}

static bool among(const struct vm *vms, size_t nr, uint32_t id)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (vms[i].id == id)
			return true;
	return false;
}

/* Those that went since the last poll, or came and went: the module still knows them */
static void poll_gone(struct recorder *r, const struct vm *vms, size_t nr)
{
	uint32_t highest = r->highest_id, id;
	struct vm vm;
	size_t i;

	for (i = 0; i < nr; i++)
		if (vms[i].id > highest)
			highest = vms[i].id;
	for (i = 0; i < r->nr_vms; i++)
		if (!among(vms, nr, r->vms[i].id))
			poll_vm(r, &r->vms[i]);
	for (id = r->highest_id + 1; id && id <= highest; id++)
		if (!among(vms, nr, id) && !ipc_vm_get(id, &vm))
			poll_vm(r, &vm);
	r->highest_id = highest;
}

static int poll_all(struct recorder *r)
{
	struct vm *vms;
	size_t nr, i;
	int rc = ipc_vm_list(&vms, &nr);

	if (rc)
		return rc;
	poll_gone(r, vms, nr);
	/* one may go at any moment: then the next poll has the rest */
	for (i = 0; i < nr; i++)
		poll_vm(r, &vms[i]);
	free(r->vms);
	r->vms = vms;
	r->nr_vms = nr;
	return EXIT_OK;
}

static int poll_one(struct recorder *r)
{
	struct vm vm;
	int rc = ipc_vm_get(r->vm_id, &vm);

	if (!rc)
		rc = poll_vm(r, &vm);
	r->over = !rc && vm.gone;
	return rc;
}

static uint64_t poll_ns(void)
{
	struct host host;
	uint64_t ns = POLL_MIN_NS;

	if (!ipc_host_get(&host))
		ns = host.period_ns * KVMETER_HISTORY_LEN / POLL_SHARE;
	return ns < POLL_MIN_NS ? POLL_MIN_NS : ns > POLL_MAX_NS ? POLL_MAX_NS : ns;
}

static void progress(const struct recorder *r, uint64_t since_ns, bool tty)
{
	char buf[FMT_LEN];

	fprintf(stderr, "%s%s: %llu samples of %zu series, %llu gaps, %llu periods lost%s",
		tty ? "\r" : "kvmeter: ", fmt_duration(buf, since_ns / 1000000000 * 1000000000),
		(unsigned long long)r->to.nr_samples, r->to.nr_marks,
		(unsigned long long)r->to.nr_gaps, (unsigned long long)r->to.nr_lost,
		tty ? "\033[K" : "\n");
}

static int record(struct recorder *r, uint64_t duration_ns)
{
	uint64_t begin = clock_ns(CLOCK_MONOTONIC), now = begin, told = begin, wait_ns;
	bool tty = isatty(STDERR_FILENO);
	struct timespec ts;
	bool stopped = false;
	int rc;

	for (;;) {
		rc = report(r->one_vm ? poll_one(r) : poll_all(r));
		if (!rc)
			rc = recording_flush(&r->to);
		now = clock_ns(CLOCK_MONOTONIC);
		if (now - told >= (tty ? TTY_S : FILE_S) * 1000000000ULL) {
			progress(r, now - begin, tty);
			told = now;
		}
		if (rc || stopped || r->over || (duration_ns && now - begin >= duration_ns))
			break;
		wait_ns = poll_ns();
		if (duration_ns && duration_ns - (now - begin) < wait_ns)
			wait_ns = duration_ns - (now - begin);
		ts.tv_sec = wait_ns / 1000000000;
		ts.tv_nsec = wait_ns % 1000000000;
		/* after a signal it looks once more */
		stopped = sigtimedwait(&r->stop, NULL, &ts) > 0;
	}
	progress(r, now - begin, tty);
	if (tty)
		fputc('\n', stderr);
	return rc;
}

/* which VMs there are; those that were gone before are not asked for */
static int find_vms(struct recorder *r, const char *vm_name)
{
	struct vm vm;
	size_t i;
	int rc;

	if (vm_name) {
		rc = vm_open(vm_name, &vm);
		r->one_vm = true;
		r->vm_id = rc ? 0 : vm.id;
		return rc;
	}
	rc = ipc_open();
	if (!rc)
		rc = ipc_vm_list(&r->vms, &r->nr_vms);
	for (i = 0; !rc && i < r->nr_vms; i++)
		if (r->vms[i].id > r->highest_id)
			r->highest_id = r->vms[i].id;
	return report(rc);
}

static void block_signals(struct recorder *r)
{
	sigemptyset(&r->stop);
	sigaddset(&r->stop, SIGINT);
	sigaddset(&r->stop, SIGTERM);
	sigaddset(&r->stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &r->stop, NULL);
}

int record_main(int argc, char **argv)
{
	struct recorder r = { .to = { .fd = -1 }, .resource = -1 };
	const char *vm_name = NULL, *resource = NULL;
	uint64_t duration_ns = 0;
	const struct opt opts[] = {
		{ "vm", 0, "VM", "only this VM, all if not given; ends when it is gone", OPT_STR,
		  &vm_name },
		{ "resource", 'r', "NAME", "only this resource, all if not given", OPT_STR,
		  &resource },
		{ "out", 'o', "FILE", "gzip; gone on with if it is there; else standard output",
		  OPT_STR, &r.to.path },
		{ "duration", 'd', "TIME", "for so long, until a signal if not given", OPT_NS,
		  &duration_ns },
	};
	int rc, end;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 0);
	if (resource)
		r.resource = opt_resource(resource);
	rc = find_vms(&r, vm_name);
	if (rc)
		return rc;
	block_signals(&r);
	rc = recording_open(&r.to);
	if (!rc) {
		rc = record(&r, duration_ns);
		end = recording_close(&r.to);
		rc = rc ? rc : end;
	}
	recording_free(&r.to);
	free(r.vms);
	return rc;
}
