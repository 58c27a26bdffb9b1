#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Disk: every byte and every bio of a VMM counts once, whichever of its threads
# it is of; what they cost; I/O priority on all of its threads where it has an
# effect, and nothing where it has none.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2317
. "$(dirname "$0")/../lib.sh"
# shellcheck source=../disklib.sh
. "$(dirname "$0")/../disklib.sh"

drop_caches() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

modprobe -q bfq
echo none >$queue/scheduler
echo 0 >$queue/rotational
# The kernel itself writes back what has been dirty for 5 s, on a disk that it does not
# know yet. How far a slow machine is by then is not the question: here only fsync does.
writeback=$(cat /proc/sys/vm/dirty_writeback_centisecs)
echo 360000 >/proc/sys/vm/dirty_writeback_centisecs
load
vmm vm $disk

# direct: whoever does it
for who in main worker short uring; do
	job io $who direct write 0 40 65536 65536
	is "direct writes of $who" write_bytes=$((40 * 65536)) write_ops=40 \
		io_write_bytes=$((40 * 65536)) read_bytes=0 read_ops=0 stat_writes=40
	job io $who direct read 0 40 65536 65536
	is "direct reads of $who" read_bytes=$((40 * 65536)) read_ops=40 \
		io_read_bytes=$((40 * 65536)) write_bytes=0 write_ops=0 stat_reads=40
done

# cost: one CPU, so it has one position; the first bio goes back by 100 MiB
vmm_do vm io main direct read $((100 * mib)) 1 4096 4096
job io main direct read $((200 * mib)) 50 65536 65536
is "a sequential run costs one random base" \
	cost_bytes=$((50 * 65536 + 49 * 4 * kib + 16 * kib))
job io main direct read 0 16 4096 $((32 * mib))
is "random ones cost a random base each" cost_bytes=$((16 * (4 + 16) * kib))
job io main direct read $((479 * mib)) 16 4096 $((-mib))
is "nearby is sequential" cost_bytes=$((16 * (4 + 4) * kib))
echo 1 >$queue/rotational
job io main direct read 0 16 4096 $((32 * mib))
is "random ones on a rotating disk" cost_bytes=$((16 * (4 + 448) * kib))
echo 0 >$queue/rotational

# buffered
drop_caches
job io main buffered read 0 64 65536 65536
check "buffered reads: bytes" "$d_read_bytes, by its account $d_io_read_bytes" \
	test "$d_read_bytes" = "$d_io_read_bytes" -a "$d_read_bytes" -ge $((64 * 65536))
# what is larger than the disk takes is cut below where we look
check "buffered reads: operations" "$d_read_ops, by the disk $d_stat_reads" \
	test "$d_read_ops" -le "$d_stat_reads" -a "$d_read_ops" -gt 0
job io main buffered read 0 64 65536 65536
is "what the page cache serves is free" read_bytes=0 read_ops=0 cost_bytes=0
job io worker buffered write 0 64 65536 65536
is "buffered writes count when they dirty pages" write_bytes=$((64 * 65536)) \
	io_write_bytes=$((64 * 65536))
job sync
check "fsync counts operations, no bytes" \
	"$d_write_ops, by the disk $d_stat_writes" \
	test "$d_write_bytes" = 0 -a "$d_write_ops" -gt 0 -a "$d_write_ops" = "$d_stat_writes"
check "what merges has no base" "$d_write_ops bios, $d_cost_bytes cost bytes" \
	test "$d_cost_bytes" -gt 0 -a "$d_cost_bytes" -lt $((d_write_ops * 4 * kib / 4))

# stacked: counted once
if modprobe -q dm_mod && dmsetup create kvmeter_test \
	--table "0 $((256 * mib / 512)) linear /dev/$disk 0" 2>"$tmp/err"; then
	dmsetup mknodes kvmeter_test
	vmm on /dm-0
	figures a_ on
	vmm_do on io main direct write 0 20 65536 65536
	figures b_ on
	differ
	is "a stacked disk counts once" write_bytes=$((20 * 65536)) write_ops=20 stat_writes=20
	guest_end on KILL
	until_ok 10 silent dmsetup remove kvmeter_test
else
	skip "a stacked disk" "$(tail -n 1 "$tmp/err" 2>/dev/null)"
fi

# others on the same disk
figures a_ vm
dd if=/dev/$disk of=/dev/null bs=1M count=8 iflag=direct 2>/dev/null
figures b_ vm
differ
is "what others do is not the VM's" read_bytes=0 read_ops=0 cost_bytes=0
check "it was seen by the disk" "$d_stat_reads reads" test "$d_stat_reads" -gt 0

# I/O priority

suggest() {	# BP
	kv ask suggest "vm-id=$vm_vm" resource=3 "grant-bp=$1" duration-ms=600000 >/dev/null
}

# The distinct priorities of all its threads
prios() {
	local dir tids=()

	for dir in /proc/"$vm_pid"/task/*; do
		tids+=("${dir##*/}")
	done
	ionice -p "${tids[@]}" 2>/dev/null | sort -u | paste -sd,
}

prios_are() {
	[ "$(prios)" = "$1" ]
}

grant_is() {
	local grant

	value grant "$sys/vms/$vm_vm/disk/grant_bp"
	[ "$grant" = "$1" ]
}

why_has() {
	local why

	value why "$sys/vms/$vm_vm/disk/why"
	[[ $why = *$1* ]]
}

vm_set vm "policy.resource=3,mode=1,nominal=100000,ceiling-bp=40000,floor-bp=1000,threshold-mbit=30000" >/dev/null
before=$(prios)
note "before: $before"
for scheduler in none mq-deadline; do
	echo $scheduler >$queue/scheduler
	suggest 20000
	vmm_do vm io main direct read 0 4 65536 65536
	check "$scheduler has no use for a priority" "" until_ok 20 why_has "is $scheduler"
	check "$scheduler: nothing is in force" "" grant_is 10000
	check "$scheduler: nothing is set" "$(prios)" prios_are "$before"
done

if echo bfq >$queue/scheduler; then
	vmm_do vm io main direct read 0 4 65536 65536
	check "bfq: a boost" "" until_ok 20 prios_are "best-effort: prio 0"
	check "it is in force" "" until_ok 10 grant_is 20000
	vmm_do vm spawn
	check "a new thread has it, too" "$(prios)" prios_are "best-effort: prio 0"
	suggest 5000
	check "a throttle" "" until_ok 20 prios_are "best-effort: prio 6"
	suggest 10000
	check "all threads get back what they had" "$before" until_ok 20 prios_are "$before"

	suggest 20000
	until_ok 20 prios_are "best-effort: prio 0"
	periods_stop 40
	check "priorities lapse when periods stop" "" until_ok 20 prios_are "$before"
	periods_go_on
	check "and are back when periods are" "" until_ok 10 prios_are "best-effort: prio 0"
	for task in /proc/"$vm_pid"/task/*; do
		[ "$(cat "$task/comm")" != worker ] || ionice -c 2 -n 3 -p "${task##*/}"
	done
	check "a conflict is told" "" until_ok 20 why_has "someone else"
	check "and is not in force" "" until_ok 10 grant_is 10000
	suggest 10000
	check "theirs stays" "" until_ok 20 prios_are "best-effort: prio 3,$before"
	for task in /proc/"$vm_pid"/task/*; do
		ionice -c 0 -p "${task##*/}"
	done
	suggest 20000
	until_ok 20 prios_are "best-effort: prio 0"

	# everything comes back, while it reads and writes
	vmm_do vm loop short direct write 0 10 65536 65536
	check "unload under I/O" "" unload
	check "unload gives all back" "$(prios)" until_ok 5 prios_are "$before"
	load
	until_ok 20 vm_of vm_vm "$vm_pid"
	vm_set vm "policy.resource=3,mode=1,nominal=100000,ceiling-bp=40000,threshold-mbit=30000" >/dev/null
	suggest 20000
	check "again" "" until_ok 20 grant_is 20000
else
	skip "priorities" "no bfq"
	vmm_do vm loop short direct write 0 10 65536 65536
	check "unload under I/O" "" unload
	load
	until_ok 20 vm_of vm_vm "$vm_pid"
fi
guest_end vm KILL
check "the VM goes under I/O" "" until_ok 20 vms_gone
unload
echo "$writeback" >/proc/sys/vm/dirty_writeback_centisecs
finish
