#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Stopped: a Linux guest that was paused for longer than its watchdogs wait is told
# so, and does not call it a lockup.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

THRESH=5	# seconds; a soft lockup takes twice as long
PAUSE=25

# Lines of its kernel's
lockups() {
	grep -acE 'soft lockup|rcu.*(stall|starved)' "$linux_out"
}

load
linux_can || {
	skip "Linux guest" "no guest kernel"
	finish
}
linux_guest linux --append "watchdog_thresh=$THRESH" || finish
tell linux spin
snooze 2
before=$(lockups)
check "pauses" "" pause linux
snooze $PAUSE
vm_set linux "budget.cap-ncr=18446744073709551615"
check "goes on" "" until_ok 20 linux_report linux r_ 60
snooze $((2 * THRESH))
linux_report linux r_ 60
check "no lockup" "$before before, $(lockups) after a pause of $PAUSE s" [ "$(lockups)" = "$before" ]
guest_end linux

finish
