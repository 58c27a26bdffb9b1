#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Trace: kvmeter's events are written where things happen.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

tracing=/sys/kernel/tracing
load
if [ ! -d $tracing/events/kvmeter ]; then
	skip events "no trace events"
	finish
fi
check "seven events" "$(find $tracing/events/kvmeter -mindepth 1 -maxdepth 1 -type d | wc -l)" \
	test -d $tracing/events/kvmeter/kvmeter_adjustment -a -d $tracing/events/kvmeter/kvmeter_price \
	-a -d $tracing/events/kvmeter/kvmeter_deviation -a -d $tracing/events/kvmeter/kvmeter_sample -a -d $tracing/events/kvmeter/kvmeter_throttle_begin \
	-a -d $tracing/events/kvmeter/kvmeter_throttle_end -a -d $tracing/events/kvmeter/kvmeter_alert
kv ask host-set period-ns=50000000
guest vm --mode duty --duty-bp 1000
vm_set vm policy.mode=1,nominal-bp=5000,threshold-mbit=4000,sensitivity-mbit=8000,dwell-ms=100,half-life-s=60,ceiling-bp=20000 \
	tariff.notice-ms=0
snooze 5
until_ok 20 quiet vm || note "its demand is noisy"
# the first of them is not to be overwritten, however long the test takes
echo 16384 >$tracing/buffer_size_kb
echo >$tracing/trace
echo 1 >$tracing/events/kvmeter/enable
tell vm spin
until_ok 10 grep -q kvmeter_deviation: $tracing/trace
kv ask suggest "vm-id=$vm_vm" resource=0 grant-bp=15000 duration-ms=600000 >/dev/null
snooze 1
kv ask suggest "vm-id=$vm_vm" resource=0 grant-bp=10000 duration-ms=0 >/dev/null
vm_set vm policy.mode=0,nominal-bp=1000
snooze 1
vm_set vm policy.nominal-bp=10000
snooze 0.5
echo 0 >$tracing/events/kvmeter/enable
cp $tracing/trace "$tmp/trace"
for event in sample deviation adjustment price throttle_begin throttle_end; do
	check "event $event" "$(grep -c "kvmeter_$event:" "$tmp/trace")" \
		grep -q "kvmeter_$event: .*vm=$vm_vm " "$tmp/trace"
done
# what was traced is what was logged
kv dump log-get "vm-id=$vm_vm" >"$tmp/log"
seq=$(sed -n 's/.*kvmeter_adjustment: seq=\([0-9]*\) .*/\1/p' "$tmp/trace" | tail -n 1)
check "the same in the log" "seq ${seq-none}" grep -q " seq=${seq-none} " "$tmp/log"
# unload while events are being written
echo 1 >$tracing/events/kvmeter/enable
vm_set vm policy.nominal-bp=1000
snooze 0.5
check "unload with events enabled" "" unload
guest_end vm

finish
