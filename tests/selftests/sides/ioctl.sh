#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# /dev/kvmeter: who holds a VM sees and moves it and nothing else; what is not
# meant to be is refused; a VM that ends takes nobody with it.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

load
check "the device" "" until_ok 10 test -c /dev/kvmeter

tenant walk >"$tmp/walk" 2>&1
status=$?
check "walk" "$(tail -n 1 "$tmp/walk")" [ $status = 0 ]
grep -v '^ok' "$tmp/walk" | head -n 60 | sed 's/^/# /'
until_ok 20 vms_gone

tenant storm 5 >"$tmp/storm" 2>&1
status=$?
check "storm" "$(tail -n 1 "$tmp/storm")" [ $status = 0 ]
grep -v '^ok' "$tmp/storm" | head -n 20 | sed 's/^/# /'
until_ok 20 vms_gone

# An open file holds the module as any device's does, and says who it is
exec 8<>/dev/kvmeter
check "an open file holds the module" "" sh -c '! rmmod kvmeter 2>/dev/null'
check "its holder can be found" "" sh -c "ls -l /proc/$$/fd | grep -q /dev/kvmeter"
exec 8>&-

# What a VMM's author follows
if command -v vmm-example >/dev/null; then
	kv ask host-set policy.mode=1,nominal-bp=5000,dwell-ms=0,step-bp=10000,ceiling-bp=20000 \
		tariff.base-ncr-h=1000000000,cost.resource=0+ncr-h=500000000,notice-ms=0
	vmm-example 10 >"$tmp/example" 2>&1
	sed 's/^/# /' "$tmp/example"
	check "the example attaches" "" grep -q '^attached' "$tmp/example"
	check "is quoted" "" grep -q '^quote accepted_bp=20000 answer=0 .*diff_ncr_h=500000000' "$tmp/example"
	check "suggests" "" grep -q '^suggest accepted_bp=20000' "$tmp/example"
	check "is told" "" grep -q '^notice grant_bp=20000 price_ncr_h=1500000000 ' "$tmp/example"
	until_ok 20 vms_gone
	vmm-example 2 1000 >"$tmp/example" 2>&1
	check "keeps to its purse" "" grep -q '^too dear' "$tmp/example"
fi

finish
