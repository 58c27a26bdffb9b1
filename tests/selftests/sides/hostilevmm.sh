#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Hostilevmm: the tests' own bad tenant does what each of its modes says, while
# calm as a good one and after "go" as a bad one, and kvmeter meters it.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

# A figure of its report has grown since the one with prefix a_
grew() {	# NAME KEY [BY]
	local before=a_$2 after=b_$2

	guest_report "$1" b_ && [ "${!after}" -ge $((${!before} + ${3-1})) ]
}

# Each key of the list grows
mode() {	# MODE KEYS [OPTION...]
	local mode=$1 keys=$2 key before
	shift 2

	bad_guest bad "$mode" "$@" || return
	[ "$mode" = short ] || guest_known bad
	guest_report bad a_
	for key in $keys; do
		before=a_$key
		check "$mode: $key" "from ${!before}" until_ok 30 grew bad "$key"
	done
	guest_end bad
	until_ok 20 vms_gone || not_ok "$mode: gone" "$(echo "$sys"/vms/*)"
}

load
mode threads "work threads laps" --threads 200 --makers 2
check "threads: sleepers" "$b_threads" [ "$b_threads" -gt 200 ]
mode cycle "work exits laps" --vcpus 40
check "cycle: vCPUs" "$b_vcpus" [ "$b_vcpus" = 40 ]
mode vms work --vms 12
check "vms: VMs" "$b_vms" [ "$b_vms" = 12 ]
mode fresh "work exits threads laps"
mode signals "signals eintr"
mode signals work --pause-us 20000
mode usermode "work exits laps"
mode sidethread "work laps"
mode remake "work vms closed laps"
mode short "work vms closed forks laps"
mode fork work --children 5
# shellcheck disable=SC2034	# grew reads it
a_forks=4
bad_guest bad fork --children 5
check "fork: sleepers" "" until_ok 30 grew bad forks
check "fork: are its children" "" sh -c "[ \$(pgrep -P $bad_pid -cx sleeper) = 5 ]"
guest_end bad
check "fork: and end with it" "" until_ok 20 sh -c '! pgrep -x sleeper'

# a good tenant until it is told, and after it is told
bad_guest bad usermode --calm
guest_report bad a_
check "calm" "" until_ok 30 grew bad exits 2000
tell bad go
guest_report bad a_
note "calm: $((a_cpu_ns / (a_laps + 1))) ns of CPU a lap"
check "go" "" until_ok 60 grew bad laps 20
bad_lap=$(((b_cpu_ns - a_cpu_ns) / (b_laps - a_laps)))
check "spins in user mode" "$bad_lap ns of CPU a lap" [ $bad_lap -ge 4000000 ]
tell bad calm
guest_report bad a_
check "calm again" "" until_ok 60 grew bad exits 2000
guest_end bad

finish
