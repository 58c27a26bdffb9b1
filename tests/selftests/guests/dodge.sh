#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Dodge: what is used is metered, whatever a tenant does to hide it.
#
# A guest that runs only between two ticks of the scheduler pays nothing where ticks are
# sampled. It was worth 98 % of a core elsewhere.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

load
guest dodge --mode dodge --margin-us 800
snooze 3		# it learns the phase of the tick
sample a_ -s dodge
snooze 4
sample b_ -s dodge
sum=$((b_times_guest_ns + b_times_host_ns + b_times_halt_poll_ns + b_times_other_ns \
	- a_times_guest_ns - a_times_host_ns - a_times_halt_poll_ns - a_times_other_ns))
sched=$((b_run_ns - a_run_ns))
ticks=$((b_tick_cpu_ns - a_tick_cpu_ns))
note "scheduler $(ms $sched), kvmeter $(ms $sum), sampled at ticks $(ms $ticks) ($(percent $ticks $sched))"
check "metered" "off by $((sum - sched)) ns of $sched" near $sum $sched 1000 $((20000 * b_tasks))
check "billed" "$(ms $((b_billed_cpu_ns - a_billed_cpu_ns)))" \
	[ $((b_billed_cpu_ns - a_billed_cpu_ns)) -ge $((sum * 9 / 10)) ]
# On a machine that is late at everything the guest meets ticks all the same
if near $ticks $sched 200000 0; then
	note "the guest did not manage to dodge this time"
else
	ok "ticks are wrong" "by $(percent $((ticks - sched)) $sched)"
fi
guest_end dodge

# Threads that are no vCPU: what such a one uses is the group's use less that of vCPUs.
others() {	# NAME SECONDS
	local vm=${1}_vm t0=${EPOCHREALTIME/[.,]/}

	query a_ vm-get "id=${!vm}"
	snooze "$2"
	query b_ vm-get "id=${!vm}"
	other_ns=$((b_times_other_ns - a_times_other_ns))
	span_ns=$(((${EPOCHREALTIME/[.,]/} - t0) * 1000))
}
for mode in sidethread stranger; do
	bad_guest bad $mode --calm || continue
	guest_known bad || continue
	tell bad go
	snooze 1
	others bad 3
	# three spin on two CPUs
	check "$mode: threads that are no vCPU are metered" "$(ms $other_ns) of $(ms $span_ns)" \
		[ $other_ns -gt $((span_ns / 5)) ]
	guest_end bad KILL
done

finish
