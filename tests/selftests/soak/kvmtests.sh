#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# KVM tests: KVM's own selftests, with every VM limited, boosted and on a budget,
# end with the same status as without the module.
#
# One is run without the module first. What then fails, is skipped or does not end
# in KVMETER_KVMTEST_SECONDS is not asked for more: the emulator has no such CPU, or
# is too slow. One that is not the same is run twice more both ways, as some are
# not always the same by themselves.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

patience=${KVMETER_KVMTEST_SECONDS:-60}
dir=${KVMETER_KVMTESTS-}

# Benchmarks, and tests of whole machines: chosen by what they do, not by a clock
too_slow="access_tracking_perf_test demand_paging_test dirty_log_perf_test dirty_log_test \
	hardware_disable_test kvm_create_max_vcpus kvm_page_table_test max_guest_memory_test \
	memslot_modification_stress_test memslot_perf_test rseq_test"

# Each VM is held to a third, raised above its share, and out of budget, one after the
# other. There is no setting to raise VMs to come: one that lives is told to.
ways=(policy.nominal-bp=3000 policy.nominal-bp=10000 "budget.cap-ncr=0,action=0")

# In $status: 124 if it took too long, 4 if it does not suit this machine
run_one() {	# TEST SECONDS
	timeout -k 5 "$2" "$dir/$1" >"$tmp/out" 2>&1 </dev/null
	status=$?
}

without() {	# TEST
	unload
	run_one "$1" "$patience"
}

# Held to a fifth it takes five times as long, and more
with() {	# TEST WAY
	load
	kv ask host-set policy.mode=1,nominal-bp=10000,floor-bp=2000,ceiling-bp=20000,dwell-ms=0 \
		tariff.notice-ms=0 budget.cap-ncr=18446744073709551615 "$2" ||
		not_ok "settings for $1" "refused: $2"
	if [ "$2" = policy.nominal-bp=10000 ]; then
		while snooze 0.1; do
			boost_all
		done &
		booster=$!
		guests+=($!)
	fi
	run_one "$1" $((patience * 10))
	[ -z "$booster" ] || { kill "$booster" && wait "$booster"; } 2>/dev/null
	booster=
}

# Not the same once: is it like that without the module as well, now and then?
also_without() {	# TEST STATUS
	for _ in 1 2 3 4; do
		without "$1"
		[ $status != "$2" ] || return 0
	done
	return 1
}

compare() {	# TEST STATUS WAY
	local got

	with "$1" "$3"
	got=$status
	if [ $got = "$2" ]; then
		ok "$1 with $3" "status $got"
		return
	fi
	tail -n 8 "$tmp/out" >"$tmp/out.with"
	if also_without "$1" $got; then
		ok "$1 with $3" "status $got, as without the module now and then"
	else
		not_ok "$1 with $3" "status $got, and $2 without the module"
		sed 's/^/# /' "$tmp/out.with"
	fi
}

if [ ! -d "$dir" ]; then
	skip kvmtests "KVM's selftests are not built (tests/vm/kvmtests)"
	finish
fi

# A test may say nothing for long
while snooze 60; do
	note "$SECONDS s"
done &
guests+=($!)
asked=0
booster=
for test in ${KVMETER_KVMTEST_NAMES:-"$dir"/* "$dir"/x86_64/*}; do
	test=${test#"$dir/"}
	if [ ! -f "$dir/$test" ] || [ ! -x "$dir/$test" ]; then
		continue
	fi
	[[ " $too_slow " != *[[:space:]]"$test"[[:space:]]* ]] || continue
	without "$test"
	case $status in
	4)	note "$test: not for this machine"
		continue ;;
	124 | 137)
		note "$test: too slow here"
		continue ;;
	esac
	asked=$((asked + 1))
	want=$status
	for way in "${ways[@]}"; do
		compare "$test" "$want" "$way"
	done
done
check "tests that can be run here" "$asked" [ $asked -gt 0 ]

finish
