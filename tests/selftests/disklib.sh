# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the tests of disk use share, beside lib.sh: a VMM that does what it is
# told to a disk (diskio), and whose accounts of it are compared.

disk=vda
queue=/sys/block/$disk/queue
kib=1024
mib=$((1024 * 1024))

# diskio on a disk; sets NAME_pid, NAME_vm
vmm() {	# NAME DISK
	mkfifo "$tmp/$1.in"
	taskset 1 "$repo/build/selftests/diskio" "/dev/$2" <>"$tmp/$1.in" >"$tmp/$1.out" 2>&1 &
	printf -v "${1}_pid" %s $!
	guests+=($!)
	if ! until_ok 60 grep -q '^ready' "$tmp/$1.out" || ! until_ok 20 vm_of "${1}_vm" $!; then
		not_ok "vmm $1" "$(tail -n 1 "$tmp/$1.out")"
		finish
	fi
}

answers() {	# NAME
	grep -c '^done' "$tmp/$1.out"
}

more_answers() {	# NAME THAN
	[ "$(answers "$1")" -gt "$2" ]
}

vmm_do() {	# NAME COMMAND...
	local name=$1 before
	shift

	before=$(answers "$name")
	echo "$*" >"$tmp/$name.in"
	until_ok 60 more_answers "$name" "$before" || note "no answer: $*"
}

# kvmeter's figures, the process's account and the disk's, as PREFIXkey
figures() {	# PREFIX NAME
	local vm=${2}_vm pid=${2}_pid key word stat

	# sysfs shows what was settled last, and this settles
	query now_ vm-get "id=${!vm}"
	for key in read_bytes write_bytes read_ops write_ops cost_bytes; do
		value "$1$key" "$sys/vms/${!vm}/disk/$key"
	done
	while read -r key word; do
		printf -v "$1io_${key%:}" %s "$word"
	done <"/proc/${!pid}/io"
	value stat "/sys/block/$disk/stat"
	# shellcheck disable=SC2086	# fields
	set -- "$1" $stat
	printf -v "${1}stat_reads" %s $(($2 + $3))
	printf -v "${1}stat_writes" %s $(($6 + $7))
}

# What changed between two of them, as d_key
differ() {
	local key name

	for key in read_bytes write_bytes read_ops write_ops cost_bytes io_read_bytes \
		   io_write_bytes stat_reads stat_writes; do
		name=a_$key
		local end=b_$key
		printf -v "d_$key" %s $((${!end} - ${!name}))
	done
}

# One job and what it changed
job() {	# COMMAND...
	figures a_ vm
	vmm_do vm "$@"
	figures b_ vm
	differ
}

is() {	# NAME WANTED...: "key=value"
	local name=$1 pair key wrong=
	shift

	for pair; do
		key=d_${pair%%=*}
		[ "${!key}" = "${pair#*=}" ] || wrong+=" ${pair%%=*} ${!key}, not ${pair#*=}"
	done
	check "$name" "$*$wrong" test -z "$wrong"
}
