#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Escape: a limit binds all that a VM uses, whatever its VMM does: signals, code in
# user mode, ioctls that do not enter the guest, threads that are no vCPU.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

GRANT=1000	# bp of the VM's one vCPU
SIDE=500	# bp of a CPU that the VMM always has
SLOP=300

# What a process used by the scheduler's account, ended threads included, in $used_ns
used() {	# PID
	local stat

	value stat "/proc/$1/stat"
	stat=${stat##*) }
	read -r -a stat <<<"$stat"
	used_ns=$(((stat[11] + stat[12]) * 10000000))
}

# The same in so many seconds, in bp of a CPU
uses() {	# NAME SECONDS
	local pid=${1}_pid before t0

	used "${!pid}"
	before=$used_ns
	t0=${EPOCHREALTIME/[.,]/}
	snooze "$2"
	used "${!pid}"
	bp=$(((used_ns - before) * 10 / (${EPOCHREALTIME/[.,]/} - t0)))
}

# At most so much in 3 s, once of three times: the machine may be held up
uses_at_most() {	# NAME BP
	for _ in 1 2 3; do
		uses "$1" 3
		[ "$bp" -gt "$2" ] || return 0
		note "used $bp bp, once more"
	done
	return 1
}

load
for mode in signals usermode ioctls sidethread young; do
	how=()
	[ $mode != usermode ] || how=(--user-us 100000)
	bad_guest bad $mode --calm "${how[@]}" || continue
	guest_known bad || continue
	tell bad go
	uses bad 2
	note "$mode: without a limit $bp bp of a CPU"
	vm_set bad "policy.nominal-bp=$GRANT"
	snooze 3	# it pays for what it overran at the begin
	check "$mode is within the limit" "granted $GRANT bp of a CPU, always has $SIDE" \
		uses_at_most bad $((GRANT + SIDE + SLOP))
	note "used $bp bp"
	check "$mode is paused" "" pause bad
	snooze 3
	sample a_ bad
	check "$mode uses no more than it always has" "always has $SIDE bp of a CPU" \
		uses_at_most bad $((SIDE + SLOP))
	sample b_ bad
	# each entry that must not run is followed by 2 ms of sleep
	entries=$((b_counts_exits - a_counts_exits)) most=$(((b_mono_ns - a_mono_ns) / 2000000 + 10))
	check "$mode hardly enters the guest" "$entries entries, $most at most, used $bp bp" \
		[ $entries -le $most ]
	kill "$bad_pid"
	check "$mode ends when it is told" "" until_ok 10 ended "$bad_pid"
	guest_end bad KILL
done

# A pause outlives its lease: nothing runs when that is renewed
guest quiet --mode spin --vcpus 2
check "pauses" "" pause quiet
snooze 1
sample a_ quiet
snooze 12
sample b_ quiet
check "a pause lets nobody in" "$((b_counts_exits - a_counts_exits)) entries in 12 s" [ "$b_counts_exits" = "$a_counts_exits" ]
guest_end quiet

finish
