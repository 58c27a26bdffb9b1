#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The Linux guest itself: each command does what it says, by the host's account
# of it: the tap's counters, the disk's, the process' memory.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

MIB=$((1 << 20))

# In $rss_kb
rss() {	# PID
	local line

	while read -r line; do
		case $line in VmRSS:*)
			rss_kb=${line//[!0-9]/} ;;
		esac
	done <"/proc/$1/status"
}

rss_rose() {	# PID KB
	rss "$1"
	[ "$rss_kb" -ge "$2" ]
}

rss_fell() {	# PID KB
	rss "$1"
	[ "$rss_kb" -le "$2" ]
}

given_back() {	# KB
	linux_tell plain touch 0
	until_ok 60 rss_fell "$plain_pid" "$1"
}

# What a process had read or written by devices, in $bytes
proc_io() {	# PID read|write
	local key n

	while read -r key n; do
		[ "$key" != "$2_bytes:" ] || bytes=$n
	done <"/proc/$1/io"
}

# What the host's scratch disk read or wrote, in $bytes
disk_io() {	# read|write
	local -a stat

	read -ra stat </sys/block/vda/stat
	if [ "$1" = read ]; then
		bytes=$((stat[2] * 512))
	else
		bytes=$((stat[6] * 512))
	fi
}

disk() {	# read|write MB OPTION...
	local before io_before name="disk $*" way=$1 mb=$2
	shift 2

	disk_io "$way"
	before=$bytes
	proc_io "$plain_pid" "$way"
	io_before=$bytes
	check "$name" "" linux_do plain 300 disk "$way" "$mb" "$@"
	disk_io "$way"
	# what is read ahead and around comes on top
	check "$name: on the host's disk" "$moved and $((bytes - before)) bytes" \
		between "$moved" $((bytes - before)) $((moved + MIB))
	proc_io "$plain_pid" "$way"
	check "$name: by the VMM" "$moved and $((bytes - io_before)) bytes" \
		between "$moved" $((bytes - io_before)) $((moved + MIB))
	check "$name: all of it" "$moved bytes" test "$moved" = $((mb * MIB))
}

net() {	# GUEST TAP HOST-IP
	local g=$1 tap=$2 host=$3 before after

	tap_count before "$tap" rx_bytes
	check "$g sends" "" linux_do "$g" 60 net send "$host" 5001 2M 3
	tap_count after "$tap" rx_bytes
	# with the headers of each packet and what TCP sends again
	check "$g sends as counted on its tap" "$moved of $((after - before)) bytes" \
		between "$moved" $((after - before)) $((moved * 5 / 4 + 20000))
	check "$g keeps to its rate" "$moved bytes, 2 MiB/s for 3 s" \
		between 1 "$moved" $((2 * MIB * 3 + 2 * MIB))
	tap_count before "$tap" tx_bytes
	check "$g receives" "" linux_do "$g" 60 net recv "$host" 5001 bulk 2
	tap_count after "$tap" tx_bytes
	check "$g receives as counted on its tap" "$moved of $((after - before)) bytes" \
		between "$moved" $((after - before)) $((moved * 5 / 4 + 4 * MIB))
	linux_report "$g" r_
	tap_count after "$tap" rx_packets
	check "$g counts what its tap counts" "$r_net_tx_packets and $after packets sent" \
		near "$r_net_tx_packets" "$after" 10000 20
}

tap_make tap0 10.9.0.1/24
tap_make tap1 10.9.1.1/24
net_peer 5001
cgroup_make disk
linux_run plain --mem 256 --tap tap0 --address 10.9.0.2/24 --disk /dev/vda --balloon
linux_run vhost --tap tap1 --vhost --address 10.9.1.2/24
linux_ready plain
linux_ready vhost
note "ready: $(grep -ah '^ready' "$plain_out" "$vhost_out" | tr '\n' ' ')"
echo "$plain_pid" >"$cgroup/cgroup.procs"

# First, as what the disk needs stays in the guest's page cache
rss "$plain_pid"
before=$rss_kb
check "touch" "" linux_do plain 120 touch 64
linux_report plain r_
check "the guest says so" "$r_touched_mb MiB of $r_mem_total_kb kB" test "$r_touched_mb" = 64
check "touch more" "" linux_do plain 120 touch 128
# a part of it may have been the VMM's since the guest's start
check "touched memory is the VMM's" "$before kB before" \
	until_ok 10 rss_rose "$plain_pid" $((before + 80000))
# the last page is not there yet, perhaps
check "what is given back goes to the host" "by the balloon, of $rss_kb kB" \
	given_back $((rss_kb - 90000))

net plain tap0 10.9.0.1
net vhost tap1 10.9.1.1
check "a vhost worker serves it" "" grep -qs "^vhost-$vhost_pid" /proc/*/task/*/comm

disk write 8 direct 64k
disk read 2 direct 4k random
disk write 8 buffered
disk read 8 buffered 128k
check "disk keeps to its rate" "" linux_do plain 120 disk write 4 rate=1M direct
check "disk keeps to its rate: not before" "4 MiB in $took_ms ms" test "$took_ms" -ge 3900
linux_report plain r_
disk_io write
check "the guest counts what the host's disk counts" "$r_disk_write_bytes and $bytes bytes" \
	near "$r_disk_write_bytes" "$bytes" 10000 $MIB

linux_tell plain net send 10.9.0.1 5001 bulk 600
linux_tell plain disk write 100000 direct
linux_says plain '^begun disk'
linux_tell plain net stop
linux_tell plain disk stop
check "work can be stopped" "" linux_says plain '^done net send'
linux_tell plain disk write 1 3000
check "nonsense is refused" "" linux_says plain '^error: not a command: disk'
linux_report plain r_
check "nothing else goes on" "" test "$r_sending$r_receiving$r_disk_busy$r_touching" = 0000
check "in the group it was put in" "$(tr "\n" " " <"$cgroup/cgroup.procs")" \
	grep -qx "$plain_pid" "$cgroup/cgroup.procs"
for controller in cpu io memory; do
	check "controller $controller" "" test -e "$cgroup/$controller.stat"
done
finish
