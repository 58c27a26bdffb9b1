#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Hints: a guest's hypercall is a suggestion where the operator allows it, and
# nothing where not; it is trusted least, and a flood of them is dropped.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

NR=$((0x4b4d0001))
eager="policy.mode=1,nominal-bp=10000,floor-bp=2000,ceiling-bp=20000,step-bp=20000,dwell-ms=0"

# the answer to one question of a VM's state
rest_is() {	# NAME BP
	local vm=${1}_vm

	query r_ vm-get "id=${!vm}"
	[ "$r_usage0_rest_bp" = "$2" ]
}

hints() {	# NAME: taken, refused and dropped in $counts
	local vm=${1}_vm

	query r_ vm-get "id=${!vm}"
	counts="$r_hints_taken $r_hints_refused $r_hints_dropped"
}

counts_are() {	# NAME COUNTS
	hints "$1"
	[ "$counts" = "$2" ]
}

suggested_by() {	# NAME SOURCE
	local vm=${1}_vm

	kv dump log-get "vm-id=${!vm}" | grep -q " reason=4 .* source=$2"
}

hint() {	# NAME BP MS
	tell "$1" hypercall $NR 0 "$2" "$3"
	snooze 0.5
}

load
guest vm --mode script
vm_set vm "$eager"

# not allowed: nothing
hint vm 15000 60000
snooze 1
check "not allowed by default" "" rest_is vm 10000
hints vm
check "and not counted" "$counts" [ "$counts" = "0 0 0" ]

# allowed
vm_set vm hints=1
hint vm 15000 60000
check "followed when allowed" "" until_ok 10 rest_is vm 15000
check "it is a suggestion of the guest" "" until_ok 10 suggested_by vm 1
hint vm 90000 60000
check "never above the ceiling" "" until_ok 10 rest_is vm 20000
hint vm 1 60000
check "never below the floor" "" until_ok 10 rest_is vm 2000
hint vm 0 0
check "ended" "" until_ok 10 rest_is vm 10000
hints vm
check "counted" "$counts" [ "$counts" = "4 0 0" ]

# nonsense
tell vm hypercall $NR 9 15000 60000
snooze 0.3
tell vm hypercall $NR 0 100001 60000
snooze 0.3
tell vm hypercall $NR 0 15000 4294967296
snooze 0.3
tell vm hypercall $NR 18446744073709551615 18446744073709551615 18446744073709551615
check "nonsense is dropped" "" until_ok 10 counts_are vm "4 0 4"
tell vm hypercall $((NR + 1)) 0 15000 60000
snooze 0.5
hints vm
check "another hypercall is none" "$counts" [ "$counts" = "4 0 4" ]
check "and nothing came of it" "" rest_is vm 10000
tell vm hypercall $NR 1 15000 60000
check "what is not sold is refused" "" until_ok 10 counts_are vm "4 1 4"

# trusted least
kv ask suggest "vm-id=$vm_vm" resource=0 grant-bp=12000 duration-ms=60000 >/dev/null
hint vm 15000 60000
hint vm 0 0
check "the operator's suggestion stands" "" rest_is vm 12000
hints vm
check "the guest's are refused" "$counts" [ "$counts" = "4 3 4" ]
kv ask suggest "vm-id=$vm_vm" resource=0 grant-bp=0 duration-ms=0 >/dev/null

# observe takes none
vm_set vm policy.mode=0
hint vm 15000 60000
check "observe refuses" "" until_ok 10 counts_are vm "4 4 4"
vm_set vm policy.mode=1

# no more
vm_set vm hints=0
hint vm 15000 60000
check "not allowed any more" "" counts_are vm "4 4 4"
guest_end vm

# a flood, from two vCPUs as fast as they can
guest calm --mode duty --duty-bp 2000
guest flood --mode exits --exit-kind hypercall --hypercall $NR,0,15000,1000 --vcpus 2
vm_set flood "$eager"
vm_set calm "$eager"
guest_report flood v_
snooze 2
guest_report flood w_
note "not allowed: $(((w_exits - v_exits) / ((w_wall_ns - v_wall_ns) / 1000000))) hypercalls per ms"
vm_set flood hints=1
snooze 1
guest_report flood v_
t0=${EPOCHREALTIME/[.,]/}
query a_ vm-get "id=$flood_vm"
snooze 5
query b_ vm-get "id=$flood_vm"
ms=$(((${EPOCHREALTIME/[.,]/} - t0) / 1000))
guest_report flood w_
note "allowed: $(((w_exits - v_exits) / ((w_wall_ns - v_wall_ns) / 1000000))) hypercalls per ms"
taken=$((b_hints_taken - a_hints_taken))
dropped=$((b_hints_dropped - a_hints_dropped))
# 2 vCPUs of 10 per s and a burst of 10 each
check "a flood is limited" "$taken taken, $dropped dropped in $ms ms" \
	between 1 $taken $((20 + ms / 50 + 2))
check "the rest is dropped" "$dropped, the guest made $((w_exits - v_exits)) meanwhile" [ $dropped -gt 1000 ]
sample a_ calm
snooze 1
sample b_ calm
check "others are metered on" "guest ran $(ms $((b_times_guest_ns - a_times_guest_ns)))" \
	[ $((b_times_guest_ns - a_times_guest_ns)) -gt 0 ]
guest_end flood
guest_end calm

# an application in a Linux, without privilege or driver
linux_can || {
	skip "Linux guest" "no guest kernel"
	finish
}
linux_micro linux 128 || finish
vm_set linux "$eager" hints=1
tell linux hint 15000 60000
check "a hint from user mode" "" until_ok 20 rest_is linux 15000
tell linux hint 0 0
check "and its end" "" until_ok 20 rest_is linux 10000
tell linux batch
check "the example asks for more" "" until_ok 20 rest_is linux 20000
check "does its batch" "" linux_says linux '^batch steps='
check "and gives it back" "" until_ok 20 rest_is linux 10000
guest_end linux KILL

finish
