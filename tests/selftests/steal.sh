#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Steal: a throttled guest knows. What kvmeter withholds shows as stolen time
# in the guest, within 20 %.

# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/lib.sh"

load

# on the raw interface
guest raw --mode spin
vm_set raw policy.nominal-bp=3000
snooze 0.5
sample a_ raw
guest_report raw v_
snooze 3
sample b_ raw
guest_report raw w_
withheld=$((b_times_throttled_ns + b_times_wait_ns - a_times_throttled_ns - a_times_wait_ns))
stolen=$((w_steal_ns - v_steal_ns))
check "raw guest" "withheld and waiting $(ms $withheld), stolen $(ms $stolen)" near $stolen $withheld 200000 100000000
guest_end raw

# a Linux
kernel=${KVMETER_GUEST_KERNEL-}
qemu=$(command -v qemu-system-x86_64)
if [ ! -e "$kernel" ] || [ ! -e "$repo/build/guests/initramfs" ] || [ -z "$qemu" ]; then
	skip "Linux guest" "no guest kernel"
	finish
fi
mkfifo "$tmp/console"
exec 5<>"$tmp/console"
"$qemu" -M microvm,accel=kvm -cpu host -smp 1 -m 128 -nodefaults -no-user-config \
	-display none -no-reboot -kernel "$kernel" -initrd "$repo/build/guests/initramfs" \
	-append "console=ttyS0 quiet panic=-1 tsc=reliable" -serial stdio \
	<&5 >"$tmp/linux" 2>&1 &
linux_pid=$!
guests+=("$linux_pid")
linux_says() {
	tr -d '\r' <"$tmp/linux" | grep -aq "$1"
}
if ! until_ok 180 linux_says '^ready'; then
	not_ok "Linux guest" "does not start: $(tail -c 300 "$tmp/linux" | tr '\r\n' '  ')"
	finish
fi
vm_of linux_vm "$linux_pid"

reports() {
	[ "$(tr -d '\r' <"$tmp/linux" | grep -ac '^report')" -gt "$1" ]
}

linux_report() {	# PREFIX
	local n pair

	n=$(tr -d '\r' <"$tmp/linux" | grep -ac '^report')
	echo report >&5
	until_ok 60 reports "$n" || return 1
	for pair in $(tr -d '\r' <"$tmp/linux" | grep -a '^report' | tail -n 1); do
		[ "$pair" = report ] || printf -v "$1${pair%%=*}" %s "${pair#*=}"
	done
}

echo spin >&5
vm_set linux policy.nominal-bp=3000
snooze 2
linux_report v_
sample a_ linux
snooze 8
linux_report w_
sample b_ linux
withheld=$((b_times_throttled_ns + b_times_wait_ns - a_times_throttled_ns - a_times_wait_ns))
stolen=$(((w_steal_ticks - v_steal_ticks) * 10000000))
check "Linux guest" "withheld and waiting $(ms $withheld), stolen $(ms $stolen)" near $stolen $withheld 200000 200000000
check "Linux guest is throttled" "withheld $(percent $withheld $((b_mono_ns - a_mono_ns)))" \
	[ $withheld -gt $(((b_mono_ns - a_mono_ns) / 2)) ]
exec 5>&-
guest_end linux KILL

finish
