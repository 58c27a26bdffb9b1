#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Replay: what the module decided for a guest that follows a trace is what the
# core decides in userspace from the same samples, to the bit; and but for the
# meter's noise it is what it decides from the trace itself.
#
# Bounds of the noise: to wake up and to halt 50 times a second costs an emulated
# guest some percent of its CPU, and the last cycle of a period falls to either
# side of its end: 500 bp on the average, 1000 in 99 % of the periods. Rises
# and returns may so be four periods apart. That is on a machine whose clock
# counts instructions (run exact); one that this host holds up shows more.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

tracing=/sys/kernel/tracing
step_ms=100
policy="mode=1,nominal-bp=5000,threshold-mbit=4000,sensitivity-mbit=8000,dwell-ms=500,half-life-s=600,ceiling-bp=20000"

# A quiet load around 20 %, and then three times far more than was sold
demand() {
	local i

	for ((i = 0; i < 260; i++)); do
		if [ $i -ge 160 ] && [ $(((i - 160) % 35)) -lt 12 ]; then
			echo 9000
		else
			echo $((1700 + i * 7919 % 600))
		fi
	done
}

load
if [ ! -d $tracing/events/kvmeter/kvmeter_sample ]; then
	skip samples "no trace events"
	finish
fi
demand >"$tmp/demand"
kv ask host-set period-ns=100000000 "policy.$policy"
echo 8192 >$tracing/buffer_size_kb
echo >$tracing/trace
echo 1 >$tracing/events/kvmeter/kvmeter_sample/enable
echo 1 >$tracing/events/kvmeter/kvmeter_adjustment/enable
guest vm --mode trace --trace "$tmp/demand" --step-ms $step_ms --cycle-ms 20
until_ok 60 ended "$vm_pid"
echo 0 >$tracing/events/kvmeter/enable
cat $tracing/trace >"$tmp/trace"
# shellcheck disable=SC2086	# words
replaylog ${policy//,/ } period-ms=100 ideal="$tmp/demand" step-ms=$step_ms \
	<"$tmp/trace" >"$tmp/result" 2>"$tmp/differences" || not_ok replaylog "$(tail -n 1 "$tmp/differences")"
sed 's/^/# /' "$tmp/differences"
while read -r line; do
	note "$line"
	[[ $line == \#* ]] || eval "$line"
done <"$tmp/result"

check "no sample lost" "$(grep -c LOST "$tmp/trace") gaps" silent test -z "$(grep LOST "$tmp/trace")"
check "enough to compare" "$visits visits, $early of them on an alarm, $adjusted adjustments" \
	test "$visits" -gt 200 -a "$adjusted" -ge 6
check "decided as replayed" "$wrong of $visits visits differ" test "$wrong" -eq 0
check "metered as told" "off by $mean_off_bp bp on the average, 99 % of $compared periods by less than $p99_off_bp" \
	test "$compared" -gt 100 -a "$mean_off_bp" -lt 500 -a "$p99_off_bp" -lt 1000
check "decided as for the trace itself" "$module_episodes rises and returns, $ideal_episodes without noise" \
	test "$module_episodes" -eq "$ideal_episodes" -a "$module_episodes" -ge 3
check "at the same time" "at most $late_periods periods apart" test "$late_periods" -le 4
# that it would be noticed: with a threshold of a bit more
# shellcheck disable=SC2046,SC2086	# words
eval $(replaylog ${policy//,/ } threshold-mbit=5000 period-ms=100 <"$tmp/trace" 2>/dev/null)
check "another policy decides otherwise" "$wrong of $visits visits differ" test "$wrong" -gt 0

finish
