#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Model: the network's weights go into the module per image, whole or not at
# all; the VMs of the image forecast with them at once, and without them when
# they are taken away; none is freed that is in use.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

model=$repo/tools/model/default.kmm

# Of two experts' forecasts, and one's weight: without a network its expert says what the last
# value was, and has no weight
experts() {	# NAME
	local vm=${1}_vm

	eval "$(kvmeter profile "${!vm}" --json | python3 -c '
import json, sys
for e in json.load(sys.stdin)["experts"]:
    for k in "value_q8", "weight_q16":
        print("%s_%s=%d" % (e["name"], k, e[k]))')"
}

network_speaks() {	# NAME
	experts "$1"
	[ "$rnn_value_q8" != "$last_value_q8" ]
}

network_silent() {	# NAME
	experts "$1"
	[ "$rnn_value_q8" = "$last_value_q8" ] && [ "$rnn_weight_q16" = 0 ] &&
		[ "$readout_weight_q16" = 0 ]
}

model_of() {	# NAME: in $of
	local vm=${1}_vm

	query m_ vm-get "id=${!vm}"
	of=${m_model_checksum-none}${m_model_image:+ $m_model_image}
}

uses() {	# NAME WHAT
	model_of "$1"
	check "$1 uses ${2:-none}" "$of" [ "$of" = "$2" ]
}

refused() {	# WHAT PATTERN FILE
	local status=0

	kvmeter model load img "$3" 2>"$tmp/err" || status=$?
	check "refuses $1" "$(head -n 1 "$tmp/err")" \
		eval "[ $status = 1 ] && grep -q '$2' '$tmp/err'"
}

load
guest vm --mode duty --duty-bp 3000
guest other --mode duty --duty-bp 1000
kvmeter image "$vm_vm" img
uses vm none
until_ok 20 network_silent vm
check "no network at first" "rnn $rnn_value_q8, last $last_value_q8, weight $rnn_weight_q16" network_silent vm
check "nothing to show" "" [ "$(kvmeter model show | wc -l)" = 1 ]

refused garbage 'size' /etc/passwd
head -c 900 "$model" >"$tmp/bad"
refused "half a model" 'size' "$tmp/bad"
{ head -c 100 "$model"; printf '\1\2'; tail -c +103 "$model"; } >"$tmp/bad"
refused "a damaged one" 'damaged' "$tmp/bad"
{ printf 'XXXX'; tail -c +5 "$model"; } >"$tmp/bad"
refused "another magic" 'not a model' "$tmp/bad"
{ head -c 4 "$model"; printf '\7\0'; tail -c +7 "$model"; } >"$tmp/bad"
refused "another version" 'version' "$tmp/bad"
uses vm none

kvmeter model load img "$model"
sum=$(kvmeter model show img --json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["checksum"])')
uses vm "$sum img"
uses other none
check "its forecast is the network's" "rnn $rnn_value_q8, last $last_value_q8" until_ok 30 network_speaks vm
check "the other's is not" "" network_silent other
kvmeter show "$vm_vm" >"$tmp/show"
check "show tells it" "$(grep model "$tmp/show")" grep -q 'model  *img, ' "$tmp/show"

# a default for who has none of its own; then another in its place, while in use
kvmeter model load --default "$model"
uses other "$sum"
uses vm "$sum img"
kvmeter image "$other_vm" img
uses other "$sum img"
kvmeter image "$other_vm" ""
uses other "$sum"
for ((i = 0; i < 20; i++)); do
	kvmeter model load img "$model"
	kvmeter model load --default "$model"
done
check "as many as before" "" [ "$(kvmeter model show | wc -l)" = 3 ]
check "VMs are counted" "" [ "$(kvmeter model show img --json | grep -o '"nr_vms":[0-9]*')" = '"nr_vms":1' ]
guest_end other
kvmeter model clear --default
kvmeter model clear img
uses vm none
check "and without it again" "rnn $rnn_value_q8" until_ok 30 network_silent vm
silent kvmeter model clear img
status=$?
check "not twice" "$status" [ $status = 4 ]
# unloaded with models that are in use
kvmeter model load --default "$model"
uses vm "$sum"
finish
