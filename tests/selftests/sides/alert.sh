#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Alerts: what is unusual for a VM is told once, to people, and moves no grant.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

tracing=/sys/kernel/tracing/events/kvmeter/kvmeter_alert

# of its CPU, so far: in $q_usage0_alerts
alerts() {	# AT-LEAST
	query q_ vm-get "id=$vm_vm"
	[ "$q_usage0_alerts" -ge "$1" ]
}

samples() {	# AT-LEAST: periods that were learned
	local n

	snooze 2	# asking costs CPU time that the guest wants
	n=$(kvmeter profile --json vm | grep -o '"samples":[0-9]\+' | head -n 1)
	[ "${n#*:}" -ge "$1" ]
}

load
kv ask host-set period-ns=20000000
guest vm --mode duty --duty-bp 1000
vm_set vm name=vm policy.threshold-mbit=4000
check "a thousand periods are learned" "" until_ok 120 samples 1000
alerts 0
was=$q_usage0_alerts
note "$was alerts while it began"
kv watch -t 120 alerts >"$tmp/notices" &
watch=$!
kvmeter watch --groups alert --timeout 2m >"$tmp/said" &
said=$!
[ ! -d $tracing ] || echo 1 >$tracing/enable
until_ok 10 grep -q '^watching' "$tmp/notices"
snooze 1
tell vm spin
check "an alert when it is busy all of the time" "" until_ok 30 alerts $((was + 1))
query q_ vm-get "id=$vm_vm"
check "its score is the threshold's at least" "${q_usage0_alert_mbit-none}" \
	[ "${q_usage0_alert_mbit-0}" -ge 4000 ]
check "it was lately" "" near "${q_usage0_alert_real_ns-0}" "$(date +%s)000000000" 0 60000000000
snooze 5
alerts 0
check "an event is told once or twice, not each period" "$((q_usage0_alerts - was)) alerts in 250 periods" \
	between 1 $((q_usage0_alerts - was)) 5
check "no grant moved" "$q_usage0_grant_bp" [ "$q_usage0_grant_bp" = 10000 ]
check "kvmeter watch says so" "$(head -n 1 "$tmp/said")" grep -q '^alert .* vm.* cpu .* bits' "$tmp/said"
check "kvmeter show does" "" grep -q 'for this time .* alert' <(kvmeter show vm)
check "the notice names the resource" "$(grep -o 'alerted=[0-9]*' "$tmp/notices" | head -n 3 | paste -sd,)" \
	grep -q 'alerted=[0-9]' "$tmp/notices"
kill $watch $said
wait $watch $said 2>/dev/null
if [ -d $tracing ]; then
	echo 0 >$tracing/enable
	check "the trace event tells it" "" grep -q "kvmeter_alert: vm=$vm_vm resource=0 " \
		/sys/kernel/tracing/trace
else
	skip "the trace event tells it" "no trace events"
fi
check "what was learned can be dropped" "" kvmeter profile reset vm
guest_end vm
finish
