#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sysfs: every file can be read and is documented, garbage changes none of
# them, changes wake who polls, and files go with their VM.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

abi=$repo/Documentation/ABI/testing/sysfs-kvmeter

by_nobody() {	# FILE: can someone without privilege write it?
	setpriv --reuid 65534 --clear-groups dd if=/dev/zero of="$1" bs=1 count=1 2>/dev/null
}

read_as() {	# UID GID FILE
	silent setpriv --reuid "$1" --regid "$2" --clear-groups cat "$3"
}

written() {	# FILE
	{ echo 1 >"$1"; } 2>/dev/null
}

GROUP=4242	# whose members may read

load gid=$GROUP
guest vm --mode duty --duty-bp 3000
dir=$sys/vms/$vm_vm
vm_set vm name=before image=test
snooze 0.5

# Without a process per file: there are many
declare -A documented
if [ -e "$abi" ]; then
	while read -r what; do
		what=${what//\\}
		documented[${what/<ID>/<id>}]=1
	done < <(sed -n 's/^What:[[:space:]]*//p' "$abi" | grep '^/sys')
fi
unreadable=
undocumented=
files=0
while read -r file; do
	files=$((files + 1))
	# one value, one line, of printable text
	if ! mapfile -t lines 2>/dev/null <"$file" || [ ${#lines[@]} != 1 ] ||
	   [[ ${lines[0]} =~ [^[:print:]] ]]; then
		unreadable+=" $file"
	fi
	name=${file/vms\/$vm_vm/vms/<id>}
	[ "${documented[$name]-}" ] || undocumented+=" $name"
done < <(find "$sys" -type f)
check "every file is readable" "$files files$unreadable" [ -z "$unreadable" ]
if [ -e "$abi" ]; then
	check "every file is documented" "${undocumented:-all}" [ -z "$undocumented" ]
	missing=
	for what in "${!documented[@]}"; do
		[ -e "${what/<id>/$vm_vm}" ] || missing+=" $what"
	done
	check "every documented file is there" "${missing:-all}" [ -z "$missing" ]
else
	skip "documentation" "no ${abi#"$repo/"}"
fi

for file in "$sys/period_ns" "$dir"/{policy,budget_ncr,budget_period_s,budget_action}; do
	taken=$(pollfile -g "$file")
	check "garbage to ${file##*/}" "stays $(cat "$file") $taken" [ -z "$taken" ]
done
for file in "$dir"/{name,image}; do
	taken=$(pollfile -n "$file")
	check "garbage to ${file##*/}" "stays $(cat "$file") $taken" [ -z "$taken" ]
done
taken=
while read -r file; do
	! written "$file" || taken+=" $file"
done < <(find "$dir" -type f -perm 440)
check "nothing else can be written" "${taken:-none}" [ -z "$taken" ]

# What is meant to be
for pair in policy=guard policy=observe budget_ncr=123456789 budget_period_s=3600 \
	budget_action=pause budget_ncr=none budget_action=floor name=new image=other; do
	echo "${pair#*=}" >"$dir/${pair%%=*}"
	check "set $pair" "" [ "$(cat "$dir/${pair%%=*}")" = "${pair#*=}" ]
done
echo 50000000 >"$sys/period_ns"
check "set period_ns" "" [ "$(cat "$sys/period_ns")" = 50000000 ]
echo 100000000 >"$sys/period_ns"

# unprivileged
if command -v setpriv >/dev/null; then
	check "only root writes" "$(find "$sys" -type f -perm /022 | wc -l) files are open to others" \
		[ -z "$(find "$sys" -type f -perm /022)" ]
	check "only root and its group read" "$(find "$sys" -type f -perm /007 | wc -l) files are open to others" \
		[ -z "$(find "$sys" -type f \( -perm /007 -o ! -group $GROUP \))" ]
	! read_as 65534 65534 "$dir/cpu/guest_ns"
	check "nobody cannot read a VM" "" [ $? = 0 ]
	check "the group reads a VM" "" read_as 65534 $GROUP "$dir/cpu/guest_ns"
	! read_as 65534 65534 "$sys/epoch"
	check "nobody cannot read the host" "" [ $? = 0 ]
	! read_as 65534 65534 /dev/kvmeter
	check "nobody cannot open /dev/kvmeter" "" [ $? = 0 ]
	! by_nobody "$sys/period_ns"
	check "nobody cannot write" "" [ $? = 0 ]
fi

# poll(2) wakes on a change, and not before; each in a file of its own, so that
# what the one before left is not taken for its first reading
pollfile "$dir/price_ncr_h" 20000 >"$tmp/poll.price" &
poller=$!
until_ok 20 test -s "$tmp/poll.price"
snooze 1
check "poll sleeps while nothing changes" "" kill -0 $poller
vm_set vm tariff.base-ncr-h=1234567890,ceiling-ncr-h=10000000000,notice-ms=0
wait $poller
status=$?
check "poll wakes on a price change" "$(tr '\n' ' ' <"$tmp/poll.price")" \
	[ $status = 0 -a "$(tail -n 1 "$tmp/poll.price")" = 1234567890 ]

pollfile "$dir/cpu/grant_bp" 20000 >"$tmp/poll.grant" &
poller=$!
until_ok 20 test -s "$tmp/poll.grant"
vm_set vm policy.floor-bp=1000 budget.cap-ncr=0,action=0
wait $poller
status=$?
check "poll wakes on a grant change" "$(tr '\n' ' ' <"$tmp/poll.grant")" \
	[ $status = 0 -a "$(tail -n 1 "$tmp/poll.grant")" = 1000 ]

# The VM dies while a file is held open
pollfile -h "$dir/cpu/guest_ns" 8000 >"$tmp/hold" &
holder=$!
until_ok 20 test -s "$tmp/hold"
guest_end vm KILL
until_ok 10 vms_gone
wait $holder
check "a file of a dead VM" "$(tail -n 1 "$tmp/hold") (19 is ENODEV)" grep -q '^error 19$' "$tmp/hold"
check "the directory goes" "" [ ! -e "$dir" ]

finish
