#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Readers: nobody who can be slowed holds what the period needs.
#
# A kernel that is preempted anywhere stops a reader where it stands when its
# control group has used up its CPU: 1 ms of each second here, as a metrics
# exporter with a quota has. Should it hold a lock then, whoever wants the lock
# waits for the next second. Some dozen readers of files, of dumps and of a VM's
# own side read all the time; meanwhile no period is missed, and a VM that its
# budget has paused runs nothing.
#
# On a machine whose clock counts instructions (run exact): its bounds are the
# module's, not this host's.

# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2154,SC2119,SC2317
. "$(dirname "$0")/../lib.sh"

PERIOD_NS=20000000
READERS=30
SECONDS_READ=8

preempt=/sys/kernel/debug/sched/preempt

# Whole words only, as the file marks the one in force by brackets
preempted() {
	local words

	value words $preempt
	[[ $words == *"(full)"* ]]
}

# Begins to read when it is told to, by a file; says how much it read
reader() {	# USER
	exec setpriv --reuid "$1" --clear-groups bash -c '
		n=0
		until [ -e '"$tmp/go"' ]; do
			read -r -t 0.1 <>'"$tmp/never"'
		done
		end=$((SECONDS + '$SECONDS_READ'))
		while [ $SECONDS -lt $end ]; do
			for file in '"$sys/vms/$held_vm"'/cpu/{guest,host,wait,other}_ns; do
				read -r line <"$file" && n=$((n + 1))
			done
		done 2>/dev/null
		echo "$n"' >>"$tmp/$1.read"
}

# In a group that has 1 ms of CPU in a second
slow_down() {	# PID
	local dir=/sys/fs/cgroup/readers/$1

	mkdir "$dir"
	echo "1000 1000000" >"$dir/cpu.max"
	echo "$1" >"$dir/cgroup.procs"
}

gaps() {	# PREFIX
	value "${1}longest" "$sys/longest_gap_ns"
	value "${1}late" "$sys/periods_late"
	value "${1}lapsed" "$sys/periods_lapsed"
}

mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug
value preempt_before $preempt 2>/dev/null
if [ ! -e $preempt ]; then
	skip readers "this kernel's preemption cannot be chosen"
	finish
fi
echo full >$preempt
check "preempted anywhere" "$(cat $preempt)" preempted

load period_ms=$((PERIOD_NS / 1000000))
guest held --mode spin
chmod 755 "$tmp"
chmod 666 "$tmp/never"
vm_set held budget.cap-ncr=0,period-s=0,action=1
check "paused" "" until_ok 20 state_is held paused
mkdir -p /sys/fs/cgroup/readers
echo +cpu >/sys/fs/cgroup/cgroup.subtree_control
echo +cpu >/sys/fs/cgroup/readers/cgroup.subtree_control

for user in 65534 0; do
	readers=()
	for ((i = 0; i < READERS; i++)); do
		reader $user &
		readers+=($!)
	done
	snooze 2
	for reader in "${readers[@]}"; do
		slow_down "$reader"
	done
	gaps before_
	sample a_ held
	: >"$tmp/go"
	wait "${readers[@]}"
	gaps after_
	sample b_ held
	rm "$tmp/go"
	read_nr=0
	while read -r n; do
		read_nr=$((read_nr + n))
	done <"$tmp/$user.read"
	note "$READERS readers as user $user read $read_nr values in $(ms $((b_mono_ns - a_mono_ns)))"
	check "no period missed, user $user" "longest gap $(ms "$after_longest") of periods of $(ms $PERIOD_NS), $((after_late - before_late)) late" \
		[ "$after_longest" -lt $((2 * PERIOD_NS)) -a "$after_late" = "$before_late" -a "$after_lapsed" = "$before_lapsed" ]
	ran=$((b_vcpu_run_ns - a_vcpu_run_ns))
	check "a paused VM stays paused, user $user" "ran $(ms $ran) of $(ms $((b_mono_ns - a_mono_ns)))" \
		[ $ran -lt 10000000 ]
	rmdir /sys/fs/cgroup/readers/*/
done
check "root reads" "$read_nr values" [ "$read_nr" -gt $READERS ]

for word in ${preempt_before//[()]/}; do
	[[ $preempt_before != *"($word)"* ]] || echo "$word" >$preempt
done
rmdir /sys/fs/cgroup/readers
guest_end held
finish
