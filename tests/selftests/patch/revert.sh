#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Revert: whoever dies, guests run as if kvmeter had never been there.
# Bounds in time are a minute: what hangs, hangs for ever.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

timed() {	# COMMAND...: its time in $took
	local t0=${EPOCHREALTIME/[.,]/}

	"$@"
	local status=$?
	took=$(((${EPOCHREALTIME/[.,]/} - t0) / 1000))
	return "$status"
}

# unload while a VM is throttled
load
guest spin --mode spin
rate spin 1
# of one vCPU that spins: limits are a tenth of that, so half of it is no limit
full=$bp
vm_set spin policy.nominal-bp=1000
snooze 0.5
rate spin 2
check "throttled" "runs at $((bp / 100)) %" [ $bp -lt 3000 ]
check "unload of a throttled VM" "" timed unload
rate spin 2
check "full speed after unload" "$((bp / 100)) %, before $((full / 100)) %; rmmod took $took ms" \
	[ $bp -gt $((full / 2)) -a "$took" -lt 60000 ]

# again and again: a guest that has a CPU alone is not waited for until it leaves it
slowest=0
for _ in 1 2 3 4 5 6; do
	load
	until_ok 10 vm_of spin_vm "$spin_pid"
	vm_set spin policy.nominal-bp=1000
	snooze 1
	timed unload || not_ok "unload" "$?"
	[ "$took" -le $slowest ] || slowest=$took
done
check "six unloads of a throttled VM" "the slowest took $slowest ms" [ "$slowest" -lt 60000 ]

# nice
load
until_ok 10 vm_of spin_vm "$spin_pid"
vm_set spin policy.mode=1,nominal-bp=10000,ceiling-bp=20000,floor-bp=2000
kv ask suggest "vm-id=$spin_vm" resource=0 grant-bp=20000 duration-ms=600000 >/dev/null
check "boosted" "nice $(nice_of "$spin_pid")" until_ok 10 nice_is "$spin_pid" -lt 0
unload
check "nice is restored" "$(nice_of "$spin_pid")" nice_is "$spin_pid" = 0
guest_end spin

# a tool that is killed amid its work
load
guest spin --mode spin
vm_set spin policy.nominal-bp=3000,mode=1
kv ask vm-get "id=$spin_vm" | tr ' ' '\n' | grep -E '^(name|image|policy|tariff|budget_[cpa])' >"$tmp/before"
for _ in 1 2 3 4; do
	if command -v kvmeter >/dev/null; then
		kvmeter watch >/dev/null 2>&1 &
	else
		kv watch price budget >/dev/null &
	fi
	victim=$!
	kv dump vm-get >/dev/null &
	other=$!
	snooze 0.2
	kill -KILL $victim $other 2>/dev/null
	wait $victim $other 2>/dev/null
done
kv ask vm-get "id=$spin_vm" | tr ' ' '\n' | grep -E '^(name|image|policy|tariff|budget_[cpa])' >"$tmp/after"
check "killed tools change nothing" "$(wc -l <"$tmp/after") settings" cmp -s "$tmp/before" "$tmp/after"
snooze 0.5
rate spin 2
check "the limit outlives the tool" "runs at $((bp / 100)) %, limit 30 %" between 500 $bp 4500

# a VMM that is killed while it sleeps for its limit
vm_set spin policy.nominal-bp=500
snooze 1
guest_end spin KILL
check "killed mid-throttle" "its VM disappears within 10 s" until_ok 10 vms_gone
query h_ host-get
check "no VM is counted" "$h_nr_vms" [ "$h_nr_vms" = 0 ]
check "unload after that" "" timed unload

# a VMM that is stopped while throttled
load
guest spin --mode spin --vcpus 2
vm_set spin policy.nominal-bp=500
snooze 1
kill -STOP "$spin_pid"
snooze 0.5
check "unload with a stopped VMM" "" timed unload
check "unload with a stopped VMM is prompt" "$took ms" [ "$took" -lt 60000 ]
kill -CONT "$spin_pid"
rate spin 2
check "stopped VMM goes on" "runs at $((bp / 100)) % of a CPU" [ $bp -gt $((full / 2)) ]

# paused by its budget
load
until_ok 10 vm_of spin_vm "$spin_pid"
vm_set spin budget.cap-ncr=0,action=1
snooze 1
rate spin 1
check "paused" "runs at $((bp / 100)) %" [ $bp -lt 200 ]
check "unload of a paused VM" "" timed unload
rate spin 2
check "unload unpauses" "runs at $((bp / 100)) % of a CPU, after $took ms" [ $bp -gt $((full / 2)) ]
guest_end spin

# vCPUs that sleep in HLT, some with a limit: none is woken by the world
load
guest idle --mode idle --vcpus 2
guest some --mode duty --duty-bp 9000
vm_set some policy.nominal-bp=500
vm_set idle policy.nominal-bp=500
snooze 1
tell some idle
snooze 1
check "unload with halted vCPUs" "" timed unload
check "unload with halted vCPUs is prompt" "$took ms" [ "$took" -lt 60000 ]
tell some spin
rate some 2
check "halted VM wakes as ever" "runs at $((bp / 100)) %" [ $bp -gt $((full / 2)) ]
guest_end idle
guest_end some

finish
