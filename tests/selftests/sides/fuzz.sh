#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fuzz: requests that nobody would think of, by netlink, ioctl and sysfs, break
# nothing, set nothing by half and take no memory away (kvfuzz, prog/fuzz/fuzz.c).
#
# KVMETER_FUZZ_CASES is how many there are in a round, KVMETER_FUZZ_SEED which.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

cases=1500
rounds=3
# Checkers are slow, and keep freed memory: what is lost there, kmemleak says
if [ "${KVMETER_KERNEL-}" = debug ]; then
	cases=300
	rounds=1
fi
cases=${KVMETER_FUZZ_CASES:-$cases}
seed=${KVMETER_FUZZ_SEED:-4711}

fuzz() {	# NAME ARGUMENT...
	local name=$1 status
	shift

	kvfuzz "$@" 2>&1 | tee "$tmp/fuzz" | grep --line-buffered '^#'
	status=${PIPESTATUS[0]}
	check "$name" "$(tail -n 1 "$tmp/fuzz")" [ "$status" = 0 ]
	grep -v '^#' "$tmp/fuzz" | head -n 40 | sed 's/^/# /'
}

export KVMETER_MODEL=$repo/tools/model/default.kmm
load
silent ip link add fuzz0 type dummy && taps+=(fuzz0)
fuzz "one at a time" --seed "$seed" --cases "$cases" --rounds $rounds
fuzz "three at once" --seed "$((seed + 1))" --cases "$cases" --workers 3
fuzz "netlink alone" --seed "$((seed + 2))" --cases "$cases" --only netlink
kv ask host-get >"$tmp/host"
check "it still answers" "" grep -q period_ns "$tmp/host"

finish
