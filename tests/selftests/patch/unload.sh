#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unload: the module comes and goes under guests that come and go, in any
# order with KVM's own modules.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

ROUNDS=${KVMETER_UNLOAD_ROUNDS:-20}

# Guests that start and end all the time, until $tmp/stop appears
churn() {
	local mode

	while [ ! -e "$tmp/stop" ]; do
		for mode in spin exits duty idle; do
			[ ! -e "$tmp/stop" ] || break
			kvmguest --mode $mode --vcpus 2 --seconds 0.4 >/dev/null 2>&1
		done
	done
}

# The guests that stay
guest spin --mode spin --vcpus 2
guest exits --mode exits --exit-kind io
guest duty --mode duty --duty-bp 5000
churn &
churner=$!

bad=0
slowest=0
seen=0
for round in $(seq "$ROUNDS"); do
	insmod "$KVMETER_KO" || bad=$((bad + 1))
	# at all phases of a period, and with limits in force
	case $((round % 4)) in
	0)	;;
	1)	snooze 0.05 ;;
	2)	snooze 0.3 ;;
	3)	until_ok 10 vm_of spin_vm "$spin_pid" &&
			seen=$((seen + 1)) &&
			vm_set spin policy.nominal-bp=$((round * 100 + 500)) ;;
	esac
	t0=${EPOCHREALTIME/[.,]/}
	rmmod kvmeter || bad=$((bad + 1))
	t0=$(((${EPOCHREALTIME/[.,]/} - t0) / 1000))
	[ $t0 -lt $slowest ] || slowest=$t0
done
check "load and unload under load" "$ROUNDS rounds, slowest rmmod $slowest ms" [ $bad = 0 ]
check "guests are seen each time" "$seen" [ $seen -gt 0 ]
for name in spin exits duty; do
	pid=${name}_pid
	check "guest $name lives" "" kill -0 "${!pid}"
done
touch "$tmp/stop"
wait $churner
guest_end spin
guest_end exits
guest_end duty
check "nobody is left behind" "module count" [ ! -d /sys/module/kvmeter ]

# in any order with KVM
amd=kvm_amd
if [ -d /sys/module/kvm_intel ]; then
	amd=kvm_intel
fi
kvm_busy() {
	! rmmod "$amd" 2>/dev/null
}

kvm_gone() {
	rmmod "$amd" && rmmod kvm
}
# the rig's own VM, never entered, keeps KVM loaded
pkill -f -- '--mode hold'
if grep -q '^kvm ' /proc/modules && until_ok 10 kvm_gone; then
	load
	check "load before KVM" "" modprobe $amd
	guest late --mode spin && ok "guest is seen when KVM came later" "vm $late_vm"
	guest_end late
	until_ok 10 vms_gone
	check "KVM can go while kvmeter stays" "" until_ok 10 kvm_gone
	check "KVM can come again" "" modprobe $amd
	guest again --mode spin && {
		ok "guest is seen after that" "vm $again_vm"
		check "KVM stays while a VM runs" "" kvm_busy
	}
	guest_end again
else
	skip "order" "KVM is built in or in use"
fi

finish
