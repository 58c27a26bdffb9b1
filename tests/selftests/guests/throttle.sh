#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Throttling: a VM gets the share it was granted and no less, all of its vCPUs
# alike; it answers signals at once whatever the limit; and nothing of the limit
# is left when it is lifted. Tolerance of a share: 2 points.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

# What the VM's vCPU threads ran over about 3 s, in bp of the wall clock of
# their vCPUs; the scheduler's account
share() {	# NAME VCPUS
	sample a_ -s "$1"
	snooze 3
	sample b_ -s "$1"
	bp=$(((b_vcpu_run_ns - a_vcpu_run_ns) * 10000 / ((b_mono_ns - a_mono_ns) * $2)))
}

# The same until it is what was granted, three times at most: the machine may
# be held up for a second just when it is measured
share_is() {	# NAME VCPUS WANT
	for _ in 1 2 3; do
		share "$1" "$2"
		! near "$bp" "$3" 50000 200 || return 0
		note "share is $((bp / 100)) %, once more"
	done
}

limit() {	# NAME BP
	vm_set "$1" "policy.nominal-bp=$2"
	snooze 0.5
}

load

guest one --mode spin
# By default what an idle moment leaves unused is banked for 10 ms. On a
# machine whose CPUs are themselves held up for longer, share is lost then:
# measured with a bank, a share must come out whatever the machine does.
vm_set one policy.nominal-bp=4000
snooze 0.5
share one 1
check "never more than the share" "got $((bp / 100)).$((bp % 100 / 10)) %, granted 40 %" [ $bp -lt 4200 ]
vm_set one policy.nominal-bp=10000
kv ask host-set burst-ns=1000000000
share one 1
# What a spinning thread is charged for: not all of the time where the kernel
# accounts for interrupts apart
free=$bp
for want in 5000 2500 7500 1000 500; do
	limit one $want
	share_is one 1 $want
	check "share 1 vCPU $((want / 100)) %" "got $((bp / 100)).$((bp % 100 / 10)) %" \
		near "$bp" $want 50000 200
	check "withheld 1 vCPU $((want / 100)) %" "$(percent $((b_times_throttled_ns - a_times_throttled_ns)) $((b_mono_ns - a_mono_ns)))" \
		near $(((b_times_throttled_ns - a_times_throttled_ns) / ((b_mono_ns - a_mono_ns) / 10000))) \
		$((10000 - want * 10000 / free)) 50000 400
	check "wait is not throttled time $((want / 100)) %" "waited $(percent $((b_times_wait_ns - a_times_wait_ns)) $((b_mono_ns - a_mono_ns)))" \
		[ $((b_times_wait_ns - a_times_wait_ns)) -lt $(((b_mono_ns - a_mono_ns) / 4)) ]
done

# throttled to 5 % now: out of KVM_RUN on a signal
for _ in 1 2 3 4 5; do
	kill -USR1 "$one_pid"
	snooze 0.4
done
kick=$(grep -o 'kick_us=[0-9]*' "$one_out" | cut -d= -f2 | sort -n | tail -n 1)
check "kick while throttled" "slowest of $(grep -c kick_us "$one_out"): ${kick-none} us, at most 100 ms" \
	between 0 "${kick:--1}" 100000

vm_set one policy.nominal-bp=10000
snooze 0.3
share one 1
check "lifted" "before $((free / 100)) %, after $((bp / 100)) %; no sleep of ours: $((b_times_throttled_ns - a_times_throttled_ns)) ns" \
	[ "$bp" -gt $((free * 85 / 100)) -a $((b_times_throttled_ns - a_times_throttled_ns)) = 0 ]

# paused: the budget's doing
vm_set one "tariff.base-ncr-h=1000000000,notice-ms=0" "budget.cap-ncr=0,action=1"
snooze 0.5
sample a_ one
snooze 1
sample b_ one
check "paused" "ran $((b_vcpu_run_ns - a_vcpu_run_ns)) ns in a second" \
	[ $((b_vcpu_run_ns - a_vcpu_run_ns)) -lt 2000000 ]
lines=$(grep -c kick_us "$one_out")
for _ in 1 2 3; do
	kill -USR1 "$one_pid"
	snooze 0.4
done
kick=$(grep -o 'kick_us=[0-9]*' "$one_out" | tail -n +$((lines + 1)) | cut -d= -f2 | sort -n | tail -n 1)
check "kick while paused" "slowest: ${kick-none} us, at most 100 ms" between 0 "${kick:--1}" 100000
sample c_ one
check "kicks do not unpause" "ran $(ms $((c_vcpu_run_ns - b_vcpu_run_ns)))" \
	[ $((c_vcpu_run_ns - b_vcpu_run_ns)) -lt 50000000 ]
begin=$(date +%s%N)
guest_end one
took=$(($(date +%s%N) - begin))
check "SIGTERM while paused" "$(ms $took), at most 3 s" [ $took -lt 3000000000 ]

# four vCPUs on two CPUs can have half of their time at most
guest four --mode spin --vcpus 4
for want in 1000 2500; do
	limit four $want
	guest_report four w_
	before=$w_vcpu_work
	share_is four 4 $want
	guest_report four w_
	check "share 4 vCPUs $((want / 100)) %" "got $((bp / 100)).$((bp % 100 / 10)) %" \
		near "$bp" $want 50000 200
	least=
	most=0
	for i in 0 1 2 3; do
		IFS=, read -ra old <<<"$before"
		IFS=, read -ra new <<<"$w_vcpu_work"
		work=$((new[i] - old[i]))
		[ "$least" ] && [ $least -lt $work ] || least=$work
		[ $most -gt $work ] || most=$work
	done
	check "fair 4 vCPUs $((want / 100)) %" "least to most work $(percent $least $most), at least 60 %" \
		[ $least -ge $((most * 6 / 10)) ]
done
begin=$(date +%s%N)
guest_end four
took=$(($(date +%s%N) - begin))
check "SIGTERM while throttled" "$(ms $took), at most 3 s" [ $took -lt 3000000000 ]

# A VM that uses less than its share is not held
guest less --mode duty --duty-bp 2000
sample a_ less
snooze 2
sample b_ less
free=$(((b_vcpu_run_ns - a_vcpu_run_ns) * 10000 / (b_mono_ns - a_mono_ns)))
limit less 6000
share less 1
check "within its share" "free $((free / 100)) %, with a limit of 60 % $((bp / 100)) %, withheld $(ms $((b_times_throttled_ns - a_times_throttled_ns)))" \
	near "$bp" "$free" 150000 300
guest_end less

finish
