// SPDX-License-Identifier: GPL-2.0
/*
 * The peer of kvmeter's event path: a BPF program that meters guest time.
 *
 * The fastest form we know: tp_btf (arguments without a helper), the entry's
 * time in a global array by CPU (no map look-up; a guest is left on the CPU
 * that it was entered on), one look-up per pair, at the exit.  It keeps guest
 * time and exits per vCPU thread.
 *
 *   HIST          a log2 histogram of guest time as well
 *   TASK_STORAGE  found by the task's local storage, not by a hash of the tid
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define MAX_CPUS	256	/* a power of two */
#define NR_BINS		64

struct account {
	__u64 guest_ns;
	__u64 exits;
	__u64 bins[NR_BINS];
};

static struct {
	__u64 ns;
	__u64 pad[7];		/* a cache line per CPU */
} entered[MAX_CPUS];

struct {
#ifdef TASK_STORAGE
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
#else
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
#endif
	__type(key, __u32);
	__type(value, struct account);
} accounts SEC(".maps");

#ifdef TASK_STORAGE
static __always_inline struct account *account_get(void)
{
	return bpf_task_storage_get(&accounts, bpf_get_current_task_btf(), 0,
				    BPF_LOCAL_STORAGE_GET_F_CREATE);
}
#else
static const struct account zero;

static __always_inline struct account *account_get(void)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct account *a = bpf_map_lookup_elem(&accounts, &tid);

	if (a)
		return a;
	bpf_map_update_elem(&accounts, &tid, &zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&accounts, &tid);
}
#endif

#ifdef HIST
static __always_inline __u32 log2_floor(__u64 v)
{
	__u32 r = 0;

	if (v >> 32) {
		v >>= 32;
		r += 32;
	}
	if (v >> 16) {
		v >>= 16;
		r += 16;
	}
	if (v >> 8) {
		v >>= 8;
		r += 8;
	}
	if (v >> 4) {
		v >>= 4;
		r += 4;
	}
	if (v >> 2) {
		v >>= 2;
		r += 2;
	}
	return r + (v >> 1);
}
#endif

SEC("tp_btf/kvm_entry")
int entry(void *ctx)
{
	entered[bpf_get_smp_processor_id() & (MAX_CPUS - 1)].ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/kvm_exit")
int vmexit(void *ctx)
{
	__u64 ns = bpf_ktime_get_ns() -
		   entered[bpf_get_smp_processor_id() & (MAX_CPUS - 1)].ns;
	struct account *a = account_get();

	if (!a)
		return 0;
	a->guest_ns += ns;
	a->exits++;
#ifdef HIST
	a->bins[log2_floor(ns) & (NR_BINS - 1)]++;
#endif
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
