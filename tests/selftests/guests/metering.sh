#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Metering: kvmeter measures at the events, the scheduler measures on its own;
# the two must agree. Between two moments at which the VMM is stopped both are
# exact: 0.1 %, but for what could not be set right yet. While it runs the scheduler's figure is as old as its last
# tick: 0.1 % and TICK of slop per thread.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

TICK=10000000
SLOP=20000	# ns per thread: one stop and one start

# a_ and b_ are two samples: what is between them
metered() {	# the VM's classes of CPU time
	echo $((b_times_guest_ns + b_times_host_ns + b_times_halt_poll_ns + b_times_other_ns \
		- a_times_guest_ns - a_times_host_ns - a_times_halt_poll_ns - a_times_other_ns))
}

compare() {	# NAME WHAT
	local sum sched sum_live sched_live

	# the scheduler's figure is as old as the last tick, which the emulator may
	# hold up: twice more
	for _ in 1 2 3; do
		sample a_ -s "$1"
		snooze 0.3
		sample a_ "$1"		# both moments while it runs
		snooze 1.5
		sample b_ "$1"
		sum_live=$(metered)
		sched_live=$(((b_run_ns + b_run2_ns - a_run_ns - a_run2_ns) / 2))
		! near "$sum_live" "$sched_live" 1000 $((TICK * b_tasks)) || break
	done
	check "live $2" "metered $(ms "$sum_live"), scheduler $(ms "$sched_live")" \
		near "$sum_live" "$sched_live" 1000 $((TICK * b_tasks))

	# A thread that is hardly ever outside its guest cannot be set right at once: host
	# time takes less off than an interrupt took (kmod/cpu/sched.c).  Where interrupts
	# take milliseconds, some of that is open at a moment, and not at all three.
	for _ in 1 2 3; do
		sample a_ -s "$1"
		snooze 2
		sample b_ -s "$1"
		sum=$(metered)
		sched=$((b_run_ns - a_run_ns))
		! near "$sum" "$sched" 1000 $((SLOP * b_tasks)) || break
		note "stopped $2: off by $((sum - sched)) ns"
	done
	check "stopped $2" "metered $sum ns, scheduler $sched ns, off by $((sum - sched))" \
		near "$sum" "$sched" 1000 $((SLOP * b_tasks))
	check "group $2" "kvmeter's copy of the scheduler's account" \
		[ $((b_group_exec_ns - a_group_exec_ns)) = "$sched" ]
	check "billed $2" "all but halt polling" \
		[ "$b_billed_cpu_ns" = $((b_times_guest_ns + b_times_host_ns + b_times_other_ns)) ]
	check "wait $2" "$((b_times_wait_ns - a_times_wait_ns)) ns, scheduler $((b_vcpu_wait_ns - a_vcpu_wait_ns)) ns" \
		near $((b_times_wait_ns - a_times_wait_ns)) $((b_vcpu_wait_ns - a_vcpu_wait_ns)) 1000 100000
}

# exits as KVM itself counts them, for the whole VM
kvm_stat() {	# VARIABLE NAME PID
	local file n sum=0

	for file in /sys/kernel/debug/kvm/"$3"-*/"$2"; do
		value n "$file"
		sum=$((sum + n))
	done
	printf -v "$1" %s $sum
}

load

# What of its metered time was in the guest, in bp
guest_bp() {
	echo $(((b_times_guest_ns - a_times_guest_ns) * 10000 / $(metered)))
}

guest spin --mode spin && compare spin "spin 1 vCPU"
in_guest=$(guest_bp)
guest duty --mode duty --duty-bp 5000 && compare duty "duty 1 vCPU"

# Work per guest time, of both at the same time and on the same CPU: it has no speed of
# its own. Once more, and once more, if it was held up under one of them.
pin() {	# NAME CPU
	local pid=${1}_pid

	taskset -pac "$2" "${!pid}" >/dev/null
}
pin spin 0
pin duty 0
for _ in 1 2 3; do
	sample a_ -s spin && guest_report spin v_
	sample c_ -s duty && guest_report duty x_
	snooze 4
	sample b_ -s spin && guest_report spin w_
	sample d_ -s duty && guest_report duty y_
	full=$(((w_work - v_work) * 1000000 / ((b_times_guest_ns - a_times_guest_ns) / 1000)))
	half=$(((y_work - x_work) * 1000000 / ((d_times_guest_ns - c_times_guest_ns) / 1000)))
	! near "$half" "$full" 250000 0 || break
	note "work per guest time: spin $full, half duty $half per ms"
done
check "work per guest time" "spin $full, half duty $half per ms; within 25 %" \
	near "$half" "$full" 250000 0
guest_end spin
guest_end duty

guest duty2 --mode duty --duty-bp 3000 --vcpus 2 && compare duty2 "duty 2 vCPUs"
guest_end duty2
guest spin2 --mode spin --vcpus 2 && compare spin2 "spin 2 vCPUs"
guest_end spin2
guest idle --mode idle && compare idle "idle"
guest_end idle
guest exits --mode exits --exit-kind cpuid && compare exits "exits in the kernel"
check "who spins is in the guest, who exits is not" "$in_guest and $(guest_bp) bp of what is metered" \
	[ "$in_guest" -gt "$(guest_bp)" ]
guest_end exits
guest helper --mode duty --helper-spin 5000 && {
	compare helper "helper thread"
	# what it says first, kvmeter has seen then
	guest_report helper w_
	sample b_ -s helper
	check "helper is other" "other $(ms "$b_times_other_ns"), the helper says $(ms "$w_helper_ns")" \
		[ "$b_times_other_ns" -ge $((w_helper_ns * 9 / 10 - TICK)) ]
}
guest_end helper

# halt polling: metered, as a class of its own, and not charged
guest hlt --mode hlt --cycle-ms 1 && {
	compare hlt "halts"
	check "halt polling is seen" "$((b_times_halt_poll_ns - a_times_halt_poll_ns)) ns" \
		[ $((b_times_halt_poll_ns - a_times_halt_poll_ns)) -gt 0 ]
}
guest_end hlt

# two on one CPU: each waits half of the time
guest_run one --mode spin
guest_run two --mode spin
taskset -pac 0 "$one_pid" >/dev/null
taskset -pac 0 "$two_pid" >/dev/null
if guest_ready one && guest_ready two && until_ok 10 vm_of one_vm "$one_pid"; then
	taskset -pac 0 "$one_pid" >/dev/null
	taskset -pac 0 "$two_pid" >/dev/null
	compare one "contended"
	check "waiting is seen" "$(ms $((b_times_wait_ns - a_times_wait_ns))), and ran $(ms "$(metered)")" \
		[ $((b_times_wait_ns - a_times_wait_ns)) -gt $(($(metered) / 3)) ]
fi
guest_end one
guest_end two

# KVM's own statistics are the reference for the sum of exits; the counts of
# the classes are made of them
if [ -d /sys/kernel/debug/kvm ]; then
	guest busy --mode exits --exit-kind io && {
		kill -STOP "$busy_pid"
		snooze 0.3
		sample a_ busy
		kvm_stat exits_a exits "$busy_pid"
		kill -CONT "$busy_pid"
		snooze 2
		kill -STOP "$busy_pid"
		snooze 0.3
		sample b_ busy
		kvm_stat exits_b exits "$busy_pid"
		check "exits as KVM" "kvmeter $((b_counts_exits - a_counts_exits)), KVM $((exits_b - exits_a))" \
			[ $((b_counts_exits - a_counts_exits)) = $((exits_b - exits_a)) ]
	}
	guest_end busy KILL
fi

# The last notice of a VM has its last counts. The guest counts its own exits;
# two more port writes per vCPU are its "I run" and "I am done". Where there are no ports,
# they are memory that is not there.
ports=counts_class0_count
[ "$(uname -m)" = x86_64 ] || ports=counts_class1_count
for kind in io hypercall cpuid; do
	for vcpus in 1 2; do
		count=3001
		kv watch -n 2 -t 60 lifecycle >"$tmp/life" &
		kv=$!
		until_ok 20 grep -q watching "$tmp/life"
		guest_run count --mode exits --exit-kind $kind --count $count --vcpus $vcpus
		wait "$count_pid"
		wait $kv
		line=$(grep notice=vm-gone-ntf "$tmp/life")
		eval "${line:-counts_exits=0}"
		marks=$((2 * vcpus))
		case $kind in
		io)	   got=$((${!ports-0} - marks)) ;;
		hypercall) got=${counts_class6_count-0} ;;
		cpuid)	   got=${counts_class8_count-0} ;;
		esac
		if [ $kind = cpuid ]; then
			check "count $kind $vcpus" "other exits $got, of which the guest made $count" \
				[ "$got" -ge $count ]
		else
			check "count $kind $vcpus" "$got" [ "$got" = $count ]
			check "count other than $kind $vcpus" "$((${!ports} + counts_class6_count - got)) I/O and hypercalls" \
				[ $((${!ports} + counts_class6_count - got)) = $marks ]
		fi
		# the kernel of an arm64 sees each access to what is not there as a fault
		[ "$(uname -m)" = x86_64 ] || [ $kind != io ] ||
			check "faults $vcpus" "${counts_class5_count-0}, of which $count are I/O" \
				[ "${counts_class5_count-0}" -ge $((count + marks)) ]
		check "count all $kind $vcpus" "exits ${counts_exits-0}" \
			[ "${counts_exits-0}" -ge $((count + marks)) ]
	done
done

finish
