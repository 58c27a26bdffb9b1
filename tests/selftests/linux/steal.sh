#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Steal: a throttled guest knows. What kvmeter withholds, and what it waits for a
# CPU, shows as stolen time in the guest.
#
# The two are read one after the other, and a guest that is throttled takes its time
# to answer: kvmeter is asked before and after each reading, and what was stolen is at
# least the inner of its times and at most the outer, within 20 %.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

# Between samples: $away ns withheld and waited
away() {	# PREFIX PREFIX
	local t1=$1times_throttled_ns w1=$1times_wait_ns t2=$2times_throttled_ns w2=$2times_wait_ns

	away=$((${!t2} + ${!w2} - ${!t1} - ${!w1}))
}

# A reading of the guest within two of kvmeter's, and later another: in $inner, $outer
readings() {	# NAME SECONDS COMMAND...: puts it into v_, and then into w_
	local name=$1 seconds=$2
	shift 2

	sample a_ "$name"
	"$@" v_ && sample b_ "$name" && snooze "$seconds" && sample c_ "$name" && "$@" w_ || return
	sample d_ "$name"
	away b_ c_
	inner=$away
	away a_ d_
	outer=$away
}

load

# on the raw interface
guest raw --mode spin
vm_set raw policy.nominal-bp=3000
snooze 0.5
readings raw 3 guest_report raw
stolen=$((w_steal_ns - v_steal_ns))
check "raw guest" "withheld and waiting $(ms $inner) to $(ms $outer), stolen $(ms $stolen)" \
	between $((inner * 8 / 10 - 100000000)) $stolen $((outer * 12 / 10 + 100000000))
guest_end raw

# a Linux
linux_can || {
	skip "Linux guest" "no guest kernel"
	finish
}
linux_micro linux 128 || finish

tell linux spin
vm_set linux policy.nominal-bp=3000
snooze 2
linux_steal() {	# PREFIX
	linux_report linux "$1" 60
}
readings linux 8 linux_steal
stolen=$(((w_steal_ticks - v_steal_ticks) * 10000000))
check "Linux guest" "withheld and waiting $(ms $inner) to $(ms $outer), stolen $(ms $stolen)" \
	between $((inner * 8 / 10 - 200000000)) $stolen $((outer * 12 / 10 + 200000000))
# with what QEMU's own thread does for its console
check "Linux guest is throttled" "ran $(percent $((c_run_ns - b_run_ns)) $((c_mono_ns - b_mono_ns)))" \
	between 100 $(((c_run_ns - b_run_ns) * 10000 / (c_mono_ns - b_mono_ns))) 4000
check "and would have run" "withheld $(percent $((c_times_throttled_ns - b_times_throttled_ns)) $((c_mono_ns - b_mono_ns)))" \
	[ $((c_times_throttled_ns - b_times_throttled_ns)) -gt $(((c_mono_ns - b_mono_ns) / 10)) ]
guest_end linux KILL

finish
