#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boost: a grant above all of the vCPUs' time raises priority, and frequency
# where there is a driver; both return; a conflict is told and not billed; the
# driver may come and go at any time.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

cpu0=/sys/devices/system/cpu/cpu0/cpufreq

suggest() {	# NAME BP
	local vm=${1}_vm

	kv ask suggest "vm-id=${!vm}" resource=0 "grant-bp=$2" duration-ms=600000 >/dev/null
}

min_khz_is() {	# KHZ
	local khz

	value khz "$cpu0/scaling_min_freq"
	[ "$khz" = "$1" ]
}

knob_is() {	# NAME YES-OR-NO: enforceable, as the tool says
	kvmeter doctor | grep -q "^$2 *$1"
}

load
guest vm --mode duty --duty-bp 2000
taskset -pac 0 "$vm_pid" >/dev/null
vm_set vm policy.mode=1,nominal-bp=10000,ceiling-bp=40000,floor-bp=2000,threshold-mbit=30000 \
	"tariff.floor-ncr-h=0,base-ncr-h=1000000000,ceiling-ncr-h=10000000000,notice-ms=0,cost.resource=0+ncr-h=1000000000"
suggest vm 20000
check "nice" "$(nice_of "$vm_pid")" until_ok 10 nice_is "$vm_pid" = -3
price_is() {
	value price "$sys/vms/$vm_vm/price_ncr_h"
	[ "$price" = "$1" ]
}
check "priced" "" until_ok 10 price_is 2000000000
suggest vm 40000
check "more" "nice $(nice_of "$vm_pid")" until_ok 10 nice_is "$vm_pid" = -6

# a child of a boosted thread begins as if there were no boost
forked() {	# NAME: in $child
	local out=${1}_out last

	last=$(grep -c '^child=' "${!out}")
	tell "$1" fork
	more() { [ "$(grep -c '^child=' "${!out}")" -gt "$last" ]; }
	until_ok 20 more || return 1
	child=$(grep '^child=' "${!out}" | tail -n 1)
	child=${child#child=}
}
stat_nice() {	# PID: in $nice
	value nice "/proc/$1/stat"
	nice=${nice##*) }
	# shellcheck disable=SC2086	# fields
	set -- $nice
	nice=${17}
}
uclamp_min() {	# PID: in $clamp; empty: the kernel does not say
	clamp=$(sed -n 's/^uclamp.min *: *//p' "/proc/$1/sched")
}
vcpu0_of() {	# PID: in $tid
	local comm

	for tid in /proc/"$1"/task/*; do
		value comm "$tid/comm"
		tid=${tid##*/}
		[ "$comm" != vcpu0 ] || return 0
	done
	return 1
}
check "a boosted thread has a child" "" forked vm
stat_nice "$child"
check "which is not boosted" "nice $nice" [ "$nice" = 0 ]
vcpu0_of "$vm_pid"
uclamp_min "$tid"
if [ -n "$clamp" ]; then
	check "the thread has uclamp" "$clamp" [ "$clamp" = 1024 ]
	uclamp_min "$child"
	check "the child has not" "$clamp" [ "$clamp" = 0 ]
else
	skip "uclamp of a child" "the kernel does not tell it"
fi
check "a boost's thread resets its children" "$(chrt -p "$tid")" \
	eval 'chrt -p "$tid" | grep -q RESET_ON_FORK'

# someone else sets it: theirs stays, and nobody pays
for task in /proc/"$vm_pid"/task/*; do
	renice -n 5 -p "${task##*/}" >/dev/null
done
conflict() {
	query q_ vm-get "id=$vm_vm"
	[ "${q_knob_conflict-0}" = 1 ]
}
check "conflict is told" "" until_ok 10 conflict
check "conflict is not billed" "" until_ok 10 price_is 1000000000
check "theirs stays" "nice $(nice_of "$vm_pid")" nice_is "$vm_pid" = 5
for task in /proc/"$vm_pid"/task/*; do
	renice -n 0 -p "${task##*/}" >/dev/null
done
suggest vm 10000
settled() {
	query q_ vm-get "id=$vm_vm"
	[ "$q_usage0_wanted_bp" = 10000 ] && [ -z "${q_knob_conflict-}" ]
}
check "the conflict ends with the boost" "" until_ok 20 settled
check "and the thread's children are its own again" "$(chrt -p "$tid")" \
	eval '! chrt -p "$tid" | grep -q RESET_ON_FORK'

# a thread that was put behind others gets no boost: its children would keep it
for task in /proc/"$vm_pid"/task/*; do
	renice -n 7 -p "${task##*/}" >/dev/null
done
suggest vm 40000
check "a thread above nice 0 is not boosted" "" until_ok 10 conflict
check "and keeps its nice value" "nice $(nice_of "$vm_pid")" nice_is "$vm_pid" = 7
for task in /proc/"$vm_pid"/task/*; do
	renice -n 0 -p "${task##*/}" >/dev/null
done
suggest vm 10000
until_ok 20 settled

# frequency: a driver that comes after the module
if insmod "$KVMETER_FAKEFREQ_KO" 2>"$tmp/err"; then
	value least "$cpu0/cpuinfo_min_freq"
	value most "$cpu0/cpuinfo_max_freq"
	check "the driver is seen" "" until_ok 5 knob_is cpufreq yes
	check "nothing is asked for yet" "$(cat $cpu0/scaling_min_freq)" min_khz_is "$least"
	suggest vm 20000
	check "boost asks for the highest" "$most kHz" until_ok 10 min_khz_is "$most"
	suggest vm 10000
	check "its end asks for nothing" "$least kHz" until_ok 10 min_khz_is "$least"
	suggest vm 20000
	until_ok 10 min_khz_is "$most"
	check "the driver can go while asked" "" rmmod kvmeter_fakefreq
	check "that is seen" "" until_ok 5 knob_is cpufreq no
	check "and come again" "" insmod "$KVMETER_FAKEFREQ_KO"
	check "boost asks it, too" "$most kHz" until_ok 10 min_khz_is "$most"
	unload
	check "unload asks for nothing" "$(cat $cpu0/scaling_min_freq)" min_khz_is "$least"
	check "unload restores nice" "$(nice_of "$vm_pid")" nice_is "$vm_pid" = 0
	# a driver that is there before the module
	load
	until_ok 10 vm_of vm_vm "$vm_pid"
	vm_set vm policy.mode=1,nominal-bp=10000,ceiling-bp=40000,threshold-mbit=30000
	suggest vm 20000
	check "driver before module" "$most kHz" until_ok 10 min_khz_is "$most"
	guest_end vm KILL
	check "the VM's death asks for nothing" "$least kHz" until_ok 10 min_khz_is "$least"
	unload
	rmmod kvmeter_fakefreq
else
	skip frequency "$(cat "$tmp/err")"
	guest_end vm
fi

finish
