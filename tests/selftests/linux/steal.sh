#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Steal: a throttled guest knows. What kvmeter withholds shows as stolen time
# in the guest, within 20 %.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

load

# on the raw interface
guest raw --mode spin
vm_set raw policy.nominal-bp=3000
snooze 0.5
sample a_ raw
guest_report raw v_
snooze 3
sample b_ raw
guest_report raw w_
withheld=$((b_times_throttled_ns + b_times_wait_ns - a_times_throttled_ns - a_times_wait_ns))
stolen=$((w_steal_ns - v_steal_ns))
check "raw guest" "withheld and waiting $(ms $withheld), stolen $(ms $stolen)" near $stolen $withheld 200000 100000000
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
linux_report linux v_ 60
sample a_ linux
snooze 8
linux_report linux w_ 60
sample b_ linux
withheld=$((b_times_throttled_ns + b_times_wait_ns - a_times_throttled_ns - a_times_wait_ns))
stolen=$(((w_steal_ticks - v_steal_ticks) * 10000000))
check "Linux guest" "withheld and waiting $(ms $withheld), stolen $(ms $stolen)" near $stolen $withheld 200000 200000000
check "Linux guest is throttled" "withheld $(percent $withheld $((b_mono_ns - a_mono_ns)))" \
	[ $withheld -gt $(((b_mono_ns - a_mono_ns) / 2)) ]
guest_end linux KILL

finish
