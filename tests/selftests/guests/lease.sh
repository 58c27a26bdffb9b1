#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Lease: when periods stop, limits and boosts of CPU lapse by themselves. Those of
# disk and network are looked at where they are tested (disk.sh, network.sh).

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

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

periods_stop $((LEASE + 25))
begin=$SECONDS
check "the limit lapses" "" until_ok $((LEASE + 10)) free
check "not at once" "after $((SECONDS - begin)) s, lease $LEASE s" [ $((SECONDS - begin)) -ge $((LEASE - 1)) ]
check "the boost lapses" "" until_ok 10 nice_is "$fast_pid" = 0
check "its cgroup's, too" "" until_ok 10 weight_is 100
periods_go_on

check "the limit is back when periods are" "" until_ok 10 held
check "so is the boost" "" until_ok 10 nice_is "$fast_pid" -lt 0
check "and its cgroup's" "" until_ok 10 weight_is 200
guest_end held
guest_end fast
until_ok 10 rmdir "$cg"

finish
