#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Lease: when periods stop, limits and boosts of CPU lapse by themselves, and that is
# told. A budget that is used up stays so: nobody tops it up. Leases of disk and network
# are looked at where these are tested (disk.sh, network.sh). Periods are kept away for
# 45 s: a kernel calls what is starved for 60 s a stall.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

LEASE=5		# seconds

cg=/sys/fs/cgroup/vm-lease

weight_is() {
	local weight

	value weight "$cg/cpu.weight"
	[ "$weight" = "$1" ]
}

# It runs a tenth of the time, and sleeps for most of the rest
held() {
	rate held 1
	[ $bp -lt 1500 ]
}

# It runs more than any limit of a tenth lets it, if not all of the time: all others are
# on its CPU as well
free() {
	rate held 1
	[ $bp -gt 2000 ]
}

load
guest held --mode spin
guest poor --mode spin
guest fast --mode duty --duty-bp 1000
mkdir "$cg"
echo "$fast_pid" >"$cg/cgroup.procs"
kv ask cgroup-attach "vm-id=$fast_vm" fd=9 9<"$cg"
taskset -pac 0 "$held_pid" >/dev/null
taskset -pac 0 "$fast_pid" >/dev/null
vm_set held policy.nominal-bp=1000
vm_set poor budget.cap-ncr=0,period-s=0,action=1
vm_set fast policy.mode=1,nominal-bp=10000,ceiling-bp=20000,threshold-mbit=30000
kv ask suggest "vm-id=$fast_vm" resource=0 grant-bp=20000 duration-ms=600000 >/dev/null
check "held" "" until_ok 10 held
check "boosted" "" until_ok 10 nice_is "$fast_pid" -lt 0
check "its cgroup, too" "" until_ok 10 weight_is 200

check "paused by its budget" "" until_ok 10 state_is poor paused
kvmeter watch --groups lifecycle --timeout 2m >"$tmp/said" &
watch=$!
value lapsed "$sys/periods_lapsed"
sample a_ poor
periods_stop $((LEASE + 40))
begin=$SECONDS
check "the limit lapses" "ran $bp bp of 1000" until_ok $((LEASE + 2)) free
check "not at once" "after $((SECONDS - begin)) s, lease $LEASE s" [ $((SECONDS - begin)) -ge $((LEASE - 1)) ]
check "the boost lapses" "" until_ok 2 nice_is "$fast_pid" = 0
check "its cgroup's, too" "" until_ok 2 weight_is 100
sample b_ poor
ran=$((b_vcpu_run_ns - a_vcpu_run_ns))
took=$((b_mono_ns - a_mono_ns))
# it looks at each end of a lease, which enters once
check "no money, no time" "ran $(ms $ran) of $(ms $took) without a period" \
	[ $took -gt $((LEASE * 1000000000)) -a $((ran * 50)) -lt $took ]
periods_go_on
lapses_more() {
	value lapses "$sys/periods_lapsed"
	[ "$lapses" -gt "$lapsed" ]
}
check "that leases lapsed is counted" "" until_ok 10 lapses_more
check "and told" "" until_ok 10 grep -q '^lapsed' "$tmp/said"
check "by doctor, too" "" silent grep -q '^no .*period' <(kvmeter doctor)
kill $watch

check "the limit is back when periods are" "" until_ok 10 held
check "so is the boost" "" until_ok 10 nice_is "$fast_pid" -lt 0
check "and its cgroup's" "" until_ok 10 weight_is 200
guest_end held
guest_end poor
guest_end fast
until_ok 10 rmdir "$cg"

finish
