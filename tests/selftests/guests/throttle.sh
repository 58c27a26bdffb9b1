#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Throttling: a VM gets the share it was granted and no less, all of its vCPUs
# alike; it answers signals whatever the limit; and nothing of the limit is left
# when it is lifted.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

# Over 3 s, until it is what was granted, three times at most: the machine may
# be held up for a second just when it is measured
limit_is() {	# NAME VCPUS BP
	for _ in 1 2 3; do
		shares "$1" "$2" 3
		! kept_to "$3" || return 0
		note "ran $(points $run_bp), withheld $(points $held_bp), once more"
	done
}

limit() {	# NAME BP
	vm_set "$1" "policy.nominal-bp=$2"
	snooze 0.5
}

points() {	# BP
	printf '%d.%02d %%' $(($1 / 100)) $(($1 % 100))
}

kicks() {	# NAME: answers to signals so far
	local out=${1}_out

	grep -c kick_us "${!out}"
}

kicked() {	# NAME THAN
	[ "$(kicks "$1")" -gt "$2" ]
}

# Signals reach the VMM out of KVM_RUN, one after the other. A vCPU that sleeps for
# its limit and is not woken by them never answers when it is paused.
kick() {	# NAME TIMES
	local pid=${1}_pid i before

	for ((i = 0; i < $2; i++)); do
		before=$(kicks "$1")
		kill -USR1 "${!pid}"
		until_ok 20 kicked "$1" "$before" || return 1
	done
}

slowest() {	# NAME
	local out=${1}_out

	echo "slowest $(grep -o 'kick_us=[0-9]*' "${!out}" | cut -d= -f2 | sort -n | tail -n 1) us"
}

# What each vCPU thread ran so far, in $runs
vcpu_runs() {	# PID
	local dir comm one

	runs=()
	for dir in /proc/"$1"/task/*; do
		value comm "$dir/comm"
		if [[ $comm = vcpu* ]]; then
			read -r one _ <"$dir/schedstat"
			runs+=("$one")
		fi
	done
}

load

guest one --mode spin
# By default what an idle moment leaves unused is banked for 10 ms. On a
# machine whose CPUs are themselves held up for longer, share is lost then:
# measured with a bank, a share must come out whatever the machine does.
vm_set one policy.nominal-bp=4000
snooze 0.5
shares one 1 3
check "never more than the share" "got $(points $run_bp), granted 40 %" [ $run_bp -lt 4200 ]
vm_set one policy.nominal-bp=10000
kv ask host-set burst-ns=1000000000
shares one 1 3
free=$run_bp
note "without a limit $(points $free), interrupts of all CPUs $(points $irq_bp)"
for want in 5000 2500 7500 1000 500; do
	limit one $want
	limit_is one 1 $want
	check "share 1 vCPU $((want / 100)) %" "got $(points $run_bp), withheld $(points $held_bp)" kept_to $want
	check "withheld 1 vCPU $((want / 100)) %" "ran $(points $run_bp), withheld $(points $held_bp), waited $(points $wait_bp), interrupts $(points $irq_bp) at most" \
		accounted
	waited=$((b_times_wait_ns - a_times_wait_ns))
	withheld=$((b_times_throttled_ns - a_times_throttled_ns))
	away=$((b_vcpu_wait_ns - a_vcpu_wait_ns))
	check "the scheduler calls both waiting $((want / 100)) %" "withheld $(ms $withheld), waited $(ms $waited), by the scheduler $(ms $away)" \
		near $((withheld + waited)) $away 50000 20000000
done

# What KVM told a VM's guests of vCPUs that do not run, and how often its vCPU thread
# went to sleep by itself
told() {	# NAME
	local pid=${1}_pid file line

	told=0 slept=0
	for file in /sys/kernel/debug/kvm/"${!pid}"-*/preemption_reported; do
		value told "$file"
	done
	for file in /proc/"${!pid}"/task/*/status; do
		matches '^Name:.vcpu0' "$file" && matches '^voluntary_ctxt' "$file" &&
			slept=${matched##*[!0-9]}
	done
}

# throttled to 5 % now: other vCPUs are told that this one does not run
if silent mountpoint /sys/kernel/debug || silent mount -t debugfs none /sys/kernel/debug; then
	told one
	told_before=$told slept_before=$slept
	snooze 2
	told one
	check "shown as preempted" "$((told - told_before)) times in $((slept - slept_before)) sleeps" \
		[ $((told - told_before)) -ge $(((slept - slept_before) / 2)) -a "$slept" -gt "$slept_before" ]
else
	skip "shown as preempted" "no debugfs"
fi

# out of KVM_RUN on a signal
check "kick while throttled" "" kick one 5
note "$(slowest one)"

vm_set one policy.nominal-bp=10000
snooze 0.3
shares one 1 3
check "lifted" "before $(points $free), after $(points $run_bp), withheld $((b_times_throttled_ns - a_times_throttled_ns)) ns" \
	[ $run_bp -gt $((free / 2)) -a $((b_times_throttled_ns - a_times_throttled_ns)) = 0 ]
check "all of it" "waited $(points $wait_bp), interrupts $(points $irq_bp) at most" accounted

# paused: the budget's doing
check "pauses" "" pause one
snooze 0.5
sample a_ one
snooze 1
sample b_ one
check "paused" "ran $((b_vcpu_run_ns - a_vcpu_run_ns)) ns in a second" \
	[ $((b_vcpu_run_ns - a_vcpu_run_ns)) -lt 2000000 ]
check "kick while paused" "" kick one 3
note "$(slowest one)"
snooze 0.5
sample c_ one
check "kicks do not unpause" "ran $(ms $((c_vcpu_run_ns - b_vcpu_run_ns))) of $(ms $((c_mono_ns - b_mono_ns)))" \
	[ $((c_vcpu_run_ns - b_vcpu_run_ns)) -lt $(((c_mono_ns - b_mono_ns) / 10)) ]
kill "$one_pid"
check "SIGTERM while paused" "" until_ok 10 ended "$one_pid"
guest_end one KILL

# Over 3 s: what the one that ran least and the one that ran most did, in $least and
# $most. One that is starved always is; one whose CPU was held up is not so again.
fair() {	# NAME VCPUS
	local pid=${1}_pid before i one

	for _ in 1 2 3; do
		vcpu_runs "${!pid}"
		before=("${runs[@]}")
		snooze 3
		vcpu_runs "${!pid}"
		least='' most=0
		for i in "${!runs[@]}"; do
			one=$((runs[i] - before[i]))
			[ "$least" ] && [ "$least" -lt $one ] || least=$one
			[ $most -gt $one ] || most=$one
		done
		[ ${#runs[@]} = "$2" ] || return 1
		[ "$least" -lt $((most * 6 / 10)) ] || return 0
		note "least to most $(percent "$least" $most), once more"
	done
	return 1
}

# four vCPUs on two CPUs can have half of their time at most
guest four --mode spin --vcpus 4
for want in 1000 2500; do
	limit four $want
	limit_is four 4 $want
	check "share 4 vCPUs $((want / 100)) %" "got $(points $run_bp), withheld $(points $held_bp)" kept_to $want
	check "fair 4 vCPUs $((want / 100)) %" "the least has at least 60 % of the most" fair four 4
	note "least to most $(percent "$least" $most)"
done
kill "$four_pid"
check "SIGTERM while throttled" "" until_ok 10 ended "$four_pid"
guest_end four KILL

# A VM that wants less than its share is not held. What it wants comes with what its
# kernel and the emulator add to it.
guest less --mode duty --duty-bp 2000
limit less 6000
shares less 1 3
if [ $((run_bp + held_bp)) -lt 5700 ]; then
	check "within its share" "ran $(points $run_bp) with a limit of 60 %, withheld $(points $held_bp)" [ $held_bp -lt 100 ]
else
	skip "within its share" "it wants $(points $((run_bp + held_bp))) and not 20 %"
fi
guest_end less

finish
