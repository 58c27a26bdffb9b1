#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tool: each verb of kvmeter answers people and programs, sets what it shows,
# and refuses with a word and a status what it cannot do.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

# The command's status, and something on standard error
refuses() {	# STATUS PATTERN COMMAND...
	local want=$1 pattern=$2 got=0
	shift 2

	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	value said "$tmp/err"
	refused() { [ "$got" = "$want" ] && matches "$pattern" "$tmp/err" && [ ! -s "$tmp/out" ]; }
	check "refuses: $*" "$got: $said" refused
}

says() {	# PATTERN COMMAND...
	local pattern=$1 got=0
	shift

	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	matches "$pattern" "$tmp/out"
	said() { [ "$got" = 0 ] && [ -n "$matched" ] && [ ! -s "$tmp/err" ]; }
	check "says: $*" "$matched" said
}

refuses 5 'not loaded.*modprobe' kvmeter list
load
says '^ID' kvmeter list
check "no VM is an empty list" "$(kvmeter list --json)" [ "$(kvmeter list --json | tr -d '[:space:]')" = "[]" ]

kvmeter host --record 1h >/dev/null
guest vm --mode duty --duty-bp 2000
says '^no record to reconcile; charged' kvmeter ledger "$vm_vm"
kvmeter name "$vm_vm" one
says ' one ' kvmeter list
kvmeter image one img
says 'img' kvmeter show one
says 'guard' eval 'kvmeter policy one guard --threshold 5 --nominal 50% --dwell 100ms && kvmeter policy one'
says '1\.25' eval 'kvmeter tariff one --base 1.25 --cpu 0.5 --notice 0 && kvmeter tariff one'
says '2\.5' eval 'kvmeter budget one --cap 2.5 --period 1h --action pause && kvmeter budget one'
says '1\.25' kvmeter price one
says 'rise|guard|policy|suggestion' eval 'kvmeter policy one elastic && kvmeter suggest one 150% --for 60s >/dev/null && sleep 1 && kvmeter log one'
says 'accepted: 120%.*' kvmeter quote one 120%
says 'refused: the VM has no allotment' kvmeter quote one memory 120%
says 'hints allowed: 0 taken' eval 'kvmeter hints one on && kvmeter hints one'
says 'It was suggested on the host' eval 'kvmeter explain "$(kvmeter log one --csv | grep -m 1 suggestion | cut -d, -f1)"'
seq=$(kvmeter log one --csv | sed -n '2s/,.*//p')
says "Adjustment #$seq, VM $vm_vm" kvmeter explain "$seq"
says 'reconciled' eval 'kvmeter host --record 200ms && sleep 1 && kvmeter ledger one'
says 'forecast' kvmeter profile one
says 'forecast|exits' kvmeter profile one --resource exits
says 'throttle' kvmeter doctor
says 'IMAGE' kvmeter model show
says '^vm[0-9]*\.cpu,' eval 'kvmeter record --vm one --duration 1s 2>/dev/null'
says '200ms|record' kvmeter host
says '"one"' kvmeter top --count 1 --json
says ' one ' kvmeter top --count 1 --batch

# all that programs read is JSON; one start of the reader for all
for args in list "show one" "price one" "policy one" "tariff one" "budget one" "policy default" \
	"tariff default" "budget default" "log" "log one" "ledger one" "explain $seq" "profile one" \
	"profile one --resource exits" doctor host "suggest one 120% --for 10s" \
	"quote one 120%" "hints one" "model show" "profile show one --resource exits"; do
	echo "@$args"
	# shellcheck disable=SC2086	# words
	kvmeter $args --json
done >"$tmp/all"
python3 - "$tmp/all" >"$tmp/json" <<'PYTHON'
import json, sys
passed = bad = 0
for part in open(sys.argv[1]).read().split('@')[1:]:
    args, _, text = part.partition('\n')
    try:
        json.loads(text)
        passed += 1
    except ValueError as why:
        bad += 1
        print(f'{args}: {why}: {text[:80]!r}')
print(f'{passed} passed, {bad} failed')
PYTHON
check "all JSON can be read" "$(tr '\n' ' ' <"$tmp/json")" grep -q '^22 passed, 0 failed' "$tmp/json"
for args in list "log" "ledger one"; do
	# shellcheck disable=SC2086	# words
	fields=$(kvmeter $args --csv | awk -F, '{ print NF }' | sort -u | wc -l)
	check "CSV of $args" "$fields different numbers of fields" [ "$fields" = 1 ]
done

watched() {
	kvmeter tariff one --base 1.5
	kvmeter tariff one --base 1.25
	ended "$1"
}
kvmeter watch --json --groups price --count 1 >"$tmp/watch" 2>&1 &
until_ok 10 watched $!
check "watch" "$(cut -c 1-80 "$tmp/watch")" grep -q price "$tmp/watch"

# the other resources: what is sold, what follows, what a device is
says 'nominal is 512 MiB' eval 'kvmeter policy one --resource memory --nominal 512M && kvmeter policy one --resource memory'
says 'follows *cpu' eval 'kvmeter policy one -r network --nominal 1.5M --follow cpu && kvmeter policy one -r network'
says 'GiB of cost' eval 'kvmeter tariff one --disk 0.5 && kvmeter tariff one'
says ' lo .*bound' eval 'kvmeter bind one lo && kvmeter show one'
refuses 4 'not bound' eval 'kvmeter unbind one lo && kvmeter unbind one lo'
refuses 1 'nosuch0' kvmeter bind one nosuch0
refuses 2 'whole MiB' kvmeter policy one --resource memory --nominal 512K
refuses 2 'resource' kvmeter policy one --nominal 512M

# what cannot be done, and what it says
refuses 2 'unknown verb' kvmeter frobnicate
refuses 2 '.' kvmeter show
refuses 2 '.' kvmeter show one two
refuses 4 '99|no' kvmeter show 99
refuses 4 'nobody' kvmeter show nobody
refuses 4 '.' kvmeter explain 999999
refuses 2 'seven' kvmeter explain seven
refuses 2 'mad' kvmeter policy one mad
refuses 2 'perhaps' kvmeter hints one perhaps
refuses 1 '100000|grant' kvmeter quote one 5000%
refuses 2 '1\.2\.3' kvmeter budget one --cap 1.2.3
refuses 2 'blue' kvmeter budget one --action blue
refuses 2 '.' kvmeter policy one --frobnicate 1
refuses 2 'load IMAGE' kvmeter model load
refuses 2 'FILE' kvmeter profile export one
refuses 4 'model' kvmeter model show nobody
refuses 1 'floor 0\.5%: must be 1% to 100%' kvmeter policy one --floor 0.5%
refuses 1 'base' kvmeter tariff one --base 5 --ceiling 4
refuses 1 'pace' kvmeter budget one --cap none --pace on
refuses 1 "'/'" kvmeter name one a/b
refuses 1 'CAP_NET_ADMIN' setpriv --reuid 65534 --clear-groups "$repo/build/tools/kvmeter" list
says '2\.5' kvmeter budget one

guest_end vm
finish
