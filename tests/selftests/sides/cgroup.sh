#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Cgroups: which directories are refused; a boost is written to the control
# files, read back and given back; someone else's word is the last; controllers
# and the cgroup itself may go at any time.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317,SC2034
. "$(dirname "$0")/../lib.sh"

root=/sys/fs/cgroup
cg=$root/vm-cgroup
declare knob_value='' knob_before='' knob_conflict='' knob_why=''

# Hand over what is open as descriptor 9
attach() {	# VM
	kv ask cgroup-attach "vm-id=$1" fd=9 >/dev/null 2>"$tmp/err"
}

refused() {	# NAME TEXT [VM]; descriptor 9 is what is handed over
	local rc=0

	attach "${3-$vm_vm}" || rc=$?
	check "refused: $1" "$(cat "$tmp/err")" grep -q "^error .*$2" "$tmp/err"
	[ $rc = 1 ] || not_ok "refused: $1" "status $rc"
}

suggest() {	# BP
	kv ask suggest "vm-id=$vm_vm" resource=0 "grant-bp=$1" duration-ms=600000 >/dev/null
}

holds() {	# FILE VALUE
	local got

	value got "$1"
	[ "$got" = "$2" ]
}

# Of a control file as the dump tells it: $knob_value, _before, _conflict, _why
knob() {	# NAME
	local i name

	knob_value='' knob_before='' knob_conflict='' knob_why=''
	query q_ vm-get "id=$vm_vm"
	for i in 0 1 2 3 4 5; do
		name=q_cgroup_knob${i}_name
		[ "${!name-}" = "$1" ] || continue
		for name in value before conflict why; do
			local from=q_cgroup_knob${i}_$name
			printf -v "knob_$name" %s "${!from-}"
		done
		return 0
	done
	return 1
}

knob_has() {	# NAME FIELD PATTERN
	local field=knob_$2

	knob "$1" || return 1
	# shellcheck disable=SC2053	# a pattern
	[[ ${!field} == $3 ]]
}

gone_because() {	# PATTERN
	query q_ vm-get "id=$vm_vm"
	# shellcheck disable=SC2053	# a pattern
	[ -z "${q_cgroup_path-}" ] && [[ ${q_cgroup_why-} == $1 ]]
}

attached() {
	query q_ vm-get "id=$vm_vm"
	[ -n "${q_cgroup_path-}" ]
}

load
mkdir "$cg" "$cg-empty" "$cg-gone"
guest vm --mode duty --duty-bp 1000
guest other --mode duty --duty-bp 1000
echo "$vm_pid" >"$cg/cgroup.procs"
vm_set vm policy.mode=1,nominal-bp=10000,ceiling-bp=40000,floor-bp=2000,threshold-mbit=30000

# what is no cgroup of this VM
refused "nothing open" "not an open descriptor" 9<&-
refused "a file" "not in a cgroup v2" 9</etc/passwd
refused "a directory" "not in a cgroup v2" 9</proc
refused "a control file" "a control file" 9<"$cg/cpu.weight"
refused "one to be written" "a control file" 9>>"$cg/cpu.weight"
refused "the root" "the root" 9<$root
refused "one without the VMM" "not in this cgroup" 9<"$cg-empty"
exec 8<"$cg-gone"
rmdir "$cg-gone"
refused "a removed one" "was removed" 9<&8
exec 8<&-
mkdir "$tmp/v1"
if mount -t cgroup -o none,name=kvmeter-test cgroup "$tmp/v1" 2>/dev/null; then
	refused "cgroup v1" "not in a cgroup v2" 9<"$tmp/v1"
	umount "$tmp/v1"
else
	skip "cgroup v1" "not in this kernel"
fi
echo "$other_pid" >"$cg/cgroup.procs"
refused "one with two VMs" "another VM" 9<"$cg"
echo "$other_pid" >"$cg-empty/cgroup.procs"
refused "no such VM" "no VM" 4000000 9<"$cg"
check "CAP_SYS_ADMIN is needed" "" \
	bash -c "setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin kv ask cgroup-attach vm-id=$vm_vm fd=9 9<$cg 2>&1 | grep -q CAP_SYS_ADMIN"

# its own
check "attached" "" attach "$vm_vm" 9<"$cg"
check "the dump tells" "${q_cgroup_path-}" attached
check "the path" "$q_cgroup_path" [ "$q_cgroup_path" = /vm-cgroup ]
refused "twice" "detach it first" 9<"$cg"
mkdir "$cg/below"
echo "$other_pid" >"$cg/below/cgroup.procs"
refused "below another's" "above or below" "$other_vm" 9<"$cg/below"
echo "$other_pid" >"$cg-empty/cgroup.procs"
rmdir "$cg/below"
check "nothing is written unasked" "" holds "$cg/cpu.weight" 100

# a boost
suggest 20000
check "weight" "" until_ok 40 holds "$cg/cpu.weight" 200
check "it is told" "$knob_value, before $knob_before" until_ok 5 knob_has cpu.weight value 200
check "so is what was there" "$knob_before" [ "$knob_before" = 100 ]
check "no quota, no burst" "$knob_why" until_ok 5 knob_has cpu.max.burst why "*quota*"
echo "50000 100000" >"$cg/cpu.max"
check "burst" "" until_ok 40 holds "$cg/cpu.max.burst" 50000
suggest 30000
check "more weight" "" until_ok 40 holds "$cg/cpu.weight" 300
suggest 10000
check "it returns" "" until_ok 20 holds "$cg/cpu.weight" 100
check "so does burst" "" until_ok 40 holds "$cg/cpu.max.burst" 0
echo max >"$cg/cpu.max"

# someone else's word
suggest 20000
until_ok 40 holds "$cg/cpu.weight" 200
until_ok 5 knob_has cpu.weight value 200
echo 777 >"$cg/cpu.weight"
check "conflict is told" "$knob_why" until_ok 40 knob_has cpu.weight conflict 1
suggest 30000
snooze 1.5
check "it is not touched any more" "" holds "$cg/cpu.weight" 777
suggest 10000
check "conflict ends with the boost" "" until_ok 20 knob_has cpu.weight conflict ""
check "theirs stays" "" holds "$cg/cpu.weight" 777
echo 100 >"$cg/cpu.weight"

# a controller goes and comes
suggest 20000
until_ok 40 holds "$cg/cpu.weight" 200
echo -cpu >$root/cgroup.subtree_control
check "controller off is told" "$knob_why" until_ok 40 knob_has cpu.weight why "*controller*"
echo +cpu >$root/cgroup.subtree_control
check "on again: written again" "" until_ok 40 holds "$cg/cpu.weight" 200

# what is mounted over it is not written to
echo 100 >"$tmp/trap"
mount --bind "$tmp/trap" "$cg/cpu.weight"
check "a mount is told" "$knob_why" until_ok 40 knob_has cpu.weight why "*mounted*"
suggest 30000
snooze 1
check "and not written to" "" holds "$tmp/trap" 100
umount "$cg/cpu.weight"
check "below it goes on" "" until_ok 40 holds "$cg/cpu.weight" 300

# detach, unload, death give back
kv ask cgroup-detach "vm-id=$vm_vm"
check "detach restores" "" holds "$cg/cpu.weight" 100
check "and can be attached again at once" "$(cat "$tmp/err")" attach "$vm_vm" 9<"$cg"
check "boost goes on" "" until_ok 40 holds "$cg/cpu.weight" 300
unload
check "unload restores" "" holds "$cg/cpu.weight" 100
load
until_ok 40 vm_of vm_vm "$vm_pid"
vm_set vm policy.mode=1,nominal-bp=10000,ceiling-bp=40000,floor-bp=2000,threshold-mbit=30000
attach "$vm_vm" 9<"$cg"
suggest 20000
until_ok 40 holds "$cg/cpu.weight" 200

# the VMM leaves, then the cgroup goes
echo "$vm_pid" >$root/cgroup.procs
check "leaving is told" "" until_ok 40 gone_because "*left*"
check "leaving restores" "" until_ok 40 holds "$cg/cpu.weight" 100
echo "$vm_pid" >"$cg/cgroup.procs"
attach "$vm_vm" 9<"$cg"
until_ok 40 holds "$cg/cpu.weight" 200
exec 8<"$cg"
echo "$vm_pid" >$root/cgroup.procs
rmdir "$cg"
mkdir "$cg"
check "removal is told" "$q_cgroup_why" until_ok 40 gone_because "*"
echo "$vm_pid" >"$cg/cgroup.procs"
refused "the removed one's name does not help" "removed" 9<&8
exec 8<&-
check "the new one does" "$(cat "$tmp/err")" attach "$vm_vm" 9<"$cg"
check "boost is there" "" until_ok 40 holds "$cg/cpu.weight" 200
guest_end vm KILL
check "death restores" "" until_ok 20 holds "$cg/cpu.weight" 100
guest_end other
rmdir "$cg" "$cg-empty"

finish
