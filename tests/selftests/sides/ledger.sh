#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ledger: when its ring overflows records merge, and not a unit is lost. 512
# records of the shortest length, 100 ms, take a minute.
#
# 3.6e12 ncr/h is 1 ncr/ns: time, CPU and charges compare.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

UNIT=3600000000000
RING=512

# Read the ledger from $1 on: what it holds, in $r_
read_ledger() {	# SINCE
	local line

	r_records=0 r_time=0 r_cpu=0 r_cpu_ncr=0 r_span=0 r_gaps=0 r_first=0 r_last=$1 r_longest=0
	kv dump ledger-get "vm-id=$vm_vm" "since-seq=$1" >"$tmp/records"
	while read -r line; do
		eval "$line"
		r_records=$((r_records + 1))
		r_time=$((r_time + time_ncr))
		r_cpu=$((r_cpu + cpu_ns))
		r_cpu_ncr=$((r_cpu_ncr + cpu_ncr))
		r_span=$((r_span + span_ns))
		[ "$first_seq" = $((r_last + 1)) ] || r_gaps=$((r_gaps + 1))
		[ "$r_first" != 0 ] || r_first=$first_seq
		[ "$span_ns" -lt "$r_longest" ] || r_longest=$span_ns
		r_last=$seq
	done <"$tmp/records"
}

# No record is closed and none merged while the ledger is read: what was read and
# not acknowledged may be merged into a later one
freeze() {
	kv ask host-set record-ns=3600000000000
}

thaw() {
	kv ask host-set record-ns=100000000
}

load
kv ask host-set record-ns=100000000 period-ns=20000000 \
	"tariff.floor-ncr-h=0,base-ncr-h=$UNIT,ceiling-ncr-h=$UNIT,cpu-ncr-h=$UNIT,notice-ms=0,cost.resource=0+ncr-h=0"
guest vm --mode duty --duty-bp 500 --cycle-ms 50
full() {
	query v_ vm-get "id=$vm_vm"
	[ "$v_ledger_merged" -ge 20 ]
}
snooze 45
until_ok 60 full
check "the ring overflows" "$v_ledger_merged merges" [ "$v_ledger_merged" -ge 20 ]

freeze
query v_ vm-get "id=$vm_vm"
read_ledger 0
query w_ vm-get "id=$vm_vm"
check "the ring's size" "$r_records records of $((w_ledger_next_seq - 1)), longest $(ms "$r_longest")" \
	[ $r_records = $RING ]
check "nothing is missing" "from $r_first to $r_last, $r_gaps gaps" [ "$r_first" = 1 -a $r_gaps = 0 ]
check "price times time" "$r_time for $r_span ns" near $r_time $r_span 0 1
check "rate times CPU" "$r_cpu_ncr for $r_cpu ns" near $r_cpu_ncr $r_cpu 0 1
check "totals" "$((r_time + r_cpu_ncr)), the last record says $total_ncr" \
	[ $((r_time + r_cpu_ncr)) = "$total_ncr" ]
check "total CPU" "$r_cpu, the last record says $total_cpu_ns" [ $r_cpu = "$total_cpu_ns" ]
check "charged" "between $v_charged_ncr and $w_charged_ncr but for the open record" \
	between $((v_charged_ncr - 2000000000)) "$total_ncr" "$w_charged_ncr"
if command -v kvmeter >/dev/null; then
	kvmeter ledger "$vm_vm" >"$tmp/tool" 2>&1
	status=$?
	check "kvmeter ledger reconciles" "$(tail -n 1 "$tmp/tool")" [ $status = 0 ]
fi

# acknowledged: may go, and goes when room is needed
kv ask ledger-ack "vm-id=$vm_vm" "seq=$r_last"
query v_ vm-get "id=$vm_vm"
check "acknowledged" "$v_ledger_acked_seq" [ "$v_ledger_acked_seq" = "$r_last" ]
kv ask ledger-ack "vm-id=$vm_vm" "seq=$((v_ledger_next_seq + 5))" 2>"$tmp/err"
check "acknowledging the future" "$(cat "$tmp/err")" grep -q '^error 22' "$tmp/err"
kv ask ledger-ack "vm-id=$vm_vm" seq=1
query v_ vm-get "id=$vm_vm"
check "an old acknowledgement takes nothing back" "$v_ledger_acked_seq" [ "$v_ledger_acked_seq" = "$r_last" ]
merged=$v_ledger_merged
before=$total_ncr
before_cpu=$total_cpu_ns
since=$r_last
thaw
snooze 2
freeze
read_ledger "$since"
query v_ vm-get "id=$vm_vm"
check "no merge while acknowledged ones can go" "$v_ledger_merged" [ "$v_ledger_merged" = "$merged" ]
check "goes on where it was" "$r_records new, $r_gaps gaps, sums differ by $((r_time + r_cpu_ncr - total_ncr + before))" \
	[ $r_gaps = 0 -a $((r_time + r_cpu_ncr)) = $((total_ncr - before)) -a $r_cpu = $((total_cpu_ns - before_cpu)) ]
guest_end vm

finish
