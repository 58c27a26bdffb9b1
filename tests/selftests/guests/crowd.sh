#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Crowd: what a tenant makes many of does not hold up the period. The measure is a
# neighbour that its budget pauses: when periods stop, its limit lapses after 5 s and
# it runs. And the bad tenant is under its own limit, whatever it makes.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

LEASE=5		# seconds

# What a VM's vCPUs ran in the time in which a lease would lapse twice, in ns: in $ran_ns
runs_paused() {	# NAME
	sample a_ "$1"
	snooze $((2 * LEASE + 1))
	sample b_ "$1"
	ran_ns=$((b_vcpu_run_ns - a_vcpu_run_ns))
	span_ns=$((b_mono_ns - a_mono_ns))
}

# The neighbour stays paused beside it, and the VMM is known
beside() {	# NAME WHAT
	check "$2: known" "" guest_known "$1"
	runs_paused neighbour
	check "$2: the neighbour stays paused" "ran $(ms $ran_ns) of $(ms $span_ns)" \
		[ $ran_ns -lt $((span_ns / 50)) ]
}

load
guest neighbour --mode spin
check "the neighbour pauses" "" pause neighbour

bad_guest threads threads --threads 4000 --makers 2
beside threads "4000 threads, and some made and ended"
guest_end threads KILL

bad_guest cycle cycle --vcpus 1000
beside cycle "one thread over 1000 vCPUs"
guest_end cycle KILL

bad_guest vms vms --vms 40 --burst 1000
beside vms "40 VMs of one process"
vms=0
for file in "$sys"/vms/*/tgid; do
	value tgid "$file"
	[ "$tgid" != "$vms_pid" ] || vms=$((vms + 1))
done
check "each of them is metered" "$vms" [ $vms -eq 40 ]
guest_end vms KILL

# A thread that is new is under the VM's limit at once: the first one sleeps, and no
# other comes to run its first KVM_RUN before the limit knows it
bad_guest fresh fresh --vcpus 1
check "fresh: known" "" guest_known fresh
guest_report fresh a_
snooze 3
guest_report fresh b_
check "fresh: runs without a limit" "$((b_work - a_work)) loops in 3 s, $((b_threads - a_threads)) threads" \
	[ $((b_work - a_work)) -gt 1000 -a $((b_threads - a_threads)) -gt 50 ]
check "fresh: pauses" "" pause fresh
snooze 1
guest_report fresh c_
snooze 6
guest_report fresh d_
check "a fresh thread for each KVM_RUN does not lift a pause" \
	"$((d_work - c_work)) loops in 6 s, $((d_threads - c_threads)) threads" \
	[ $((d_work - c_work)) -lt $(((b_work - a_work) / 50 + 1)) ]
guest_end fresh KILL

finish
