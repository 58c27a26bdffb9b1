#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Policy: a spike in a guest's demand moves its grant and its price as the
# policy says, and both come back. How fast is printed, not judged.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

BASE=1000000000
COST=1000000000
tariff="tariff.floor-ncr-h=0,base-ncr-h=$BASE,ceiling-ncr-h=10000000000,notice-ms=0,slew-ncr-h-min=0,cpu-ncr-h=0,cost.resource=0+ncr-h=$COST"
eager="threshold-mbit=5000,sensitivity-mbit=10000,dwell-ms=200,step-bp=2500,dead-band-bp=500,half-life-s=60,floor-bp=2000,ceiling-bp=20000"

log_of() {	# NAME: its log to $tmp/log
	local vm=${1}_vm

	kv dump log-get "vm-id=${!vm}" >"$tmp/log"
}

logged() {	# NAME PATTERN
	log_of "$1"
	grep -Eq "$2" "$tmp/log"
}

at_rest() {	# NAME
	local vm=${1}_vm grant price

	value grant "$sys/vms/${!vm}/cpu/grant_bp"
	value price "$sys/vms/${!vm}/price_ncr_h"
	[ "$grant" = 10000 ] && [ "$price" = "$BASE" ]
}

# Learn a quiet demand, then a spike; the time of its command in $spike_ns
spike() {	# NAME SECONDS
	tell "$1" duty 1000
	snooze "$2"
	until_ok 20 quiet "$1" || note "its demand is noisy: alarm at ${q_usage0_alarm-nothing yet}"
	until_ok 20 at_rest "$1"
	spike_us=${EPOCHREALTIME/[.,]/}
	tell "$1" spin
}

calm() {
	tell "$1" duty 1000
}

# The spike's first adjustment, as l_key, and how long it took
first_after() {	# NAME
	local line

	log_of "$1"
	eval "unset \${!l_@}"
	while read -r line; do
		eval "l_${line// / l_}"
		[ "$l_real_ns" -lt "${spike_us}000" ] || break
	done <"$tmp/log"
	reaction=$((${l_real_ns-0} / 1000 - spike_us))
}

# Each entry: grants and prices go the same way, by cost times the change
consistent() {
	local line want

	while read -r line; do
		eval "$line"
		[ "${line/ would=1/}" = "$line" ] || continue
		want=$((BASE + COST * (new_grant_bp - 10000) / 10000))
		if [ "$new_ncr_h" != "$want" ]; then
			note "seq $seq: grant $new_grant_bp, price $new_ncr_h, not $want"
			return 1
		fi
	done <"$tmp/log"
}

load
kv ask host-set period-ns=50000000

guest vm --mode duty --duty-bp 1000
vm_set vm "$tariff" "policy.mode=0,shadow=1,nominal-bp=10000,$eager"

# observe: only says what it would have done
# Its start, busy for seconds on a slow machine, is forgotten: of each busy period 5 bits
# want 31 that are not. A machine that stands still now and then makes more of them.
# And only who wants nine tenths of its CPU presses on its share: a kernel with all
# checks on a slow machine may need more than a tenth for itself.
q_usage0_demand=10000
for _ in 1 2 3; do
	kv ask profile-reset "vm-id=$vm_vm"
	spike vm 35
	until_ok 10 logged vm ' would=1 ' && break
	query q_ vm-get "id=$vm_vm"
	note "no rise: demand $q_usage0_demand, alarm at ${q_usage0_alarm-nothing yet}, $q_usage0_surprise_mbit mbit"
	[ "$q_usage0_demand" -ge 9500 ] || break
	calm vm
done
if [ "$q_usage0_demand" -lt 9500 ] && ! logged vm ' would=1 '; then
	skip "observe logs" "the VM gets no more than $q_usage0_demand of 10000"
else
	check "observe logs" "would-have entries" logged vm ' would=1 '
fi
first_after vm
note "observe: first entry $reaction us after the spike's command, surprise ${l_surprise_mbit-?} mbit"
snooze 1
sample a_ vm
check "observe changes nothing" "grant $a_usage0_grant_bp, price $a_price_ncr_h, throttled $a_times_throttled_ns" \
	[ "$a_usage0_grant_bp" = 10000 -a "$a_price_ncr_h" = $BASE -a "$a_times_throttled_ns" = 0 ]
log_of vm
check "observe applies nothing" "no entry without would" [ "$(grep -vc ' would=1 ' "$tmp/log")" = 0 ]
calm vm
guest_end vm

# elastic: a VM that presses on its share gets more and pays more
guest vm --mode duty --duty-bp 1000
vm_set vm "$tariff" "policy.mode=1,nominal-bp=5000,$eager"
spike vm 6
check "elastic raises the grant" "" until_ok 10 logged vm " new_grant_bp=(1[0-9]{4}|20000) "
first_after vm
note "elastic: $reaction us after the spike's command: grant ${l_old_grant_bp-?} to ${l_new_grant_bp-?}, surprise ${l_surprise_mbit-?} mbit"
check "elastic is prompt" "$reaction us, at most 5 s" between 0 "$reaction" 5000000
value price "$sys/vms/$vm_vm/price_ncr_h"
check "elastic raises the price" "$price, was $BASE" [ "$price" -gt $BASE ]
snooze 1
sample a_ -s vm
snooze 1
sample b_ -s vm
check "elastic gives more" "ran $(percent $((b_vcpu_run_ns - a_vcpu_run_ns)) $((b_mono_ns - a_mono_ns))), nominal share 50 %" \
	[ $(((b_vcpu_run_ns - a_vcpu_run_ns) * 100 / (b_mono_ns - a_mono_ns))) -gt 60 ]
calm vm
check "elastic returns" "grant 10000, price $BASE" until_ok 20 at_rest vm
log_of vm
check "elastic prices follow grants" "$(wc -l <"$tmp/log") entries" consistent
guest_end vm

# guard: a spike is held to what is normal, and pays less
guest vm --mode duty --duty-bp 1000
vm_set vm "$tariff" "policy.mode=2,nominal-bp=10000,$eager"
spike vm 6
check "guard lowers the grant" "" until_ok 10 logged vm " reason=2 "
first_after vm
note "guard: $reaction us after the spike's command: grant ${l_old_grant_bp-?} to ${l_new_grant_bp-?}, surprise ${l_surprise_mbit-?} mbit"
value price "$sys/vms/$vm_vm/price_ncr_h"
check "guard lowers the price" "$price, was $BASE" [ "$price" -lt $BASE ]
snooze 1
sample a_ -s vm
snooze 1
sample b_ -s vm
check "guard holds" "ran $(percent $((b_vcpu_run_ns - a_vcpu_run_ns)) $((b_mono_ns - a_mono_ns)))" \
	[ $(((b_vcpu_run_ns - a_vcpu_run_ns) * 100 / (b_mono_ns - a_mono_ns))) -lt 80 ]
calm vm
check "guard returns" "grant 10000, price $BASE" until_ok 20 at_rest vm
log_of vm
check "guard prices follow grants" "$(wc -l <"$tmp/log") entries" consistent

# Every entry can be explained
if command -v kvmeter >/dev/null; then
	log_of vm
	for seq in $(grep -o ' seq=[0-9]*' "$tmp/log" | cut -d= -f2 | head -n 4); do
		check "explain $seq" "" silent kvmeter explain "$seq"
	done
else
	skip explain "no kvmeter tool"
fi
seqs=$(grep -o ' seq=[0-9]*' "$tmp/log" | cut -d= -f2)
check "sequence rises" "$(echo "$seqs" | wc -l) numbers" [ "$(echo "$seqs" | sort -nu)" = "$seqs" ]
guest_end vm

finish
