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

# Add up the ledger from behind $1 on: what it holds, in $r_ (prog/ledgersum.c)
read_ledger() {	# SEQ
	kv dump ledger-get "vm-id=$vm_vm" "since-seq=$1" >"$tmp/records"
	eval "$(ledgersum -p r_ -s "$1" <"$tmp/records")"
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

t0=${EPOCHREALTIME/[.,]/}
freeze
query v_ vm-get "id=$vm_vm"
# at both prices, and as long as a record that is late
open=$(((${EPOCHREALTIME/[.,]/} - t0) * 2000 + 2000000000))
read_ledger 0
query w_ vm-get "id=$vm_vm"
check "the ring's size" "$r_records records of $((w_ledger_next_seq - 1)), longest $(ms "$r_longest_ns")" \
	[ "$r_records" = $RING ]
check "nothing is missing" "from $r_first_seq to $r_last_seq, $r_gaps gaps" \
	[ "$r_first_seq" = 1 -a "$r_gaps" = 0 ]
check "price times time" "$r_time_ncr for $r_span_ns ns" near "$r_time_ncr" "$r_span_ns" 0 1
check "rate times CPU" "$r_cpu_ncr for $r_cpu_ns ns" near "$r_cpu_ncr" "$r_cpu_ns" 0 1
check "totals" "$((r_time_ncr + r_cpu_ncr)), the last record says $r_total_ncr" \
	[ $((r_time_ncr + r_cpu_ncr)) = "$r_total_ncr" ]
check "total CPU" "$r_cpu_ns, the last record says $r_total_cpu_ns" \
	[ "$r_cpu_ns" = "$r_total_cpu_ns" ]
check "charged" "between $v_charged_ncr and $w_charged_ncr but for the open record" \
	between $((v_charged_ncr - open)) "$r_total_ncr" "$w_charged_ncr"
if command -v kvmeter >/dev/null; then
	kvmeter ledger "$vm_vm" >"$tmp/tool" 2>&1
	status=$?
	check "kvmeter ledger reconciles" "$(tail -n 1 "$tmp/tool")" [ $status = 0 ]
fi

# acknowledged: may go, and goes when room is needed
kv ask ledger-ack "vm-id=$vm_vm" "seq=$r_last_seq"
query v_ vm-get "id=$vm_vm"
check "acknowledged" "$v_ledger_acked_seq" [ "$v_ledger_acked_seq" = "$r_last_seq" ]
kv ask ledger-ack "vm-id=$vm_vm" "seq=$((v_ledger_next_seq + 5))" 2>"$tmp/err"
check "acknowledging the future" "$(cat "$tmp/err")" grep -q '^error 22' "$tmp/err"
kv ask ledger-ack "vm-id=$vm_vm" seq=1
query v_ vm-get "id=$vm_vm"
check "an old acknowledgement takes nothing back" "$v_ledger_acked_seq" [ "$v_ledger_acked_seq" = "$r_last_seq" ]
merged=$v_ledger_merged
before_ncr=$r_total_ncr
before_cpu_ns=$r_total_cpu_ns
since=$r_last_seq
thaw
snooze 2
freeze
read_ledger "$since"
query v_ vm-get "id=$vm_vm"
check "no merge while acknowledged ones can go" "$v_ledger_merged" [ "$v_ledger_merged" = "$merged" ]
check "goes on where it was" "$r_records new, $r_gaps gaps, sums differ by $((r_time_ncr + r_cpu_ncr - r_total_ncr + before_ncr))" \
	[ "$r_gaps" = 0 -a $((r_time_ncr + r_cpu_ncr)) = $((r_total_ncr - before_ncr)) -a "$r_cpu_ns" = $((r_total_cpu_ns - before_cpu_ns)) ]
guest_end vm

finish
