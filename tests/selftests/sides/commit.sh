#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Commit: a request with policy, tariff and budget takes effect as one. No grant
# and no price follows from the new policy and the old tariff, and not a
# nanosecond is charged at such a price.
#
# 3.6e12 ncr/h is 1 ncr/ns. Under the old policy and tariff the price is 0, and
# under the new ones it is 1000 ncr/h, that is 3 ncr in 10 s. Under the new policy
# and the old tariff it would be 0.6 ncr/ns: 600 ncr in one microsecond.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

UNIT=3600000000000
BASE=1000
MOST=50		# ncr that the new price charges in the test's time: of 3 minutes

# Begin to write down the notices of the VM
watch() {
	kv watch -t 60 price adjustments budget >"$tmp/notices" &
	watcher=$!
	until_ok 10 grep -q watching "$tmp/notices"
}

# End it; in $nr_adjust, $nr_price and $nr_budget: how many there were
watched() {
	snooze 0.5
	kill $watcher
	wait $watcher 2>/dev/null
	nr_adjust=$(grep -c '^notice=adjust-ntf ' "$tmp/notices")
	nr_price=$(grep -c '^notice=price-ntf ' "$tmp/notices")
	nr_budget=$(grep -c '^notice=budget-ntf ' "$tmp/notices")
}

load
# no period's end falls between two steps of the test
kv ask host-set period-ns=10000000000
guest vm --mode duty --duty-bp 1000
free="tariff.floor-ncr-h=0,base-ncr-h=$UNIT,ceiling-ncr-h=$UNIT,notice-ms=0,slew-ncr-h-min=0,cpu-ncr-h=0,cost.resource=0+ncr-h=$((2 * UNIT))"
paid="tariff.base-ncr-h=$BASE,cost.resource=0+ncr-h=0"
vm_set vm "$free" policy.mode=1,floor-bp=1000,dead-band-bp=0,step-bp=100000
kv ask suggest "vm-id=$vm_vm" resource=0 grant-bp=5000 duration-ms=600000 >"$tmp/answer"
query a_ vm-get "id=$vm_vm"
check "half the grant is free" "grant $a_usage0_grant_bp, price $a_price_ncr_h" \
	[ "$a_usage0_grant_bp" = 5000 -a "$a_price_ncr_h" = 0 ]

watch
vm_set vm policy.floor-bp=8000 "$paid" budget.cap-ncr=1000000000000000,period-s=3600
query b_ vm-get "id=$vm_vm"
watched
check "all is in force" "grant $b_usage0_grant_bp, price $b_price_ncr_h, cap $b_budget_cap_ncr" \
	[ "$b_usage0_grant_bp" = 8000 -a "$b_price_ncr_h" = $BASE -a "$b_budget_cap_ncr" = 1000000000000000 ]
check "one adjustment" "$((b_adjustment_seq - a_adjustment_seq)) in the log, $nr_adjust notices" \
	[ $((b_adjustment_seq - a_adjustment_seq)) = 1 -a "$nr_adjust" = 1 ]
check "one price" "$((b_price_seq - a_price_seq)) in the history, $nr_price notices" \
	[ $((b_price_seq - a_price_seq)) = 1 -a "$nr_price" = 1 ]
eval "$(kv -p n_ dump log-get "vm-id=$vm_vm" "since-seq=$a_adjustment_seq" | head -n 1)"
check "the adjustment has the new price" "${n_old_ncr_h-?} to ${n_new_ncr_h-?}" \
	[ "${n_old_ncr_h-}" = 0 -a "${n_new_ncr_h-}" = $BASE ]
check "nothing is charged at a mixed price" "$((b_charged_ncr - a_charged_ncr)) ncr" \
	between 0 $((b_charged_ncr - a_charged_ncr)) $MOST

# A budget that is spent limits the grant at once: the new policy's grant is not
# in force before.
vm_set vm "$free"
kv ask suggest "vm-id=$vm_vm" resource=0 grant-bp=9000 duration-ms=600000 >"$tmp/answer"
until_ok 10 eval 'query a_ vm-get "id=$vm_vm"; [ "$a_usage0_grant_bp" = 9000 ]'
check "nine tenths are paid for" "grant $a_usage0_grant_bp, spent $a_budget_state_spent_ncr ncr" \
	[ "$a_usage0_grant_bp" = 9000 -a "${a_budget_state_spent_ncr:-0}" -gt 1 ]
watch
vm_set vm policy.floor-bp=9500 "$paid" budget.cap-ncr=1,action=1
query b_ vm-get "id=$vm_vm"
watched
check "a spent budget pauses" "grant $b_usage0_grant_bp, price $b_price_ncr_h" \
	[ "$b_usage0_grant_bp" = 0 ]
check "one adjustment, by the budget" "$((b_adjustment_seq - a_adjustment_seq)) in the log, $nr_adjust notices" \
	[ $((b_adjustment_seq - a_adjustment_seq)) = 1 -a "$nr_adjust" = 1 ]
check "the budget is told once" "$nr_budget notices" [ "$nr_budget" = 1 ]
check "at most one price" "$((b_price_seq - a_price_seq)) in the history, $nr_price notices" \
	[ $((b_price_seq - a_price_seq)) -le 1 -a "$nr_price" -le 1 ]
finish
