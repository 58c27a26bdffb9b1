#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Record: every period that the module metered is in the file, once, whoever was
# killed meanwhile; what is lost is said; replay reads it.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

file=$tmp/trace.csv.gz

# Of one series: number of values, of the first and of the last period, by the
# notes; and the values' sum
series() {	# ID
	zcat "$file" 2>/dev/null | awk -v id="$1" '
		/^#= / { for (i = 2; i <= NF; i++) { split($i, f, "="); n[f[1]] = f[2] } next }
		index($0, id ",") == 1 {
			if (!nr) first = n["first"]
			last = n["first"] + n["nr"] - 1
			parts++
			k = split($0, v, ",")
			for (i = 2; i <= k; i++) { nr++; sum += v[i] }
		}
		END { printf "nr=%d first=%d last=%d sum=%d parts=%d\n", nr, first, last, sum, parts }'
}

file_has() {	# SAMPLES
	eval "$(series "vm$vm_vm.cpu")"
	[ "$nr" -ge "$1" ]
}

load
guest vm --mode duty --duty-bp 3000
kvmeter name "$vm_vm" "odd name"

# killed in the middle of it, and gone on with while the module still has what was missed
kvmeter record --out "$file" 2>"$tmp/err1" &
one=$!
until_ok 30 file_has 20
check "records while it runs" "$nr samples" [ "$nr" -ge 20 ]
kill -KILL $one
wait $one 2>/dev/null
eval "$(series "vm$vm_vm.cpu")"
check "what a killed one wrote is whole" "$nr of periods $first to $last in $parts parts" \
	[ "$nr" = $((last - first + 1)) ]
was=$nr
printf '\037\213\010\000half of a member' >>"$file"
kvmeter record --out "$file" 2>"$tmp/err2" &
two=$!
until_ok 30 file_has $((was + 40))
check "what is damaged is cut off" "$(head -n 1 "$tmp/err2")" grep -q 'cut off' "$tmp/err2"
kvmeter record --out "$file" 2>"$tmp/err3"
status=$?
check "not two at a time" "$(head -n 1 "$tmp/err3")" [ $status = 1 ]
guest_report vm r_
guest_end vm
query v_ vm-get "id=$vm_vm"
snooze 3
kill -TERM $two
wait $two
status=$?
check "ends well when told to" "$status, $(tail -n 1 "$tmp/err2")" [ $status = 0 ]
check "no gap, none lost" "$(tail -n 1 "$tmp/err2")" grep -q ' 0 gaps, 0 periods lost' "$tmp/err2"

eval "$(series "vm$vm_vm.cpu")"
check "every period is there, from the first" "$nr of periods $first to $last" \
	[ "$first" = 1 -a "$nr" = "$last" ]
check "then on one line" "$parts" [ "$parts" = 1 ]
# a period is 100 ms, 1 bp of it 10 us; periods that are late are shares of a longer time
check "they sum up to what was metered" "$(ms $((sum * 10000))) of $(ms "$v_billed_cpu_ns")" \
	near $((sum * 10000)) "$v_billed_cpu_ns" 150000 200000000
check "exits are there as well" "$(series "vm$vm_vm.exits")" \
	eval "[ \"\$(series vm$vm_vm.exits | sed 's/sum.*//')\" = \"\$(series vm$vm_vm.cpu | sed 's/sum.*//')\" ]"
check "the name is in the notes" "" eval "zcat '$file' | grep -q 'name=odd name\$'"
zcat "$file" | grep -v '^#' | sed 's/[^,]//g' | awk '{ print length }' | sort -u >"$tmp/columns"
check "all series are as long" "$(cat "$tmp/columns")" [ "$(wc -l <"$tmp/columns")" = 1 ]

kvmeter replay "$file" --resource cpu >"$tmp/replay" 2>&1
status=$?
check "replay reads it" "$status, $(wc -l <"$tmp/replay") rows" \
	[ $status = 0 -a "$(wc -l <"$tmp/replay")" = $((nr + 1)) ]

# longer than the module remembers: said, and another series
guest late --mode duty --duty-bp 1000
kvmeter record --vm "$late_vm" --resource cpu --out "$file" --duration 2s 2>"$tmp/err4"
eval "$(series "vm$late_vm.cpu")"
before=$last
snooze 16
kvmeter record --vm "$late_vm" --resource cpu --out "$file" --duration 2s 2>"$tmp/err5"
check "a gap is said" "$(tail -n 1 "$tmp/err5")" grep -q ' 1 gaps, [1-9]' "$tmp/err5"
eval "$(series "vm$late_vm.cpu+1")"
check "and begins a new series" "$nr of periods $first to $last, $before was the last before" \
	[ "$nr" -ge 100 -a "$nr" = $((last - first + 1)) -a "$first" -gt $((before + 1)) ]
check "only what was asked for" "" eval "! zcat '$file' | grep -q '^vm$late_vm.exits'"

# a VM that ends its own recording
kvmeter record --vm "$late_vm" >"$tmp/plain" 2>"$tmp/err6" &
three=$!
until_ok 20 grep -q "^vm$late_vm.cpu," "$tmp/plain"
guest_end late
until_ok 20 ended $three
wait $three
status=$?
check "ends when its VM does" "$status" [ $status = 0 ]
silent kvmeter replay "$tmp/plain"
status=$?
check "replay reads what is not packed" "$status" [ $status = 0 ]

# not its own
echo "id,1,2,3" | gzip >"$tmp/other.gz"
cp "$tmp/other.gz" "$tmp/other"
kvmeter record --out "$tmp/other" --duration 1s 2>"$tmp/err7"
status=$?
check "leaves another's file alone" "$(head -n 1 "$tmp/err7")" \
	eval "[ $status = 1 ] && cmp -s '$tmp/other' '$tmp/other.gz'"
silent kvmeter record --vm 999 --duration 1s
status=$?
check "says that there is no such VM" "$status" [ $status = 4 ]
finish
