#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# io.max: with a cgroup, writeback is its VM's, and a disk grant is a limit that
# follows what the VM does, holds, and is given back.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2317
. "$(dirname "$0")/../lib.sh"
# shellcheck source=../disklib.sh
. "$(dirname "$0")/../disklib.sh"

suggest() {	# BP
	kv ask suggest "vm-id=$vm_vm" resource=3 "grant-bp=$1" duration-ms=600000 >/dev/null
}

# io.max of the VM, its line of the disk, as max_KEY
io_max() {
	local line pair

	eval "unset \${!max_@}"
	line=$(grep "^$(cat "/sys/block/$disk/dev") " "$cgroup/io.max") || return 1
	for pair in ${line#* }; do
		printf -v "max_${pair%%=*}" %s "${pair#*=}"
	done
}

# The corner of the box, by the bases that its VM has: a cap or less
reads_get_most() {
	io_max && [ "$max_rbps" != max ] && [ "$max_rbps" -gt "$max_wbps" ]
}

writes_get_most() {
	io_max && [ "$max_rbps" != max ] && [ "$max_wbps" -gt "$max_rbps" ]
}

grant_is() {
	local grant

	value grant "$sys/vms/$vm_vm/disk/grant_bp"
	[ "$grant" = "$1" ]
}

no_limit() {
	! io_max
}

echo none >$queue/scheduler
echo 0 >$queue/rotational
load
cgroup_make kvmeter-disk
vmm vm $disk
echo "$vm_pid" >"$cgroup/cgroup.procs"
job io main buffered write 0 64 65536 65536
is "bytes count when they dirty pages" write_bytes=$((64 * 65536)) write_ops=0
job sync
figures a_ vm

exec 9<"$cgroup"
kv ask cgroup-attach "vm-id=$vm_vm" fd=9 >/dev/null || not_ok attach
snooze 0.5
vmm_do vm io main buffered write $((64 * mib)) 64 65536 65536
figures a_ vm
sync
figures b_ vm
differ
check "writeback by others is counted" "$d_write_ops, by the disk $d_stat_writes" \
	test "$d_write_ops" -gt 0 -a "$d_write_ops" -le "$d_stat_writes"
is "and adds no bytes" write_bytes=0

vm_set vm "policy.resource=3,mode=1,nominal=100000,ceiling-bp=40000,floor-bp=1000,threshold-mbit=30000" >/dev/null
vmm_do vm io main direct read 0 100 65536 65536
check "a limit for who reads" "" until_ok 20 reads_get_most
cap=$((100000 * kib))
check "is within the cap" "$max_rbps + $max_wbps of $cap" test $((max_rbps + max_wbps)) -le $cap
vmm_do vm io main direct write 0 100 65536 65536
vmm_do vm io main direct write 0 100 65536 65536
check "follows when it writes" "" until_ok 20 writes_get_most
suggest 5000
half() {
	io_max && [ $((max_rbps + max_wbps)) -le $((cap / 2)) ]
}
check "half of it" "" until_ok 20 half
check "is in force" "" until_ok 20 grant_is 5000
weight_is() {
	local weight

	value weight "$cgroup/io.weight"
	[ "$weight" = "default $1" ]
}
check "and half its weight among cgroups" "" until_ok 10 weight_is 50
suggest 20000
check "twice, with no use for a priority" "" until_ok 20 grant_is 20000
check "and twice the weight" "" until_ok 10 weight_is 200

# What the VM's use costs over so long: in $kib_s
cost_rate() {	# SECONDS
	local t0 us

	figures a_ vm
	t0=${EPOCHREALTIME/[.,]/}
	snooze "$1"
	figures b_ vm
	us=$((${EPOCHREALTIME/[.,]/} - t0))
	differ
	kib_s=$((d_cost_bytes * 1000000 / us / 1024))
}

# 4 MiB/s of cost: what a VM that wants more gets
echo 4096 >"$sys/vms/$vm_vm/disk/nominal_kib_s"
suggest 10000
vmm_do vm loop main direct write 0 10 65536 65536
snooze 3
cost_rate 5
check "the limit holds" "$kib_s KiB/s of 4096" test $kib_s -le 4500 -a "$d_write_ops" -gt 0
check "and gives it" "$kib_s KiB/s of 4096" test $kib_s -ge 2855
# few operations a second: one more or less at either end
gives_of_256() {
	cost_rate 6
	note "$kib_s KiB/s of 256, $d_write_ops operations"
	between 64 $kib_s 293
}
echo 256 >"$sys/vms/$vm_vm/disk/nominal_kib_s"
check "a limit of 256 KiB/s holds, and gives of it" "" until_ok 30 gives_of_256
check "unload under the limit" "" unload
check "gives it back" "" until_ok 5 no_limit
check "and the weight" "" until_ok 5 weight_is 100
exec 9<&-
guest_end vm KILL
finish
