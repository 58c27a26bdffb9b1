#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# io.max: with a cgroup, writeback is its VM's, and a disk grant is a limit that
# follows what the VM does, holds, and is given back.

# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2154,SC2317
. "$(dirname "$0")/lib.sh"

disk=vda
queue=/sys/block/$disk/queue
kib=1024
mib=$((1024 * 1024))

# diskio on a disk; sets NAME_pid, NAME_vm
vmm() {	# NAME DISK
	mkfifo "$tmp/$1.in"
	taskset 1 "$repo/build/selftests/diskio" "/dev/$2" <>"$tmp/$1.in" >"$tmp/$1.out" 2>&1 &
	printf -v "${1}_pid" %s $!
	guests+=($!)
	if ! until_ok 60 grep -q '^ready' "$tmp/$1.out" || ! until_ok 20 vm_of "${1}_vm" $!; then
		not_ok "vmm $1" "$(tail -n 1 "$tmp/$1.out")"
		finish
	fi
}

answers() {	# NAME
	grep -c '^done' "$tmp/$1.out"
}

more_answers() {	# NAME THAN
	[ "$(answers "$1")" -gt "$2" ]
}

vmm_do() {	# NAME COMMAND...
	local name=$1 before
	shift

	before=$(answers "$name")
	echo "$*" >"$tmp/$name.in"
	until_ok 60 more_answers "$name" "$before" || note "no answer: $*"
}

# kvmeter's figures, the process's account and the disk's, as PREFIXkey
figures() {	# PREFIX NAME
	local vm=${2}_vm pid=${2}_pid key word stat

	for key in read_bytes write_bytes read_ops write_ops cost_bytes; do
		value "$1$key" "$sys/vms/${!vm}/disk/$key"
	done
	while read -r key word; do
		printf -v "$1io_${key%:}" %s "$word"
	done <"/proc/${!pid}/io"
	value stat "/sys/block/$disk/stat"
	# shellcheck disable=SC2086	# fields
	set -- "$1" $stat
	printf -v "${1}stat_reads" %s $(($2 + $3))
	printf -v "${1}stat_writes" %s $(($6 + $7))
}

# What changed between two of them, as d_key
differ() {
	local key name

	for key in read_bytes write_bytes read_ops write_ops cost_bytes io_read_bytes \
		   io_write_bytes stat_reads stat_writes; do
		name=a_$key
		local end=b_$key
		printf -v "d_$key" %s $((${!end} - ${!name}))
	done
}

# One job and what it changed
job() {	# COMMAND...
	figures a_ vm
	vmm_do vm "$@"
	figures b_ vm
	differ
}

is() {	# NAME WANTED...: "key=value"
	local name=$1 pair key wrong=
	shift

	for pair; do
		key=d_${pair%%=*}
		[ "${!key}" = "${pair#*=}" ] || wrong+=" ${pair%%=*} ${!key}, not ${pair#*=}"
	done
	check "$name" "$*$wrong" test -z "$wrong"
}

drop_caches() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

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
suggest 20000
check "twice, with no use for a priority" "" until_ok 20 grant_is 20000

# 4 MiB/s of cost: what a VM that wants more gets
echo 4096 >"$sys/vms/$vm_vm/disk/nominal_kib_s"
suggest 10000
vmm_do vm loop main direct write 0 10 65536 65536
snooze 3
figures a_ vm
t0=${EPOCHREALTIME/[.,]/}
snooze 5
figures b_ vm
us=$((${EPOCHREALTIME/[.,]/} - t0))
differ
kib_s=$((d_cost_bytes * 1000000 / us / 1024))
check "the limit holds" "$kib_s KiB/s of 4096" test $kib_s -le 4500 -a "$d_write_ops" -gt 0
check "unload under the limit" "" unload
check "gives it back" "" until_ok 5 no_limit
exec 9<&-
guest_end vm KILL
finish
