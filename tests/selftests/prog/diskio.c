// SPDX-License-Identifier: GPL-2.0
/*
 * diskio - a VMM whose disk use is known
 *
 * Usage: diskio FILE
 *
 * Runs a guest that does next to nothing and, as told by lines on standard
 * input, reads and writes FILE, each in another of the ways that VMMs do it:
 *
 *	io WHO HOW WHAT OFFSET COUNT SIZE STRIDE
 *		WHO:	main	the main thread
 *			worker	a thread that stays
 *			short	a thread that is made for it and ends
 *			uring	a worker of io_uring
 *		HOW:	direct or buffered;  WHAT: read or write
 *	loop WHO HOW ...	the same, again and again, until killed; no answer
 *	sync			fsync
 *	spawn			one more thread, which stays
 *
 * Each is answered by a line "done".
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE_MAX_BYTES	(1 << 20)

struct job {
	char		who[8], how[12], what[8];
	long long	offset, count, size, stride;
};

static const char *path;
static int file[2];	/* buffered, direct */

/* the guest */

static void *vcpu_thread(void *arg)
{
	int vcpu = *(int *)arg;

	for (;;) {
		if (ioctl(vcpu, KVM_RUN, 0))
			err(1, "KVM_RUN");
		usleep(20000);
	}
	return NULL;
}

/* One page of real mode: 0: hlt; jmp 0 */
static void guest_start(void)
{
	static const uint8_t code[] = { 0xf4, 0xeb, 0xfd };
	static int vcpu;
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = 0x1000, .memory_size = 4096, .userspace_addr = (uintptr_t)page,
	};
	struct kvm_regs regs = { .rip = 0x1000, .rflags = 2 };
	struct kvm_sregs sregs;
	pthread_t thread;

	if (kvm < 0 || vm < 0 || page == MAP_FAILED)
		err(1, "no VM");
	memcpy(page, code, sizeof(code));
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		err(1, "no memory for the VM");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0 || !mmap(NULL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
			      MAP_SHARED, vcpu, 0) || ioctl(vcpu, KVM_GET_SREGS, &sregs))
		err(1, "no vCPU");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
		err(1, "registers");
	if (pthread_create(&thread, NULL, vcpu_thread, &vcpu))
		errx(1, "no thread");
	pthread_setname_np(thread, "vcpu0");
}

/* io_uring, one request at a time, always in a worker */

static struct {
	int			fd;
	uint32_t		*sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe	*sqe;
	struct io_uring_cqe	*cqe;
} ring;

static void ring_start(void)
{
	struct io_uring_params p = { 0 };
	char *sq, *cq;

	if (ring.sqe)
		return;
	ring.fd = syscall(SYS_io_uring_setup, 4, &p);
	if (ring.fd < 0)
		err(1, "io_uring_setup");
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED,
		  ring.fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*ring.cqe), PROT_READ | PROT_WRITE,
		  MAP_SHARED, ring.fd, IORING_OFF_CQ_RING);
	ring.sqe = mmap(NULL, p.sq_entries * sizeof(*ring.sqe), PROT_READ | PROT_WRITE, MAP_SHARED,
			ring.fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || ring.sqe == MAP_FAILED)
		err(1, "io_uring");
	ring.sq_tail = (void *)(sq + p.sq_off.tail);
	ring.sq_mask = (void *)(sq + p.sq_off.ring_mask);
	ring.sq_array = (void *)(sq + p.sq_off.array);
	ring.cq_head = (void *)(cq + p.cq_off.head);
	ring.cq_tail = (void *)(cq + p.cq_off.tail);
	ring.cq_mask = (void *)(cq + p.cq_off.ring_mask);
	ring.cqe = (void *)(cq + p.cq_off.cqes);
}

static ssize_t ring_io(int fd, bool write, void *buf, size_t size, off_t offset)
{
	uint32_t i = *ring.sq_tail & *ring.sq_mask;
	ssize_t res;

	ring.sqe[i] = (struct io_uring_sqe) {
		.opcode = write ? IORING_OP_WRITE : IORING_OP_READ, .flags = IOSQE_ASYNC,
		.fd = fd, .addr = (uintptr_t)buf, .len = size, .off = offset,
	};
	ring.sq_array[i] = i;
	__atomic_store_n(ring.sq_tail, *ring.sq_tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		err(1, "io_uring_enter");
	if (__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) == *ring.cq_head)
		errx(1, "io_uring: nothing completed");
	res = ring.cqe[*ring.cq_head & *ring.cq_mask].res;
	__atomic_store_n(ring.cq_head, *ring.cq_head + 1, __ATOMIC_RELEASE);
	return res;
}

/* jobs */

static void *job_run(void *arg)
{
	const struct job *j = arg;
	bool write = !strcmp(j->what, "write"), uring = !strcmp(j->who, "uring");
	int fd = file[!strcmp(j->how, "direct")];
	long long i, offset = j->offset;
	char *buf = aligned_alloc(4096, SIZE_MAX_BYTES);
	ssize_t n;

	if (!buf)
		err(1, "no memory");
	memset(buf, 1, j->size);
	if (uring)
		ring_start();
	for (i = 0; i < j->count; i++, offset += j->stride) {
		if (uring)
			n = ring_io(fd, write, buf, j->size, offset);
		else if (write)
			n = pwrite(fd, buf, j->size, offset);
		else
			n = pread(fd, buf, j->size, offset);
		if (n != j->size)
			err(1, "%s %s of %lld at %lld: %zd", j->how, j->what, j->size, offset, n);
	}
	free(buf);
	return NULL;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct job *todo;

static void *worker_thread(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	for (;;) {
		while (!todo)
			pthread_cond_wait(&changed, &lock);
		job_run(todo);
		todo = NULL;
		pthread_cond_broadcast(&changed);
	}
	return NULL;
}

static void *idle_thread(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void thread_start(void *(*fn)(void *), void *arg, const char *name, bool join)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, arg))
		errx(1, "no thread");
	pthread_setname_np(thread, name);
	if (join)
		pthread_join(thread, NULL);
}

static void job_start(struct job *j)
{
	if (!strcmp(j->who, "short")) {
		thread_start(job_run, j, "short", true);
	} else if (!strcmp(j->who, "worker")) {
		pthread_mutex_lock(&lock);
		todo = j;
		pthread_cond_broadcast(&changed);
		while (todo)
			pthread_cond_wait(&changed, &lock);
		pthread_mutex_unlock(&lock);
	} else {
		job_run(j);
	}
}

static void *loop_thread(void *arg)
{
	for (;;)
		job_start(arg);
	return NULL;
}

int main(int argc, char **argv)
{
	char line[256], word[16];
	struct job job, looped;
	int n;

	if (argc != 2)
		errx(2, "Usage: diskio FILE");
	path = argv[1];
	file[0] = open(path, O_RDWR | O_CLOEXEC);
	file[1] = open(path, O_RDWR | O_CLOEXEC | O_DIRECT);
	if (file[0] < 0 || file[1] < 0)
		err(1, "%s", path);
	thread_start(worker_thread, NULL, "worker", false);
	guest_start();
	setlinebuf(stdout);
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		n = sscanf(line, "%15s %7s %11s %7s %lld %lld %lld %lld", word, job.who, job.how,
			   job.what, &job.offset, &job.count, &job.size, &job.stride);
		if (n == 8 && (job.size < 0 || job.size > SIZE_MAX_BYTES))
			errx(2, "too large: %s", line);
		if (n == 8 && !strcmp(word, "io")) {
			job_start(&job);
		} else if (n == 8 && !strcmp(word, "loop")) {
			looped = job;
			thread_start(loop_thread, &looped, "looper", false);
		} else if (n >= 1 && !strcmp(word, "sync")) {
			if (fsync(file[0]))
				err(1, "fsync");
		} else if (n >= 1 && !strcmp(word, "spawn")) {
			thread_start(idle_thread, NULL, "spawned", false);
		} else {
			errx(2, "not a command: %s", line);
		}
		puts("done");
	}
	return 0;
}
