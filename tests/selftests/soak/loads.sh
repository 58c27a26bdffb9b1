#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Loads: the module comes and goes many times under guests that come, run, change
# and go, and the kernel has all of its memory afterwards.
#
# KVMETER_LOADS is how many times.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

loads=${KVMETER_LOADS:-20}

# Guests of all kinds that start and end all the time, until $tmp/stop appears
churn() {
	local n=0

	while [ ! -e "$tmp/stop" ]; do
		n=$((n + 1))
		case $((n % 6)) in
		0)	kvmguest --mode spin --vcpus 2 --seconds 0.4 ;;
		1)	kvmguest --mode exits --seconds 0.4 ;;
		2)	hostilevmm --mode remake --seconds 0.5 ;;
		3)	hostilevmm --mode short --seconds 0.5 ;;
		4)	hostilevmm --mode cycle --vcpus 16 --seconds 0.5 ;;
		5)	hostilevmm --mode fork --seconds 0.5 --children 5 ;;
		esac >/dev/null 2>&1
	done
}

once() {	# N
	local file n=0

	insmod "$KVMETER_KO" || return
	# at all phases of a period, and with limits, boosts and pauses in force
	case $(($1 % 5)) in
	1)	snooze 0.05 ;;
	2)	snooze 0.3 ;;
	3)	until_ok 10 compgen -G "$sys/vms/*" >/dev/null && seen=$((seen + 1))
		kv ask host-set policy.mode=1,nominal-bp=$(($1 % 90 * 100 + 500)) || return ;;
	4)	kv ask host-set policy.mode=1,nominal-bp=10000,ceiling-bp=20000 || return
		until_ok 10 compgen -G "$sys/vms/*" >/dev/null && boost_all
		kv ask host-set budget.cap-ncr=0,action=1 || return
		for file in "$sys"/vms/*/cpu/guest_ns; do
			value n "$file"
		done ;;
	esac
	rmmod kvmeter
}

round() {	# LOADS
	local n churner stay

	rm -f "$tmp/stop"
	guest_run spin --mode spin --vcpus 2
	guest_ready spin
	guest_run duty --mode duty --duty-bp 2000
	guest_ready duty
	stay="$spin_pid $duty_pid"
	churn &
	churner=$!
	guests+=($!)
	for ((n = 0; n < $1; n++)); do
		once $n 2>>"$tmp/err" || bad=$((bad + 1))
		[ $((n % 20)) != 19 ] || note "$((n + 1)) loads"
	done
	touch "$tmp/stop"
	wait $churner
	# shellcheck disable=SC2086	# words
	kill -0 $stay || bad=$((bad + 1))
	guest_end spin
	guest_end duty
}

bad=0
seen=0
memory_start
round $(((loads + 4) / 5))
memory_first
round $((loads - (loads + 4) / 5))
check "all loads and unloads" "$loads, guests seen in $seen of them, $bad failed: $(tail -n 1 "$tmp/err")" \
	[ $bad = 0 -a $seen -gt 0 ]
memory_is_back memory

finish
