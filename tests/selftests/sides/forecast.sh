#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Forecasts: of the next period and six ahead, for the VM, and for each vCPU
# thread while that is asked for.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

# By "kvmeter forecast": cpu_next=1,2,3 and cpu_ahead=... of the VM; nr, how many vCPUs
# have both for CPU and exits; bad, how many have bounds out of order; low and high of
# what is forecast of their CPU
forecasts() {
	kvmeter forecast vm --json >"$tmp/json" || return
	eval "$(python3 - "$tmp/json" <<'PYTHON'
import json, sys
said = json.load(open(sys.argv[1]))
three = lambda f: [f["predicted"], f["p95"], f["p99"]]
cpu = said["vm"]["cpu"]
vcpus = [v["forecasts"] for v in said["vcpus"] if "cpu" in v["forecasts"] and "exits" in v["forecasts"]]
all = [f for v in vcpus for r in v.values() for f in (r, r["ahead"])]
point = [f["predicted"] for v in vcpus for f in (v["cpu"], v["cpu"]["ahead"])]
print("on=%d nr=%d bad=%d low=%d high=%d" % (said["vcpu_forecasts"], len(vcpus),
      sum(three(f) != sorted(three(f)) for f in all), min(point, default=0), max(point, default=0)))
print("cpu_next=%s cpu_ahead=%s" % tuple(",".join(map(str, three(f))) for f in (cpu, cpu["ahead"])))
PYTHON
	)"
}

vcpus_have_them() {	# HOW-MANY
	forecasts
	[ "$nr" = "$1" ]
}

in_order() {	# A,B,C
	between "$(cut -d, -f1 <<<"$1")" "$(cut -d, -f2 <<<"$1")" "$(cut -d, -f3 <<<"$1")"
}

load
guest vm --mode duty --duty-bp 3000 --vcpus 2
kvmeter name "$vm_vm" vm
snooze 10
forecasts
check "the VM's next period" "$cpu_next bp" in_order "$cpu_next"
check "the VM's sixth" "$cpu_ahead bp" in_order "$cpu_ahead"
check "both are near what it does" "30 % of its vCPUs, and its overhead" \
	between 1500 "${cpu_ahead%%,*}" 7000
check "none of vCPUs unless asked for" "of $nr" [ "$on$nr" = 00 ]

check "asked for" "" kvmeter forecast vm on
check "each vCPU has them" "$nr" until_ok 10 vcpus_have_them 2
snooze 10
forecasts
check "they are near what it does" "$low to $high bp" between 1500 "$low" 7000
check "the largest, too" "" between 1500 "$high" 7000
check "bounds are in order" "$bad are not" [ "$bad" = 0 ]
check "people see them" "" grep -q 'vCPU 1 *exits' <(kvmeter forecast vm)
kv ask host-set period-ns=50000000
snooze 3
forecasts
check "periods of another length" "$nr vCPUs, $low to $high bp" between 1000 "$low" 7000
kv ask host-set period-ns=100000000

check "on or off" "" grep -q 'perhaps: must be on or off' <(kvmeter forecast vm perhaps 2>&1)
check "1 or 0" "" eval "! kv ask vm-set id=$vm_vm vcpu-forecasts=2 2>'$tmp/err'"
forecasts
check "which changed nothing" "$nr" [ "$on$nr" = 12 ]
check "not any more" "" kvmeter forecast vm off
check "they are gone" "$nr" until_ok 5 vcpus_have_them 0
kvmeter forecast vm on
until_ok 10 vcpus_have_them 2
guest_end vm
unload
check "a VM that has them ends, and the module" "" [ ! -d $sys ]
finish
