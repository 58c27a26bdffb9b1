#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Netlink: nothing that is not meant to be changes anything, everything that is
# refused is said why, and the kernel's own client can drive the family.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

load
guest vm --mode duty --duty-bp 2000
vm_set vm name=before

export KVMETER_MODEL=$repo/tools/model/default.kmm
hostile walk "$vm_vm" >"$tmp/walk"
status=$?
check "hostile requests are refused" "$(tail -n 1 "$tmp/walk")" [ $status = 0 ]
grep '^not ok' "$tmp/walk" | head -n 40 | sed 's/^/# /'

hostile nobody "$vm_vm" >"$tmp/nobody"
status=$?
check "nothing without privilege" "$(tail -n 1 "$tmp/nobody")" [ $status = 0 ]
grep '^not ok' "$tmp/nobody" | head -n 20 | sed 's/^/# /'

# what is meant to be
kv ask vm-set "id=$vm_vm" name=0123456789012345678901234567890123456789012345678901234567890ab
check "the longest name" "" [ $? = 0 ]
query a_ vm-get "id=$vm_vm"
check "comes back whole" "$a_name" [ ${#a_name} = 63 ]
kv ask vm-set "id=$vm_vm" "name=a 'quote' \$x" image=
query a_ vm-get "id=$vm_vm"
check "an odd name comes back" "$a_name" [ "$a_name" = "a 'quote' \$x" ]

# two who set and one who reads
kv ask vm-set "id=$vm_vm" policy.floor-bp=2000,step-bp=2000,dead-band-bp=100 tariff.notice-ms=2000
hostile pairs "$vm_vm" 5 >"$tmp/pairs" &
reader=$!
hostile set "$vm_vm" 5 2000 >"$tmp/set1" &
one=$!
hostile set "$vm_vm" 5 3000 >"$tmp/set2" &
two=$!
wait $one && wait $two && wait $reader
status=$?
check "requests are atomic" "$(tail -n 1 "$tmp/set1"), $(tail -n 1 "$tmp/set2"), $(tail -n 1 "$tmp/pairs")" [ $status = 0 ]

# VMs that die in the middle of a dump
hostile dump 6 >"$tmp/dump" &
dumper=$!
until ended $dumper; do
	kvmguest --mode spin --vcpus 2 --seconds 0.3 >/dev/null 2>&1 &
	kvmguest --mode duty --seconds 0.2 >/dev/null 2>&1
	wait $!
done
wait $dumper
status=$?
check "dumps survive dying VMs" "$(tail -n 1 "$tmp/dump")" [ $status = 0 ]

# damage at random; whatever it set by chance is set back
hostile fuzz "$vm_vm" 3000 >"$tmp/fuzz"
status=$?
check "random damage" "$(tail -n 1 "$tmp/fuzz")" [ $status = 0 ]
guest_end vm

# the kernel's own client, from the specification
if [ "${KVMETER_KERNEL-}" = 6.12 ] && [ -e "${KVMETER_YNL-}" ]; then
	guest vm --mode duty --duty-bp 2000
	python3 "$KVMETER_YNL" --no-schema --spec "$KVMETER_SPEC" --dump vm-get >"$tmp/ynl" 2>&1
	check "ynl dumps VMs" "" grep -Eq "'?id'?: $vm_vm\b" "$tmp/ynl"
	check "ynl knows every attribute" "" sh -c "! grep -Ei 'unknown|error|traceback' '$tmp/ynl'"
	python3 "$KVMETER_YNL" --no-schema --spec "$KVMETER_SPEC" --do vm-set \
		--json "{\"id\": $vm_vm, \"policy\": {\"mode\": \"guard\", \"nominal-bp\": 4200}}" >"$tmp/ynl" 2>&1
	query a_ vm-get "id=$vm_vm"
	check "ynl sets" "mode $a_policy0_mode, nominal $a_policy0_nominal_bp" \
		[ "$a_policy0_mode" = 2 -a "$a_policy0_nominal_bp" = 4200 ]
	guest_end vm
else
	skip ynl "on 6.12 only: it is slow"
fi

finish
