#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A guest as in production: Linux in QEMU, with a virtio disk, one NIC that QEMU
# serves and one that vhost serves. What kvmeter says of it against what the
# host, the taps, the disk and the guest say; what its limits do to the guest's
# own work, and that their end gives it all back.
#
# Limits are a small part of what the guest does without, measured before; where
# the machine is not some times as fast, nothing is seen and nothing claimed. A
# rate under a limit is seen in one of some windows, as who is kept from its CPU
# uses nothing, and then catches up.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"
# shellcheck source=../disklib.sh
. "$(dirname "$0")/../disklib.sh"

NET_KIB=256		# per second
DISK_KIB=512
HEADERS=66		# of a TCP segment: link, IP, TCP with a time stamp

linux_can || {
	skip realguest "no guest kernel"
	finish
}

# kvmeter's figures as n_, the taps' own as t0_ and t1_
nics() {
	local i field

	for i in 0 1; do
		for field in rx_bytes rx_packets tx_bytes tx_packets; do
			tap_count "t${i}_$field" "tap$i" $field
		done
	done
	query n_ vm-get "id=$linux_vm"
	# they are in the order of being found
	swapped=0
	[ "${n_nic0_name-}" = tap0 ] || swapped=1
}

# kvmeter's figure of the NIC on tapN: in $nic
nic() {	# N FIELD
	local key=n_nic$(($1 ^ swapped))_$2

	nic=${!key-0}
}

found() {
	nics
	nic 0 name
	[ "$nic" = tap0 ] && nic 1 name && [ "$nic" = tap1 ]
}

# From here on both count
base() {
	local i pair

	nics
	for i in 0 1; do
		for pair in out:rx in:tx; do
			nic $i "${pair%:*}_bytes"
			local t=t${i}_${pair#*:}_bytes
			printf -v "base${i}_${pair%:*}_bytes" %s $((nic - ${!t}))
			nic $i "${pair%:*}_packets"
			t=t${i}_${pair#*:}_packets
			printf -v "base${i}_${pair%:*}_packets" %s $((nic - ${!t}))
		done
	done
}

# A tap counts a segment that is still to be cut as one, kvmeter as the packets
# that it becomes: as many more headers as packets. In $more, of $nic bytes
cut() {	# N out|in rx|tx
	local t base

	nics
	t=t$1_$3_packets base=base$1_$2_packets
	nic "$1" "$2_packets"
	more=$((nic - ${!t} - ${!base}))
	t=t$1_$3_bytes base=base$1_$2_bytes
	nic "$1" "$2_bytes"
	[ "$more" -ge 0 ] && near $((nic - ${!t} - ${!base})) $((more * HEADERS)) 0 2000
}

# Bulk TCP for some time: bytes per second by the guest's account, in $bps
net_rate() {	# N send|recv SECONDS
	linux_do linux 60 net "$2" "10.9.$1.1" 5001 bulk "$3" || return
	[ "$took_ms" -gt 0 ] && bps=$((moved * 1000 / took_ms))
}

# What a tap passes of what the guest sends, by the host's clock, in $bps
tap_rate() {	# TAP SECONDS
	local before after t0

	tap_count before "$1" rx_bytes
	t0=${EPOCHREALTIME/[.,]/}
	snooze "$2"
	tap_count after "$1" rx_bytes
	bps=$(((after - before) * 1000000 / (${EPOCHREALTIME/[.,]/} - t0)))
}

disk_rate() {	# read|write KIB... OPTION: in $bps
	linux_do linux 120 disk "$@" || return
	[ "$took_ms" -gt 0 ] || took_ms=1
	bps=$((moved * 1000 / took_ms))
}

# What a job moves while it goes on, by the guest's account and clock: in $bps
going_rate() {	# sent|received|disk_moved
	local from=from_$1 to=to_$1

	snooze 2
	linux_report linux from_ && snooze 2 && linux_report linux to_ || return
	bps=$(((${!to} - ${!from}) * 1000 / (to_uptime_ms - from_uptime_ms)))
}

# A NIC held to NET_KIB; what is moved is payload, and TCP has to find the rate
net_held() {	# N send|recv
	local want=$((NET_KIB * kib)) i free=free_$2$1 what=sent

	if [ "${!free}" -lt $((want * 4)) ]; then
		skip "NIC $1: $2 is held" "without a limit it is ${!free} bytes/s"
		return
	fi
	[ "$2" = send ] || what=received
	linux_tell linux net "$2" "10.9.$1.1" 5001 bulk 600
	for i in 1 2 3; do
		going_rate $what || bps=0
		note "NIC $1: $2 $bps bytes/s"
		! between $((want * 7 / 10)) "$bps" $((want * 6 / 5)) || break
	done
	linux_tell linux net stop
	check "NIC $1: $2 is held" "${!free} bytes/s without, $bps of $want with" \
		between $((want * 7 / 10)) "$bps" $((want * 6 / 5))
}

# Disk: the accounts that figures() reads, and the guest's, as PREFIXkey
disk_figures() {	# PREFIX
	figures "$1" linux
	linux_report linux "$1r_"
}

# The time of the vhost worker, where it is a thread of the VMM: in $worker_ns
worker() {
	local dir comm

	worker_ns=
	for dir in /proc/"$linux_pid"/task/*; do
		value comm "$dir/comm"
		if [[ $comm = vhost-* ]]; then
			read -r worker_ns _ <"$dir/schedstat"
		fi
	done
}

cpu_sum() {	# PREFIX
	local sum=0 key

	for key in guest host halt_poll other; do
		key=$1times_${key}_ns
		sum=$((sum + ${!key}))
	done
	echo $sum
}

limit_net() {	# KIB; 0: none
	vm_set linux "policy.resource=2,nominal=$1" >/dev/null || not_ok "limit of $1" refused
}

net_limited() {
	local nominal

	value nominal "$sys/vms/$linux_vm/network/nominal_kib_s"
	query m_ vm-get "id=$linux_vm"
	[ -z "${m_usage2_unenforceable-}" ] && [ "$nominal" = "$NET_KIB" ]
}

io_max() {
	grep -q "^$(cat /sys/block/vda/dev) " "$cgroup/io.max"
}

no_io_max() {
	! io_max
}

one_nic() {
	query n_ vm-get "id=$linux_vm"
	[ -n "${n_nic0_name-}" ] && [ -z "${n_nic1_name-}" ]
}

no_nic() {
	query n_ vm-get "id=$linux_vm"
	[ -z "${n_nic0_name-}" ]
}

for i in 0 1; do
	tap_make tap$i 10.9.$i.1/24
	silent sysctl -qw net.ipv6.conf.tap$i.disable_ipv6=1
	# nothing but the limit may drop
	ip link set tap$i txqueuelen 10000
done
net_peer 5001
echo none >/sys/block/vda/queue/scheduler
load
cgroup_make real
linux_guest linux --mem 256 --tap tap0 --address 10.9.0.2/24 \
	--tap tap1 --address 10.9.1.2/24 --vhost --disk /dev/vda || finish
echo "$linux_pid" >"$cgroup/cgroup.procs"
note "ready after $SECONDS s"
check "both NICs are found" "" until_ok 20 found

# network
sample a_ linux
worker
worker_before=$worker_ns
base
for i in 0 1; do
	for way in send recv; do
		check "NIC $i: $way" "" net_rate $i $way 1
		printf -v "free_$way$i" %s "$bps"
		note "NIC $i: $way $bps bytes/s, $moved bytes"
	done
	check "NIC $i: out as by its tap" "" until_ok 5 cut $i out rx
	note "$nic bytes, $more packets more than segments"
	check "NIC $i: in as by its tap" "" until_ok 5 cut $i in tx
	note "$nic bytes, $more packets more than segments"
done
linux_report linux r_
nics
check "NIC 0: the guest sent as much" "$r_net_tx_bytes, by its tap $t0_rx_bytes" \
	near "$r_net_tx_bytes" "$t0_rx_bytes" 1000 2000
check "NIC 1: the guest sent as much" "$r_net1_tx_bytes, by its tap $t1_rx_bytes" \
	near "$r_net1_tx_bytes" "$t1_rx_bytes" 1000 2000
check "NIC 1: the guest sent as many" "$r_net1_tx_packets, by its tap $t1_rx_packets" \
	near "$r_net1_tx_packets" "$t1_rx_packets" 1000 20
# what QEMU has no room for in the guest's ring waits at the tap
check "NIC 0: the guest received as much" "$r_net_rx_bytes, by its tap $t0_tx_bytes" \
	near "$r_net_rx_bytes" "$t0_tx_bytes" 1000 70000
check "NIC 1: the guest received as much" "$r_net1_rx_bytes, by its tap $t1_tx_bytes" \
	near "$r_net1_rx_bytes" "$t1_tx_bytes" 1000 70000

# CPU of all of that: the scheduler's account is read around kvmeter's, each
# thread's as old as its last tick
worker
sample b_ linux
cpu=$(($(cpu_sum b_) - $(cpu_sum a_)))
sched=$(((b_run_ns + b_run2_ns - a_run_ns - a_run2_ns) / 2))
check "CPU is the scheduler's" "$(ms $cpu), $(ms $sched)" near $cpu $sched 20000 40000000
other=$((b_times_other_ns - a_times_other_ns))
if [ -n "$worker_ns" ]; then
	worker_ns=$((worker_ns - worker_before))
	check "the vhost worker ran" "$(ms $worker_ns)" test $worker_ns -gt 0
	check "the vhost worker's time is the VM's" "other $(ms $other)" \
		test $other -ge $((worker_ns - 20000000))
else
	skip "the vhost worker's time is the VM's" "before 6.4 it is no thread of the VMM"
fi

# memory
before=$(status_kib linux VmRSS)
check "the guest touches memory" "" linux_do linux 120 touch 48
check "resident is the kernel's" "$before KiB before" until_ok 20 same_rss linux
grown=$((m_memory_resident_kib - before))
check "and what was touched" "48 MiB, $grown KiB more" between $((8 * kib)) $grown $((56 * kib))

# disk
disk_figures a_
check "the guest writes" "" disk_rate write 2 direct 64k
free_write=$bps
check "and reads" "" disk_rate read 1 direct 4k random
disk_figures b_
for way in read write; do
	for key in "${way}_bytes" "${way}_ops" "io_${way}_bytes" "stat_${way}s" \
		   "r_disk_${way}_bytes" "r_disk_${way}s"; do
		a=a_$key b=b_$key
		printf -v "d_$key" %s $((${!b} - ${!a}))
	done
	bytes=d_${way}_bytes io=d_io_${way}_bytes guest=d_r_disk_${way}_bytes
	check "$way: bytes of the process" "${!bytes}, ${!io}" test "${!bytes}" = "${!io}"
	check "$way: bytes of the guest" "${!bytes}, ${!guest}" near "${!bytes}" "${!guest}" 0 4096
	ops=d_${way}_ops stat=d_stat_${way}s guest=d_r_disk_${way}s
	check "$way: operations of the disk" "${!ops}, ${!stat}" near "${!ops}" "${!stat}" 0 2
	# what the guest gathers, QEMU passes on as it is; its flush is one more
	check "$way: operations of the guest" "${!ops}, ${!guest}" near "${!ops}" "${!guest}" 50000 4
done

# a limit of the network
limit_net $NET_KIB
check "the limit is in force" "" until_ok 10 net_limited
for i in 0 1; do
	net_held $i send
	net_held $i recv
done

# a limit of the disk
exec 9<"$cgroup"
kv ask cgroup-attach "vm-id=$linux_vm" fd=9 >/dev/null || not_ok attach
vm_set linux "policy.resource=3,mode=1,nominal=$DISK_KIB,floor-bp=1000,threshold-mbit=30000" >/dev/null
linux_tell linux disk write 200 direct 64k	# what has no use of a disk has no limit
check "the disk has a limit" "" until_ok 20 io_max
if [ "$free_write" -lt $((DISK_KIB * kib * 4)) ]; then
	skip "the disk is held" "without a limit it is $free_write bytes/s"
else
	for i in 1 2 3; do
		disk_figures a_
		going_rate disk_moved || bps=0
		disk_figures b_
		note "$bps bytes/s, io.max $(<"$cgroup/io.max")"
		! between $((DISK_KIB * kib / 4)) "$bps" $((DISK_KIB * kib * 6 / 5)) || break
	done
	# asked one after the other, a few a second
	check "operations that were held count" \
		"$((b_write_ops - a_write_ops)), by the guest $((b_r_disk_writes - a_r_disk_writes))" \
		near $((b_write_ops - a_write_ops)) $((b_r_disk_writes - a_r_disk_writes)) 250000 4
	check "the disk is held" "$free_write bytes/s without, $bps of $((DISK_KIB * kib)) with" \
		between $((DISK_KIB * kib / 4)) "$bps" $((DISK_KIB * kib * 6 / 5))
fi

# unload under both
linux_tell linux net send 10.9.1.1 5001 bulk 600
snooze 1
check "unload under limits" "" unload
check "the disk's goes" "" until_ok 5 no_io_max
free() {
	tap_rate tap1 1
	[ "$bps" -gt $((NET_KIB * kib * 2)) ]
}
check "the network is as fast as ever" "$free_send1 bytes/s before" until_ok 20 free
note "$bps bytes/s"
linux_tell linux disk stop
linux_tell linux net stop
disk_free() {
	disk_rate write 2 direct 64k
	[ "$bps" -gt $((DISK_KIB * kib * 2)) ]
}
[ "$free_write" -lt $((DISK_KIB * kib * 4)) ] ||
	check "the disk is as fast as ever" "$free_write bytes/s before" until_ok 20 disk_free
exec 9<&-

# taps go while packets of theirs are held
load
guest_known linux
check "both NICs are found again" "" until_ok 20 found
limit_net $NET_KIB
until_ok 10 net_limited
for i in 1 0; do
	linux_tell linux net send 10.9.$i.1 5001 bulk 600
	snooze 1
	check "NIC $i: its tap goes under a limit" "" timeout 20 ip link del tap$i
	if [ $i = 1 ]; then
		check "NIC $i: is not bound any more" "" until_ok 10 one_nic
	else
		check "NIC $i: is not bound any more" "" until_ok 10 no_nic
	fi
	linux_tell linux net stop
done
taps=()
check "the guest lives on" "" linux_report linux r_
guest_end linux KILL
check "and kvmeter forgets it" "" until_ok 20 vms_gone
finish
