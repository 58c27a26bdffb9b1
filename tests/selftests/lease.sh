#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Lease: when periods stop, limits and boosts lapse by themselves. The period's
# thread is shut out of its CPU by a real-time thread of higher priority.

# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/lib.sh"

LEASE=5		# seconds

cg=/sys/fs/cgroup/vm-lease

weight_is() {
	local weight

	value weight "$cg/cpu.weight"
	[ "$weight" = "$1" ]
}

held() {
	rate held 0.5
	[ $bp -lt 3000 ]
}

free() {
	rate held 0.5
	[ $bp -gt 5000 ]
}

load
guest held --mode spin
guest fast --mode duty --duty-bp 1000
mkdir "$cg"
echo "$fast_pid" >"$cg/cgroup.procs"
kv ask cgroup-attach "vm-id=$fast_vm" fd=9 9<"$cg"
taskset -pac 0 "$held_pid" >/dev/null
taskset -pac 0 "$fast_pid" >/dev/null
vm_set held policy.nominal-bp=1000
vm_set fast policy.mode=1,nominal-bp=10000,ceiling-bp=20000,threshold-mbit=30000
kv ask suggest "vm-id=$fast_vm" resource=0 grant-bp=20000 duration-ms=600000 >/dev/null
check "held" "" until_ok 10 held
check "boosted" "" until_ok 10 nice_is "$fast_pid" -lt 0
check "its cgroup, too" "" until_ok 10 weight_is 200

value rt /proc/sys/kernel/sched_rt_runtime_us
echo -1 >/proc/sys/kernel/sched_rt_runtime_us
thread=$(pgrep -x kvmeter)
taskset -pc 1 "$thread" >/dev/null
setsid timeout -s KILL $((LEASE + 25)) taskset -c 1 chrt -f 50 sh -c 'while :; do :; done' &
hog=$!
begin=$SECONDS
check "the limit lapses" "" until_ok $((LEASE + 10)) free
check "not at once" "after $((SECONDS - begin)) s, lease $LEASE s" [ $((SECONDS - begin)) -ge $((LEASE - 1)) ]
check "the boost lapses" "" until_ok 10 nice_is "$fast_pid" = 0
check "its cgroup's, too" "" until_ok 10 weight_is 100
pkill -KILL -s $hog
wait $hog 2>/dev/null
echo "$rt" >/proc/sys/kernel/sched_rt_runtime_us
taskset -pc 0,1 "$thread" >/dev/null

check "the limit is back when periods are" "" until_ok 10 held
check "so is the boost" "" until_ok 10 nice_is "$fast_pid" -lt 0
check "and its cgroup's" "" until_ok 10 weight_is 200
guest_end held
guest_end fast
until_ok 10 rmdir "$cg"

finish
