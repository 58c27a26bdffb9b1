#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Network: a VM's tap is found in its open files; bytes and packets are those of
# the tap; a limit holds bulk TCP to its rate, each way; devices are renamed,
# moved and deleted while they are held; two VMs do not share one.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

# A guest with a tap of NAME and a stack behind it: host 10.9.N.1, guest 10.9.N.2
net_guest() {	# NAME N [OPTION...]
	local name=$1 n=$2 pid=$1_pid netns=${1}_netns
	shift 2

	kvmguest() { exec tapvm "${tap_options[@]}" --pid "$tmp/$name.netns" "tap$n" -- kvmguest "$@"; }
	tap_options=("$@")
	guest_run "$name" --mode duty --duty-bp 500
	unset -f kvmguest
	guest_ready "$name" || return 1
	until_ok 20 test -s "$tmp/$name.netns" || return 1
	value "$netns" "$tmp/$name.netns"
	until_ok 20 silent ip link show "tap$n" || return 1
	sysctl -qw "net.ipv6.conf.tap$n.disable_ipv6=1"
	inside "$name" sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
	ip addr add "10.9.$n.1/24" dev "tap$n"
	ip link set "tap$n" up
	inside "$name" ip addr add "10.9.$n.2/24" dev eth0
	inside "$name" ip link set eth0 up
	until_ok 20 vm_of "${name}_vm" "${!pid}"
}

inside() {	# NAME COMMAND...
	local netns=${1}_netns
	shift

	nsenter -t "${!netns}" -n "$@"
}

# 20 datagrams that nobody waits for
poke() {	# ADDRESS SIZE
	local i

	for ((i = 0; i < 20; i++)); do
		printf '%*s' "$2" x >"/dev/udp/$1/9"
	done 2>/dev/null
}

poke_from() {	# NAME ADDRESS SIZE
	inside "$1" bash -c "$(declare -f poke); poke $2 $3"
}

# The VM as "query" shows it, with the tap's own figures as t_
nic() {	# NAME DEVICE
	local vm=${1}_vm field

	for field in rx_bytes rx_packets tx_bytes tx_packets tx_dropped; do
		value "t_$field" "/sys/class/net/$2/statistics/$field"
	done
	query n_ vm-get "id=${!vm}"
}

found() {	# NAME DEVICE
	nic "$1" "$2"
	[ "${n_nic0_name-}" = "$2" ] && [ "${n_nic0_hooked-}" = 1 ]
}

# Since "base", all that the tap counted was counted, and nothing else
base() {	# NAME DEVICE: once nothing is on its way between the two counts
	local last=

	for _ in 1 2 3 4 5 6 7 8 9 10; do
		nic "$1" "$2"
		b_out_bytes=$((n_nic0_out_bytes - t_rx_bytes))
		b_out_packets=$((n_nic0_out_packets - t_rx_packets))
		b_in_bytes=$((n_nic0_in_bytes - t_tx_bytes))
		b_in_packets=$((n_nic0_in_packets - t_tx_packets))
		[ "$last" != "$b_out_bytes $b_out_packets $b_in_bytes $b_in_packets" ] || break
		last="$b_out_bytes $b_out_packets $b_in_bytes $b_in_packets"
		snooze 0.3
	done
}

same() {	# NAME DEVICE
	nic "$1" "$2"
	[ $((n_nic0_out_bytes - t_rx_bytes)) = "$b_out_bytes" ] &&
		[ $((n_nic0_out_packets - t_rx_packets)) = "$b_out_packets" ] &&
		[ $((n_nic0_in_bytes - t_tx_bytes)) = "$b_in_bytes" ] &&
		[ $((n_nic0_in_packets - t_tx_packets)) = "$b_in_packets" ]
}

# Bulk TCP from the guest (out), to it (in), or from it to guest b; bytes per second on the wire as
# the receiver sees them, from 1448 bytes of payload in 1514: in $rate_bps
bulk_rate() {	# NAME N DIRECTION SKIP_MS MS
	local name=$1 n=$2 out=$tmp/sink sender bytes ns line wire

	rm -f "$out"
	if [ "$3" = between ]; then
		inside b bulk sink 7000 "$4" "$5" >"$out" &
		sink=$!
		inside "$name" bulk send 10.9.2.3 7000 &
	elif [ "$3" = out ]; then
		bulk sink 7000 "$4" "$5" >"$out" &
		sink=$!
		inside "$name" bulk send "10.9.$n.1" 7000 &
	else
		inside "$name" bulk sink 7000 "$4" "$5" >"$out" &
		sink=$!
		bulk send "10.9.$n.2" 7000 &
	fi
	sender=$!
	wait $sink
	kill $sender 2>/dev/null
	wait $sender 2>/dev/null
	line=$(tail -n 1 "$out")
	bytes=${line% *} ns=${line#* }
	wire=$((bytes * 1514 / 1448))
	rate_bps=$((wire * 1000 / (ns / 1000000)))
}

# Hold each direction of a VM's network to so many KiB per second; 0: not
limit() {	# NAME KIB
	vm_set "$1" "policy.resource=2,nominal=$2" || not_ok "limit $1" "refused"
}

# A limit holds: as much, within 2 %, in one of some windows, as a sender that is
# kept from its CPU sends less, which is no limit's doing; and in none much more,
# as a receiver that is kept from its own has two windows' worth in one. Nothing is
# seen where the machine is not some times as fast as the limit.
# A window may begin and end within a segment: SLOP is what that makes of a rate.
limited() {	# TEST NAME N DIRECTION KIB [SLOP]
	local want=$(($5 * 1024)) slop=${6-0} most=0 try

	if [ "$free_bps" -lt $((want * 4)) ]; then
		skip "$1" "without a limit it is $free_bps bytes/s"
		return
	fi
	for try in 1 2 3 4 5 6; do
		bulk_rate "$2" "$3" "$4" 500 2000
		note "$1: $rate_bps bytes/s, $(percent "$rate_bps" $want)"
		[ "$rate_bps" -le $most ] || most=$rate_bps
		! near "$rate_bps" $want 20000 "$slop" || break
	done
	check "$1" "$(percent "$rate_bps" $want) in window $try" \
		near "$rate_bps" $want 20000 "$slop"
	check "$1, and not more" "" test $most -le $((want * 110 / 100 + slop))
}

ifindex() {	# DEVICE: in $index
	value index "/sys/class/net/$1/ifindex"
}

refused() {	# TEXT COMMAND...
	local text=$1
	shift

	! "$@" 2>"$tmp/err" && grep -q "$text" "$tmp/err"
}

nics() {	# NAME COUNT: so many devices are bound
	local vm=${1}_vm

	query n_ vm-get "id=${!vm}"
	[ -z "$(eval echo "\${n_nic$2_name-}")" ] &&
		{ [ "$2" = 0 ] || [ -n "$(eval echo "\${n_nic$(($2 - 1))_name-}")" ]; }
}

unheard() {	# NAME: datagrams that reached a guest, and that nobody waited for: in $unheard
	local snmp

	snmp=$(inside "$1" sed -n 's/^Udp: [0-9]* \([0-9]*\) .*/\1/p' /proc/net/snmp)
	unheard=$snmp
}

reached() {	# NAME ADDRESS: what is sent to a guest reaches it
	local was

	unheard "$1"
	was=$unheard
	poke "$2" 10
	snooze 0.5
	unheard "$1"
	[ "$unheard" -ge $((was + 20)) ]
}

no_device() {
	! ip link show "$1" >/dev/null 2>&1
}

modprobe -q tun
modprobe -q bridge
load
net_guest web 1 || not_ok "guest with a tap" "$(cat "$web_out")"
check "its tap is found" "" until_ok 20 found web tap1
check "found, not bound" "" [ "${n_nic0_found-}" = 1 ]

# Nothing else may drop: what is behind the hook does not count
ip link set tap1 txqueuelen 10000
base web tap1
f_in_packets=$n_nic0_in_packets
f_out_packets=$n_nic0_out_packets
for size in 10 100 1000; do
	poke 10.9.1.2 $size
	poke_from web 10.9.1.1 $size
done
check "packets are counted as by the tap" "" until_ok 5 same web tap1
check "and there were some" "" test $((n_nic0_in_packets - f_in_packets)) -ge 60 -a \
	$((n_nic0_out_packets - f_out_packets)) -ge 60
bulk_rate web 1 out 0 1000
note "free: $rate_bps bytes/s out"
free_bps=$rate_bps
bulk_rate web 1 in 0 1000
note "free: $rate_bps bytes/s in"
[ "$rate_bps" -ge "$free_bps" ] || free_bps=$rate_bps
check "bulk is counted as by the tap" "" until_ok 5 same web tap1
check "and not dropped" "" [ "$n_nic0_in_dropped$n_nic0_out_dropped" = 00 ]

# what was not sold but has a rate is held to a trickle when the money is gone
vm_set web tariff.network-ncr-gib=50000000 budget.cap-ncr=0,action=0
logged() { kv dump log-get "vm-id=$web_vm" >"$tmp/log"; grep -q "$1" "$tmp/log"; }
check "without money what was not sold is held" "" until_ok 10 logged "old_grant_bp=10000 .*new_grant_bp=100 "
limited "to 128 KiB/s" web 1 out 128 1500
vm_set web budget.cap-ncr=18446744073709551615 tariff.network-ncr-gib=0
check "and let go with new money" "" until_ok 10 logged "old_grant_bp=100 .*new_grant_bp=10000 "
base web tap1	# some was dropped

# a boost's packets go first where the device has a queue that knows priorities
band() {	# PACKETS: those that went by the first band, in all
	local line

	while read -r line; do
		case $line in
		"class prio 1:1 "*)	first=1 ;;
		class*)			first= ;;
		Sent*)			[ -z "$first" ] || line=${line#*bytes } packets=${line%% *} first= ;;
		esac
	done < <(tc -s class show dev tap1)
	[ "$packets" -ge "$1" ]
}
if silent tc qdisc add dev tap1 root handle 1: prio; then
	packets=0
	poke 10.9.1.2 10
	snooze 1
	check "no boost, no priority" "" band 0
	was=$packets
	vm_set web policy.resource=2,mode=1,nominal=100000,ceiling-bp=40000,dwell-ms=0,threshold-mbit=30000
	kv ask suggest "vm-id=$web_vm" resource=2 grant-bp=20000 duration-ms=600000 >/dev/null
	boosted() {
		poke 10.9.1.2 10
		snooze 0.5
		band $((was + 20))
	}
	check "a boost has priority" "$was packets before" until_ok 10 boosted
	kv ask suggest "vm-id=$web_vm" resource=2 grant-bp=10000 duration-ms=0 >/dev/null
	ordinary() {
		band 0
		was=$packets
		poke 10.9.1.2 10
		snooze 0.5
		band 0
		[ "$packets" = "$was" ]
	}
	check "its end ends that" "" until_ok 10 ordinary
	vm_set web policy.resource=2,mode=0,nominal=0
	tc qdisc del dev tap1 root
	base web tap1	# dropped by the queue, perhaps
else
	skip "a boost has priority" "no such queue in this kernel"
fi

limit web 256
limited "out at 256 KiB/s" web 1 out 256
limited "in at 256 KiB/s" web 1 in 256
nic web tap1
drops=$n_nic0_out_dropped
note "dropped: $drops packets"
# what is held is in neither
without_drops() {
	nic web tap1
	[ $((n_nic0_out_bytes - t_rx_bytes + n_nic0_out_dropped_bytes)) = "$b_out_bytes" ]
}
check "what was dropped was not counted" "" until_ok 10 without_drops
sysctl -qw net.ipv4.tcp_ecn=1
inside web sysctl -qw net.ipv4.tcp_ecn=1
limited "out at 256 KiB/s with ECN" web 1 out 256
nic web tap1
check "by marks" "" [ "$n_nic0_out_dropped" = "$drops" ]
sysctl -qw net.ipv4.tcp_ecn=2
limit web 1024
limited "out at 1 MiB/s" web 1 out 1024
limit web 3072
limited "in at 3 MiB/s" web 1 in 3072

limit web 256
# when periods stop: what stops them takes half of the machine
if [ "$free_bps" -lt $((4 * 512 * 1024)) ]; then
	skip "a limit lapses when periods stop" "without a limit it is $free_bps bytes/s"
else
	lapsed() {
		bulk_rate web 1 out 500 1000
		[ "$rate_bps" -gt $((512 * 1024)) ]
	}
	held() { ! lapsed; }
	check "held at first" "" until_ok 10 held
	periods_stop 60
	check "a limit lapses when periods stop" "$rate_bps bytes/s when held" until_ok 40 lapsed
	periods_go_on
	note "lapsed: $rate_bps bytes/s"
	check "and is back when periods are" "" until_ok 10 held
fi

# the device under a limit, and while packets are held
flow() {	# NAME N: an endless flow
	bulk sink 7001 0 600000 >/dev/null &
	flow_sink=$!
	inside "$1" bulk send "10.9.$2.1" 7001 &
	flow_send=$!
	snooze 1
}
flow_end() {
	kill $flow_sink $flow_send 2>/dev/null
	wait $flow_sink $flow_send 2>/dev/null
}
flow web 1
# before 6.2 a device has to be down for that
ip link set tap1 down
ip link set tap1 name wire1
ip link set wire1 up
renamed() { query n_ vm-get "id=$web_vm"; [ "${n_nic0_name-}" = wire1 ]; }
check "renamed under traffic" "" until_ok 5 renamed
ip link set wire1 down
ip link set wire1 name tap1
ip link set tap1 up
ip netns add elsewhere
ip link set tap1 netns elsewhere
moved() {
	query n_ vm-get "id=$web_vm"
	[ "${n_nic0_netns_ino-0}" = "$(stat -Lc %i /run/netns/elsewhere)" ] && [ "$n_nic0_hooked" = 1 ]
}
check "moved to another namespace under traffic" "" until_ok 5 moved
flow_end
out=$n_nic0_out_packets
ip -n elsewhere addr add 10.9.1.1/24 dev tap1
ip -n elsewhere link set tap1 up
poked() {
	poke_from web 10.9.1.1 10
	query n_ vm-get "id=$web_vm"
	[ "$n_nic0_out_packets" -ge $((out + 20)) ]
}
check "still counted there" "$out packets before" until_ok 10 poked
index=$(ip -n elsewhere -o link show tap1)
index=${index%%:*}
check "unbound by its namespace" "" kv ask net-unbind "vm-id=$web_vm" "ifindex=$index" netns-fd=9 9</run/netns/elsewhere
check "none is bound" "" nics web 0
check "bound by its namespace" "" kv ask net-bind "vm-id=$web_vm" "ifindex=$index" netns-fd=9 9</run/netns/elsewhere
check "one is bound" "" nics web 1
check "no namespace" "$(cat "$tmp/err" 2>/dev/null)" refused "no network namespace" \
	kv ask net-bind "vm-id=$web_vm" "ifindex=$index" netns-fd=9 9</dev/null
ip netns del elsewhere	# a tap dies with its namespace
check "gone with its namespace" "" until_ok 10 nics web 0
guest_end web

# two VMs
net_guest a 2 || not_ok "guest with a tap" "$(cat "$a_out")"
net_guest b 3 || not_ok "guest with a tap" "$(cat "$b_out")"
until_ok 20 found a tap2
until_ok 20 found b tap3
ifindex tap2
check "another VM's device is refused" "" refused "bound to another VM" \
	kv ask net-bind "vm-id=$b_vm" "ifindex=$index"
check "one's own may be bound again" "" kv ask net-bind "vm-id=$a_vm" "ifindex=$index"
check "what is not bound cannot be unbound" "" refused "not bound to this VM" \
	kv ask net-unbind "vm-id=$b_vm" "ifindex=$index"
check "no such device" "" refused "no device has this index" \
	kv ask net-bind "vm-id=$b_vm" ifindex=999999
kv ask net-unbind "vm-id=$a_vm" "ifindex=$index"
snooze 4	# it was looked for meanwhile, every 3 s
check "what was unbound is not found again" "" nics a 0
check "but may be bound to another" "" kv ask net-bind "vm-id=$b_vm" "ifindex=$index"
check "which has two then" "" nics b 2
kv ask net-unbind "vm-id=$b_vm" "ifindex=$index"
kv ask net-bind "vm-id=$a_vm" "ifindex=$index"

# guest to guest: out of one is in of the other
ip link add br0 type bridge
sysctl -qw net.ipv6.conf.br0.disable_ipv6=1
for n in 2 3; do
	ip addr flush dev tap$n
	ip link set tap$n txqueuelen 10000 master br0
done
ip link set br0 up
inside b ip addr add 10.9.2.3/24 dev eth0
poke_from a 10.9.2.3 10
base a tap2
base_a=$n_nic0_out_bytes
base b tap3
base_b=$n_nic0_in_bytes
inside b bulk sink 7002 500 3000 >"$tmp/sink" &
sink=$!
inside a bulk send 10.9.2.3 7002 &
wait $sink
both() {
	nic a tap2
	out=$((n_nic0_out_bytes - base_a))
	nic b tap3
	# the bridge itself asks who has an address, now and then
	near $((n_nic0_in_bytes - base_b)) "$out" 5000 2000
}
check "between guests both are counted" "" until_ok 5 both
note "$out bytes"
limit a 256
limited "and the limit of one holds" a 2 between 256

# the VM dies under traffic, the device lives on
ip tuntap add tap4 mode tap
ip addr add 10.9.4.1/24 dev tap4
ip link set tap4 up
ifindex tap4
check "a device of no VM can be bound" "" kv ask net-bind "vm-id=$a_vm" "ifindex=$index"
inside b bulk sink 7002 500 600000 >/dev/null &
flow_sink=$!
inside a bulk send 10.9.2.3 7002 &
flow_send=$!
snooze 1
guest_end a KILL
flow_end
check "its tap goes with the VM" "" until_ok 10 no_device tap2
check "a device that is not held stays" "" silent ip link show tap4
check "and can be removed" "" timeout 20 ip link del tap4
guest_end b

# large segments: headers count once per packet that they become
net_guest seg 5 --gso || not_ok "guest with a tap" "$(cat "$seg_out")"
until_ok 20 found seg tap5
ip link set tap5 txqueuelen 10000
poke 10.9.5.2 10
base seg tap5
bulk_rate seg 5 out 0 1500
note "free with large segments: $rate_bps bytes/s out"
segments() {
	nic seg tap5
	more=$((n_nic0_out_packets - t_rx_packets - b_out_packets))
	[ $((n_nic0_out_bytes - t_rx_bytes - b_out_bytes)) = $((more * 66)) ]
}
until_ok 5 segments
check "headers of each segment are counted" "$more packets more, $((n_nic0_out_bytes - t_rx_bytes - b_out_bytes)) bytes" segments
check "there were large segments" "$more packets more" [ "$more" -gt 100 ]
limit seg 512
limited "large segments out at 512 KiB/s" seg 5 out 512 6000
limited "large segments in at 512 KiB/s" seg 5 in 512 6000

# A guest lies about its segments: another, which gets the frames, pays for what it
# gets, and is not kept from its network.  A frame is 8000 bytes: the host's stack cuts
# it into as many packets, and a kernel with checkers needs 0.6 ms for each of them
lie=8000
net_guest liar 6 --gso || not_ok "guest with a tap" "$(cat "$liar_out")"
net_guest victim 7 --gso || not_ok "guest with a tap" "$(cat "$victim_out")"
until_ok 20 found liar tap6
until_ok 20 found victim tap7
ip link show br0 >/dev/null 2>&1 || ip link add br0 type bridge
sysctl -qw net.ipv6.conf.br0.disable_ipv6=1
ip link set tap6 master br0
ip link set tap7 txqueuelen 10000 master br0
ip addr flush dev tap7
ip addr add 10.9.7.1/24 dev br0
ip link set br0 up
limit victim 1024
until_ok 10 reached victim 10.9.7.2
nic liar tap6
base_out=$n_nic0_out_bytes
nic victim tap7
base_in=$n_nic0_in_bytes
kill -USR1 "$liar_netns"
lied() { nic liar tap6; [ $((n_nic0_out_bytes - base_out)) -ge $lie ]; }
check "frames that lie are sent" "$((n_nic0_out_bytes - base_out)) bytes" until_ok 20 lied
# with the headers of each segment of a byte: 52 of them at most
check "the liar pays for its segments" "$((n_nic0_out_bytes - base_out)) bytes" \
	test $((n_nic0_out_bytes - base_out)) -le $((2 * lie * 67))
got() { nic victim tap7; [ $((n_nic0_in_bytes - base_in)) -ge $lie ]; }
check "its neighbour gets them" "" until_ok 20 got
check "and pays for what it got" "$((n_nic0_in_bytes - base_in)) bytes" \
	test $((n_nic0_in_bytes - base_in)) -lt $((6 * lie))
check "and is not kept from its network" "" until_ok 20 reached victim 10.9.7.2
guest_end liar
guest_end victim
ip link del br0

# the device goes while packets are held; unload does
flow seg 5
unload
value before /sys/class/net/tap5/statistics/rx_bytes
goes_on() {
	value now /sys/class/net/tap5/statistics/rx_bytes
	[ "$now" -gt $((before + 1000000)) ]
}
check "unload under a limited flow, which goes on" "" until_ok 20 goes_on
load
until_ok 20 vm_of seg_vm "$seg_pid"
check "found again after load" "" until_ok 20 found seg tap5
limit seg 256
snooze 1
check "the device goes under a limited flow" "" timeout 20 ip link del tap5
check "it is not bound any more" "" until_ok 10 nics seg 0
flow_end
guest_end seg
finish
