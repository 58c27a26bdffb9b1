#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Profile: what one VM learned goes to another and to an image, whole or not at
# all; and is forgotten when told to.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

# The profile of a VM as PREFIXkey
profile() {	# PREFIX NAME
	local vm=${2}_vm

	query "$1" profile-get "vm-id=${!vm}" resource=0
}

learned() {	# NAME SAMPLES
	profile l_ "$1"
	[ "${l_samples-0}" -ge "$2" ]
}

refused() {	# WHAT PATTERN COMMAND...
	local what=$1 pattern=$2 status=0
	shift 2

	profile before_ other
	"$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	profile after_ other
	check "refuses $what" "$(head -n 1 "$tmp/err")" \
		eval "[ $status = 1 ] && grep -q '$pattern' '$tmp/err'"
	# nothing was taken over: it went on from what it knew
	check "and nothing changed: $what" "$before_samples, then $after_samples samples" \
		between "$before_samples" "$after_samples" $((before_samples + 600))
}

# One byte of a file is another
spoil() {	# FROM TO BYTE
	local byte

	cp "$1" "$2"
	byte=$(od -An -tu1 -j "$3" -N 1 "$1")
	# shellcheck disable=SC2059	# an octal escape
	printf "\\$(printf %o $((byte ^ 16)))" | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}

load
guest vm --mode duty --duty-bp 6000
until_ok 120 learned vm 300
profile a_ vm
kvmeter profile export "$vm_vm" "$tmp/blob"
status=$?
check export "$(wc -c <"$tmp/blob") bytes" [ $status = 0 ]
guest other --mode duty --duty-bp 500
profile b_ other
check "a newcomer knows little" "$b_samples samples, mean $((b_mean_q32 >> 32))" [ "$b_samples" -lt 250 ]

refused "a damaged blob" 'checksum' eval "spoil '$tmp/blob' '$tmp/bad' 500; kvmeter profile import $other_vm '$tmp/bad'"
refused "a damaged head" 'not a profile' eval "spoil '$tmp/blob' '$tmp/bad' 1; kvmeter profile import $other_vm '$tmp/bad'"
refused "a newer version" 'newer' eval "spoil '$tmp/blob' '$tmp/bad' 4; kvmeter profile import $other_vm '$tmp/bad'"
refused "half a blob" 'short' eval "head -c 400 '$tmp/blob' >'$tmp/bad'; kvmeter profile import $other_vm '$tmp/bad'"
refused "nothing" 'short' kvmeter profile import "$other_vm" /dev/null
refused "more than a blob" 'long' eval "(cat '$tmp/blob'; echo) >'$tmp/bad'; kvmeter profile import $other_vm '$tmp/bad'"
kvmeter profile export "$vm_vm" --resource exits "$tmp/exits"
refused "what is not in it" 'does not hold' kvmeter profile import "$other_vm" --resource cpu "$tmp/exits"

kvmeter profile import "$other_vm" "$tmp/blob"
status=$?
profile b_ other
check import "$b_samples samples, mean $((b_mean_q32 >> 32)), of $a_samples, $((a_mean_q32 >> 32))" \
	[ $status = 0 -a "$b_samples" -ge "$a_samples" ]
check "the mean came, too" "" near $((b_mean_q32 >> 32)) $((a_mean_q32 >> 32)) 250000 300
check "and the half-life stayed its own" "$b_half_life" [ "$b_half_life" = "$a_half_life" ]

# what was learned in other periods is a prior, and gives way
kvmeter host --period 50ms
kvmeter profile import "$other_vm" "$tmp/blob"
status=$?
profile b_ other
kvmeter host --period 100ms
check "from other periods: a prior" "$b_prior_samples of $a_samples, mean $((b_mean_q32 >> 32))" \
	[ $status = 0 -a "$b_prior_samples" -gt 0 -a "$b_prior_samples" -le 600 -a "$b_samples" -lt 100 ]

kvmeter profile import "$other_vm" --resource exits "$tmp/exits"
status=$?
check "one resource alone" "$status" [ $status = 0 ]

# there and back again, unchanged
kvmeter profile export "$vm_vm" - | kvmeter profile import --image web -
kvmeter profile export --image web "$tmp/web"
kvmeter profile import --image web2 "$tmp/web"
kvmeter profile export --image web2 "$tmp/web2"
check "through pipe and image" "$(wc -c <"$tmp/web") bytes" cmp -s "$tmp/web" "$tmp/web2"
says=$(kvmeter profile show --image web)
check "an image can be shown" "$(echo "$says" | head -n 2 | tail -n 1)" \
	eval "echo \"\$says\" | grep -q '^Image web'"
guest third --mode duty --duty-bp 1000
kvmeter image "$third_vm" web
profile c_ third
check "VMs of the image start from it" "$c_prior_samples samples" [ "$c_prior_samples" -gt 50 ]

kvmeter profile show "$vm_vm" --svg "$tmp/p.svg"
status=$?
check "a drawing" "$(wc -c <"$tmp/p.svg") bytes" \
	eval "[ $status = 0 ] && python3 -c 'import sys, xml.dom.minidom as m
d = m.parse(sys.argv[1]); sys.exit(len(d.getElementsByTagName(\"rect\")) < 3)' '$tmp/p.svg'"

kvmeter profile reset "$other_vm"
status=$?
profile b_ other
check reset "$b_samples samples" [ $status = 0 -a "$b_samples" -lt 200 ]
kvmeter profile reset --image web
says=$(kvmeter profile show --image web)
check "an image's, too" "" eval "echo \"\$says\" | grep -q 'nothing learned yet'"
silent kvmeter profile reset --image nobody
status=$?
check "not what is not known" "$status" [ $status = 4 ]
finish
