#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Memory: the meter against the kernel's figures and what the guest touched;
# limits by memory.high: a budget's cap makes an idle guest smaller and leaves
# a busy one what it needs; nothing is killed, all is given back.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2120,SC2317
. "$(dirname "$0")/../lib.sh"

FLOOR_BP=5500
# of its 256 MiB: more than the floor, however much of them is resident
BUSY_MIB=185

cg=/sys/fs/cgroup/vm-memory
linux_can || {
	skip memory "no guest kernel"
	finish
}

# The guest works: it answers, and what it touched is there
answers() {	# [SECONDS]
	linux_report linux r_ "${1-240}"
}

mem() {	# PREFIX: as netlink tells it
	query "$1" vm-get "id=$linux_vm"
}

high_is() {
	local high

	value high "$cg/memory.high"
	[ "$high" = "$1" ]
}

current_kib() {
	local bytes

	value bytes "$cg/memory.current"
	echo $((bytes / 1024))
}

below() {	# KIB
	[ "$(current_kib)" -le "$1" ]
}

oom_kills() {
	awk '$1 == "oom_kill" { print $2 }' "$cg/memory.events"
}

load
mkdir "$cg"
linux_micro linux 256 "$cg" || finish

# the meter
check "resident" "$(status_kib linux VmRSS) KiB by the kernel" until_ok 20 same_rss linux
mem a_
current=$(current_kib)
read -r -a stat <"/proc/$linux_pid/stat"
minor=${stat[9]}
tell linux touch 96
answers
until_ok 20 same_rss linux
mem b_
read -r -a stat <"/proc/$linux_pid/stat"
grown=$((b_memory_resident_kib - a_memory_resident_kib))
# many of the pages were there: its kernel had used them while it started
check "what the guest touched" "96 MiB, $grown KiB" between $((8 * 1024)) $grown $((106 * 1024))
charged_as_grown() {
	mem b_
	grown=$((b_memory_resident_kib - a_memory_resident_kib))
	charged=$(($(current_kib) - current))
	near "$charged" "$grown" 50000 2048
}
until_ok 20 charged_as_grown
check "what the cgroup was charged" "$charged KiB, $grown KiB" near "$charged" "$grown" 50000 2048
minor=$((stat[9] - minor))
faults=$((b_memory_minor_faults - a_memory_minor_faults))
check "faults of the VMM" "$minor by the kernel, $faults" near $faults $minor 20000 64
fixed=$((b_memory_fault1_count - a_memory_fault1_count))
taken=$((b_memory_fault0_count - a_memory_fault0_count))
check "faults of the guest" "taken $taken, fixed $fixed" between 1 $fixed $taken
reads=$((b_memory_fault6_count - a_memory_fault6_count))
writes=$((b_memory_fault7_count - a_memory_fault7_count))
execs=$((b_memory_fault8_count - a_memory_fault8_count))
check "by what it wanted" "read $reads, wrote $writes, fetched $execs, KVM took $taken" \
	[ $((reads + writes + execs)) = "$taken" ]
check "it wrote, mostly" "" [ "$writes" -gt $((reads + execs)) ]
sample_is_resident() {
	mem b_
	near $((b_usage1_usage * 1024)) "$b_memory_resident_kib" 0 4096
}
check "sample" "$b_memory_resident_kib KiB" until_ok 20 sample_is_resident
check "no cgroup, no knowledge" "" [ "$b_memory_working_set_source" = 0 ]

# size times time: between the inner and the outer time
t0=${EPOCHREALTIME/[.,]/}
mem a_
t1=${EPOCHREALTIME/[.,]/}
snooze 3
t2=${EPOCHREALTIME/[.,]/}
mem b_
t3=${EPOCHREALTIME/[.,]/}
used=$((b_memory_used_mib_ms - a_memory_used_mib_ms))
least=$((a_memory_resident_kib < b_memory_resident_kib ? a_memory_resident_kib : b_memory_resident_kib))
most=$((a_memory_resident_kib + b_memory_resident_kib - least))
check "size times time" "$used MiB ms" between $((least * (t2 - t1) / 1024000 - 1024)) $used \
	$((most * (t3 - t0) / 1024000 + 1024))

# limits need a cgroup; with room for what is charged and is not resident
current=$(current_kib)
size=$(((b_memory_resident_kib > current ? b_memory_resident_kib : current) / 1024 + 16))
vm_set linux "policy.resource=1,mode=1,nominal=$size,floor-bp=$FLOOR_BP,ceiling-bp=40000,dwell-ms=0,threshold-mbit=30000"
told() {	# PATTERN
	mem m_
	# shellcheck disable=SC2053	# a pattern
	[[ ${m_usage1_unenforceable-} == $1 ]]
}
check "no cgroup is told" "" until_ok 10 told "no cgroup*"
kv ask cgroup-attach "vm-id=$linux_vm" fd=9 9<"$cg"
check "the limit" "nominal $size MiB" until_ok 10 high_is $((size << 20))
in_force() {
	mem m_
	[ "$m_usage1_grant_bp" = 10000 ] && [ -z "${m_usage1_unenforceable-}" ]
}
check "in force" "" until_ok 20 in_force
kv ask suggest "vm-id=$linux_vm" resource=1 grant-bp=20000 duration-ms=600000 >/dev/null
check "a boost lets it grow" "" until_ok 60 high_is $((size << 21))
low_is() {
	local low

	value low "$cg/memory.low"
	[ "$low" = "$1" ]
}
check "and protects it" "" until_ok 5 low_is $((size << 21))
kv ask suggest "vm-id=$linux_vm" resource=1 grant-bp=10000 duration-ms=0 >/dev/null
check "its end ends that" "" until_ok 30 high_is $((size << 20))
check "protection, too" "" until_ok 5 low_is 0

# a budget's cap: an idle guest shrinks to the floor
swap=
if modprobe zram num_devices=1 2>/dev/null && echo 512M >/sys/block/zram0/disksize &&
	mkswap /dev/zram0 >/dev/null && swapon /dev/zram0; then
	swap=1
fi
floor_kib=$((size * 1024 * FLOOR_BP / 10000 / 4 * 4))
floor=$((floor_kib / 1024))
if [ -n "$swap" ]; then
	before=$(current_kib)
	anon=$(status_kib linux RssAnon)
	vm_set linux budget.cap-ncr=1,period-s=0,action=0
	check "the cap makes it smaller" "$before KiB, floor $floor_kib KiB" \
		until_ok 180 below $((floor_kib + 4096))
	check "memory.high" "" until_ok 60 high_is $((floor_kib * 1024))
	at_floor() {
		mem m_
		[ "$m_usage1_grant_bp" = $FLOOR_BP ]
	}
	check "the grant in force" "" until_ok 20 at_floor
	# the kernel's account: what is not resident any more is in the swap
	has_shrunk() {
		left=$(status_kib linux RssAnon)
		swapped=$(status_kib linux VmSwap)
		[ "$left" -le $((floor_kib + 4096)) ] && near $((anon - left)) "$swapped" 100000 8192
	}
	until_ok 20 has_shrunk
	check "use fell" "anonymous $anon KiB, $left left, $swapped swapped" has_shrunk
	check "the guest lives" "" answers

	# it wants its pages back, over and over: it gets them, and they are its working set
	tell linux touch $BUSY_MIB again
	found() {
		mem m_
		[ "$m_memory_working_set_source" = 1 ]
	}
	check "the working set is found" "" until_ok 400 found	# a slow guest touches few
	check "that is told" "" until_ok 180 told "the working set is larger*"
	served() {
		snooze 2
		answers && [ "$r_dirtied_mb" -ge "$goal_mb" ]
	}
	answers
	goal_mb=$((r_dirtied_mb + 16))
	check "a busy guest is served" "from $r_dirtied_mb to $goal_mb MiB" until_ok 240 served
	note "it is $m_memory_working_set_kib KiB, full ${m_memory_full_bp-} bp, $(grep -h refault_anon "$cg/memory.stat")"
	kept() {
		local high

		mem m_
		value high "$cg/memory.high"
		[ "$m_memory_working_set_source" = 1 ] && [ "$high" != max ] &&
			[ $((high >> 10)) -ge "$m_memory_working_set_kib" ]
	}
	check "the limit stays above" "" until_ok 60 kept
	tell linux touch 0	# it is its host's still

	# measured by userspace
	fed=$(((floor + 20) * 1024))
	vm_set linux working-set-kib=$fed
	mem m_
	check "measured" "$m_memory_working_set_kib KiB" [ "$m_memory_working_set_kib/$m_memory_working_set_source" = $fed/2 ]
	least=$(((fed + fed / 16) / 4 * 4))
	shrinks() {
		vm_set linux working-set-kib=$fed	# what is known is forgotten in a minute
		high_is $((least * 1024))
	}
	check "shrinks to that" "" until_ok 180 shrinks
	vm_set linux working-set-kib=0
else
	skip shrink "no zram in this kernel"
fi
vm_set linux budget.cap-ncr=$((2**64 - 1)) || vm_set linux budget.cap-ncr=0xffffffffffffffff
vm_set linux policy.resource=1,nominal=0
check "not sold, not limited" "" until_ok 60 high_is max
[ -z "$swap" ] || swapoff /dev/zram0

# where nothing can be taken
before=$(current_kib)
vm_set linux "policy.resource=1,nominal=$floor"
check "no swap is found out" "" until_ok 60 told "*working set*"
kept_all() {
	local high

	value high "$cg/memory.high"
	[ "$high" != max ] && [ $((high >> 10)) -ge "$(current_kib)" ]
}
check "the limit lets it be" "" until_ok 30 kept_all
check "it lives" "" answers
# huge pages may be split, and what of them is zero given back: less is no harm
flows() {
	mem m_
	[ "${m_memory_full_bp-0}" -le 1000 ]
}
check "and does not stand still" "$(current_kib) of $before KiB" until_ok 20 flows

# someone else's limit
echo $((200 << 20)) >"$cg/memory.high"
check "conflict is told" "" until_ok 10 told "someone else*"
mem m_
check "and not billed" "grant $m_usage1_grant_bp" [ "$m_usage1_grant_bp" = 10000 ]
vm_set linux policy.resource=1,nominal=0
snooze 1.5
check "theirs stays" "" high_is $((200 << 20))
vm_set linux "policy.resource=1,nominal=$((size * 2))"
snooze 1.5
check "and is never loosened" "$size MiB twice" high_is $((200 << 20))
vm_set linux policy.resource=1,nominal=0
echo max >"$cg/memory.high"
vm_set linux "policy.resource=1,nominal=$size"
until_ok 10 high_is $((size << 20))
unload
check "unload restores" "" high_is max
check "nothing was killed" "$(oom_kills)" [ "$(oom_kills)" = 0 ]
check "to the end it lives" "" answers
kill -KILL "$linux_pid"
wait "$linux_pid" 2>/dev/null
rmdir "$cg"
[ -z "$swap" ] || rmmod zram

finish
