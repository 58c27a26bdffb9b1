#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Births: 64 VMs are born and killed while policies change. At the end the ledgers
# of those that lived through all of it add up to their counters, and the kernel
# has all of its memory.
#
# KVMETER_SOAK_SECONDS is for how long.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

seconds=${KVMETER_SOAK_SECONDS:-50}
VMS=64
STAY=8
LIFE=300	# the longest, of one that nobody kills
UNIT=3600000000000
RANDOM=4711

# A VM with little to do, as there are 64 on one CPU, in slot $1
birth() {	# SLOT
	local n=$RANDOM

	case $((n % 8)) in
	0)	exec kvmguest --mode idle --seconds $LIFE ;;
	1)	exec kvmguest --mode duty --duty-bp 300 --vcpus 2 --seconds $LIFE ;;
	2)	exec kvmguest --mode onoff --on-ms 5 --off-ms 400 --seconds $LIFE ;;
	3)	exec kvmguest --mode exits --count 3000 --seconds $LIFE ;;
	4)	exec kvmguest --mode hlt --cycle-ms 50 --seconds $LIFE ;;
	5)	exec hostilevmm --mode remake --seconds 1 ;;
	6)	exec hostilevmm --mode short --makers 1 --seconds 1 ;;
	7)	exec hostilevmm --mode cycle --vcpus 20 --seconds 1 ;;
	esac >/dev/null 2>&1 &
	slot[$1]=$!
	born=$((born + 1))
}

death() {	# SLOT
	local signal=TERM

	[ $((RANDOM % 2)) = 0 ] || signal=KILL
	kill -s $signal "${slot[$1]}"
	wait "${slot[$1]}"
}

# A policy for any VM, which may be gone by now
change() {
	local vms=("$sys"/vms/*) vm

	vm=${vms[RANDOM % ${#vms[@]}]##*/}
	[ "$vm" != '*' ] || return
	changes=$((changes + 1))
	case $((RANDOM % 8)) in
	0)	kv ask vm-set "id=$vm" policy.mode=1,nominal-bp=$((RANDOM % 9901 + 100)) ;;
	1)	kv ask vm-set "id=$vm" policy.mode=0,nominal-bp=10000 ;;
	2)	kv ask vm-set "id=$vm" policy.mode=2 ;;
	3)	kv ask vm-set "id=$vm" budget.cap-ncr=$((RANDOM * 1000000)),action=1 ;;
	4)	kv ask vm-set "id=$vm" budget.cap-ncr=18446744073709551615 ;;
	5)	kv ask suggest "vm-id=$vm" resource=0 grant-bp=$((RANDOM % 20000)) duration-ms=700 ;;
	6)	kv ask vm-set "id=$vm" tariff.base-ncr-h=$((UNIT / (RANDOM % 9 + 1))) ;;
	7)	kv ask host-set period-ns=$(((RANDOM % 10 + 2) * 10000000)) ;;
	esac >/dev/null 2>&1
}

# Those that stay, and the others until so many seconds are over
round() {	# SECONDS
	local i end word

	for ((i = 0; i < STAY; i++)); do
		guest "stay$i" --mode duty --duty-bp 200
	done
	for ((i = STAY; i < VMS; i++)); do
		birth $i
	done
	end=$((SECONDS + $1)) word=$((SECONDS + 60))
	while [ $SECONDS -lt $end ]; do
		i=$((STAY + RANDOM % (VMS - STAY)))
		death $i
		birth $i
		change
		if [ $SECONDS -ge $word ]; then
			note "$born born, $changes changes"
			word=$((SECONDS + 60))
		fi
	done 2>/dev/null
	for ((i = STAY; i < VMS; i++)); do
		death $i
	done 2>/dev/null
}

only_stay() {
	local vms=("$sys"/vms/*)

	[ "${#vms[@]}" = "$STAY" ]
}

# A ledger adds up, and to what the VM's counters say
reconcile() {	# VM
	local open

	query v_ vm-get "id=$1"
	kv dump ledger-get "vm-id=$1" >"$tmp/records"
	eval "$(ledgersum -p r_ <"$tmp/records")"
	query w_ vm-get "id=$1"
	# in the record that is not closed: up to one second at the dearest price and rate
	open=$((r_longest_ns * 2 + 4000000000))
	[ "$r_gaps" = 0 ] && [ $((r_time_ncr + r_cpu_ncr)) = "$r_total_ncr" ] &&
		[ "$r_cpu_ns" = "$r_total_cpu_ns" ] &&
		between $((v_charged_ncr - open)) "$r_total_ncr" "$w_charged_ncr" && return
	note "VM $1: $r_gaps gaps, $r_time_ncr + $r_cpu_ncr of $r_total_ncr ncr," \
		"$r_cpu_ns of $r_total_cpu_ns ns, charged $v_charged_ncr to $w_charged_ncr, open $open"
	return 1
}

round_end() {
	local i vm wrong=0

	check "only those that stay are left" "$born born, $changes changes" until_ok 60 only_stay
	kv ask host-set record-ns=3600000000000	# nothing is closed or merged meanwhile
	for ((i = 0; i < STAY; i++)); do
		vm=stay${i}_vm
		reconcile "${!vm}" || wrong=$((wrong + 1))
	done
	check "ledgers add up to the counters" "$STAY VMs" [ $wrong = 0 ]
	for ((i = 0; i < STAY; i++)); do
		guest_end "stay$i"
	done
	kv ask host-set record-ns=1000000000
}

born=0
changes=0
slot=()
load
kv ask host-set record-ns=1000000000 \
	"tariff.floor-ncr-h=0,base-ncr-h=$UNIT,ceiling-ncr-h=$UNIT,cpu-ncr-h=$UNIT,notice-ms=0,cost.resource=0+ncr-h=0"
memory_start
round $(((seconds + 4) / 5))
round_end
memory_first
round $((seconds - (seconds + 4) / 5))
round_end
memory_is_back memory

finish
