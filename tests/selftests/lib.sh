# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests share. A test sources it, calls check (or ok, not_ok, skip) and
# ends with "finish". Each of these writes a line of TAP.
#
# The machine is emulated and may be slow and uneven: a process may take
# 100 ms to start, and a kernel with checkers may keep a third of a CPU for its
# interrupts. No verdict may depend on that:
#
# - A test waits for an event, by until_ok, and not for a time.
# - It compares clocks with each other, not with what the wall clock should have
#   shown, and loops that measure start no process.
# - What a guest gets is no business of ours; what is kept from it is. So a limit
#   is judged by the most that ran and by the most that was withheld (shares), and
#   what ran without a limit is measured in the same run.
# - That a limit is never exceeded holds on every machine.

set -u

# shellcheck disable=SC2034	# the tests use it
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
sys=/sys/kernel/kvmeter
test_name=${0##*/}
test_name=${test_name%.sh}
passed=0
failed=0
skipped=0
# Results of the tests before this one (see all)
number=${KVMETER_NUMBER:-0}
guests=()
taps=()
cgroups=()
tmp=$(mktemp -d "/tmp/$test_name.XXXX")

# 0.1 s of waiting without a process
snooze() {	# SECONDS
	read -r -t "$1" <>"$tmp/never" || :
}
mkfifo "$tmp/never"

# A line of TAP; "#" in a detail would begin a directive
result() {	# "ok"|"not ok"|skip NAME [DETAIL] [DIRECTIVE]
	number=$((number + 1))
	echo "$1" >>"${KVMETER_RESULTS:-/dev/null}"
	echo "${1/skip/ok} $number - $test_name/$2${3:+: ${3//#/\\#}}${4:+ # $4}"
}

ok() {	# NAME [DETAIL]
	passed=$((passed + 1))
	result ok "$@"
}

not_ok() {	# NAME [DETAIL]
	failed=$((failed + 1))
	result "not ok" "$@"
}

skip() {	# NAME WHY
	skipped=$((skipped + 1))
	result skip "$1" "" "SKIP $2"
}

note() {
	echo "# $*"
}

# The command says whether the test is passed
check() {	# NAME DETAIL COMMAND...
	local name=$1 detail=$2
	shift 2

	if "$@"; then
		ok "$name" "$detail"
	else
		not_ok "$name" "$detail (failed: $*)"
	fi
}

# Its output is not of interest
silent() {
	"$@" >/dev/null 2>&1
}

# |A - B| <= |B| * PPM / 10^6 + SLOP; nanoseconds of up to hours fit
near() {	# A B PPM SLOP
	local diff=$(($1 - $2)) tol=$((${2#-} * $3 / 1000000 + $4))

	[ ${diff#-} -le $tol ]
}

between() {	# LOW X HIGH
	[ "$1" -le "$2" ] && [ "$2" -le "$3" ]
}

percent() {	# PART WHOLE: with two decimals
	local bp=$(($1 * 10000 / ($2 ? $2 : 1)))

	printf '%s%d.%02d %%' "$([ $bp -ge 0 ] || echo -)" $((${bp#-} / 100)) $((${bp#-} % 100))
}

ms() {	# NS
	echo "$(($1 / 1000000)) ms"
}

# A file's first line, without a process
value() {	# VARIABLE FILE
	local line=

	read -r line 2>/dev/null <"$2" || [ -n "$line" ] || line=
	printf -v "$1" %s "$line"
}

# The first line that matches, in $matched, without a process
matches() {	# PATTERN FILE
	while IFS= read -r matched || [ -n "$matched" ]; do
		[[ ! $matched =~ $1 ]] || return 0
	done <"$2"
	return 1
}

# Wait until the command succeeds. So many seconds are far more than it takes on a
# machine that has nothing else to do; one that has gets four times as many, up to 180
# more. Who waits says so now and then: a machine that says nothing stands still.
until_ok() {	# SECONDS COMMAND...
	local end=$((SECONDS + $1 + ($1 < 60 ? 3 * $1 : 180))) word=$((SECONDS + 60))
	shift

	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		if [ $SECONDS -ge $word ]; then
			note "waiting for: $*"
			word=$((SECONDS + 60))
		fi
		snooze 0.05
	done
}

loaded() {
	[ -d /sys/module/kvmeter ]
}

# shellcheck disable=SC2120	# some tests pass parameters
load() {	# [PARAMETER=VALUE...]
	loaded || insmod "$KVMETER_KO" "$@" || {
		not_ok load "insmod failed"
		finish
	}
}

unload() {
	! loaded || rmmod kvmeter
}

# kvmguest; sets NAME_pid, NAME_out, NAME_fifo
guest_run() {	# NAME ARGUMENT...
	vmm_run kvmguest "$@"
}

vmm_run() {	# PROGRAM NAME ARGUMENT...
	local vmm=$1 name=$2 fifo=$tmp/$2.fifo out=$tmp/$2.out
	shift 2

	rm -f "$fifo" "$out"
	mkfifo "$fifo"
	"$vmm" --control "$fifo" --name "$name" "$@" >"$out" 2>&1 &
	printf -v "${name}_pid" %s $!
	printf -v "${name}_out" %s "$out"
	printf -v "${name}_fifo" %s "$fifo"
	guests+=($!)
}

guest_ready() {	# NAME
	local out=${1}_out

	until_ok 60 grep -q '^ready' "${!out}"
}

# The VM of a process; sets VARIABLE
vm_of() {	# VARIABLE PID
	local file tgid

	for file in "$sys"/vms/*/tgid; do
		value tgid "$file"
		if [ "$tgid" = "$2" ]; then
			file=${file%/tgid}
			printf -v "$1" %s "${file##*/}"
			return 0
		fi
	done
	return 1
}

# Once it is loaded, kvmeter knows a guest that runs; sets NAME_vm
guest_known() {	# NAME
	local pid=${1}_pid

	! loaded || until_ok 10 vm_of "${1}_vm" "${!pid}" || {
		not_ok "guest $1" "kvmeter does not know it"
		return 1
	}
}

# A guest that runs and that kvmeter knows; sets also NAME_vm
guest() {	# NAME ARGUMENT...
	guest_run "$@"
	guest_ready "$1" || {
		not_ok "guest $1" "not ready: $(tail -n 1 "$tmp/$1.out")"
		return 1
	}
	guest_known "$1"
}

# A bad tenant, hostilevmm in one of its modes; sets NAME_pid, NAME_out, NAME_fifo.
# guest_known says which VM it has; "tell NAME calm" makes it a good one.
bad_guest() {	# NAME MODE [OPTION...]
	local name=$1 mode=$2
	shift 2

	vmm_run hostilevmm "$name" --mode "$mode" "$@"
	guest_ready "$name" || {
		not_ok "guest $name" "not ready: $(tail -n 1 "$tmp/$name.out")"
		return 1
	}
}

state_is() {	# NAME STATE
	local vm=${1}_vm state

	value state "$sys/vms/${!vm}/state"
	[ "$state" = "$2" ]
}

# A VM's budget is used up, and it is paused
pause() {	# NAME
	vm_set "$1" "tariff.base-ncr-h=1000000000,notice-ms=0" "budget.cap-ncr=0,action=1"
	until_ok 10 state_is "$1" paused
}

# Tell a guest something through its control FIFO
tell() {	# NAME COMMAND...
	local fifo=${1}_fifo
	shift

	echo "$*" >"${!fifo}"
}

# The guest's own figures as PREFIXkey; asks for them
guest_report() {	# NAME PREFIX
	local out=${1}_out lines

	lines=$(grep -c '^name=' "${!out}")
	tell "$1" report
	until_ok 20 reports_more_than "${!out}" "$lines" || return 1
	guest_keys "${!out}" "$2"
}

reports_more_than() {
	[ "$(grep -c '^name=' "$1")" -gt "$2" ]
}

# The last report in a file
guest_keys() {	# FILE PREFIX
	local pair

	for pair in $(grep '^name=' "$1" | tail -n 1); do
		printf -v "$2${pair%%=*}" %s "${pair#*=}"
	done
}

# The Linux guest of tests/guests/linux/run, with its options; as guest, sets
# NAME_pid, NAME_out, NAME_fifo and NAME_vm. It takes some 10 s to start, so
# several are best begun by linux_run and awaited by linux_ready.
linux_guest() {	# NAME OPTION...
	linux_run "$@"
	linux_ready "$1"
}

linux_run() {	# NAME OPTION...
	local name=$1 fifo=$tmp/$1.fifo out=$tmp/$1.out
	shift

	case " $* " in *" --vhost "*)
		modprobe -q vhost_net ;;
	esac
	rm -f "$fifo" "$out"
	mkfifo "$fifo"
	"$repo/tests/guests/linux/run" --name "$name" --control "$fifo" --log "$out" "$@" \
		2>"$out.qemu" &
	printf -v "${name}_pid" %s $!
	printf -v "${name}_out" %s "$out"
	printf -v "${name}_fifo" %s "$fifo"
	guests+=($!)
}

linux_ready() {	# NAME
	linux_says "$1" '^ready' 300 || {
		not_ok "guest $1" "not ready: $(tail -qn 2 "$tmp/$1.out" "$tmp/$1.out.qemu")"
		return 1
	}
	guest_known "$1"
}

# Is there a kernel, and all else that a Linux needs?
linux_can() {
	[ -e "${KVMETER_GUEST_KERNEL-}" ] && [ -e "$repo/build/guests/initramfs" ] &&
		silent command -v qemu-system-x86_64
}

# The same Linux in the smallest machine that there is: one CPU, and a console
# that init.c's commands go to; as linux_guest. With a CGROUP all of it is there.
# An emulated boot now and then stops for good (tests/vm/run), a guest's too:
# it is started again, twice at most.
linux_micro() {	# NAME MIB [CGROUP]
	local fifo=$tmp/$1.fifo out=$tmp/$1.out pid

	for _ in 1 2 3; do
		rm -f "$fifo"
		mkfifo "$fifo"
		: >"$out"
		(
			[ -z "${3-}" ] || echo $BASHPID >"$3/cgroup.procs"
			exec qemu-system-x86_64 -M microvm,accel=kvm -cpu host -smp 1 -m "$2" -nodefaults \
				-no-user-config -display none -no-reboot -kernel "$KVMETER_GUEST_KERNEL" \
				-initrd "$repo/build/guests/initramfs" \
				-append "console=ttyS0 loglevel=6 nowatchdog panic=-1 tsc=reliable" -serial stdio \
				<>"$fifo" >"$out" 2>&1
		) &
		pid=$!
		printf -v "${1}_pid" %s $pid
		printf -v "${1}_out" %s "$out"
		printf -v "${1}_fifo" %s "$fifo"
		guests+=($pid)
		if linux_boots "$1"; then
			guest_known "$1"
			return
		fi
		note "guest $1 does not start: $(tail -c 300 "$out" | tr '\r\n' '  ')"
		guest_end "$1" KILL
	done
	not_ok "guest $1" "does not start"
	return 1
}

# It is ready in the end, as long as it has something new to say
linux_boots() {	# NAME
	local out=${1}_out pid=${1}_pid size=0 last=-1

	while [ "$size" != "$last" ]; do
		last=$size
		for _ in {1..240}; do
			! grep -aqs '^ready' "${!out}" || return 0
			kill -0 "${!pid}" 2>/dev/null || return 1
			snooze 0.5
		done
		size=$(stat -c %s "${!out}")
	done
	return 1
}

# Wait until the Linux guest has said a line like that
linux_says() {	# NAME PATTERN [SECONDS]
	local out=${1}_out

	until_ok "${3-60}" grep -aqs "$2" "${!out}"
}

# Tell a Linux guest a command of init.c
linux_tell() {	# NAME COMMAND...
	tell "$@"
}

# Tell it one that takes time, and wait for its end: its bytes in $moved, and
# the time that it took in $took_ms
linux_do() {	# NAME SECONDS COMMAND...
	local out=${1}_out name=$1 patience=$2 before line
	shift 2

	before=$(linux_ends "${!out}")
	tell "$name" "$@"
	until_ok "$patience" linux_ended_more "${!out}" "$before" || return 1
	line=$(grep -aE '^(done|failed) ' "${!out}" | tail -n 1)
	moved=${line##*bytes=}
	moved=${moved%% *}
	took_ms=${line##*ms=}
	took_ms=${took_ms%%[!0-9]*}
	[ "${line%% *}" = "done" ]
}

linux_ends() {	# FILE
	grep -acE '^(done|failed) ' "$1"
}

linux_ended_more() {
	[ "$(linux_ends "$1")" -gt "$2" ]
}

# The Linux guest's own figures as PREFIXkey; asks for them. One that did not answer is
# not asked again: it stands still, and each question takes half a minute.
linux_report() {	# NAME PREFIX [SECONDS]
	local out=${1}_out mute=${1}_mute before pair

	[ -z "${!mute-}" ] || return 1
	before=$(grep -ac '^report ' "${!out}")
	tell "$1" report
	until_ok "${3-30}" linux_reports_more "${!out}" "$before" || {
		printf -v "$mute" 1
		return 1
	}
	for pair in $(tr -d '\r' <"${!out}" | grep -a '^report ' | tail -n 1); do
		[ "$pair" = report ] || printf -v "$2${pair%%=*}" %s "${pair#*=}"
	done
}

# Whole lines only: the console may be read in the middle of one
linux_reports_more() {
	[ "$(grep -ac '^report .* disk_busy=[01]' "$1")" -gt "$2" ]
}

# A tap device for a guest of that network; it goes with the test
tap_make() {	# IFNAME HOST-IP/BITS
	silent modprobe tun
	ip tuntap add dev "$1" mode tap && taps+=("$1") &&
		ip addr add "$2" dev "$1" && ip link set "$1" up
}

# A counter of an interface, as the host sees it: rx is what the guest sent
tap_count() {	# VARIABLE IFNAME rx_bytes|tx_packets|...
	value "$1" "/sys/class/net/$2/statistics/$3"
}

# The other end for "net send" and "net recv"
net_peer() {	# PORT
	netpeer "$1" >"$tmp/netpeer.$1" 2>&1 &
	guests+=($!)
	until_ok 20 grep -qs '^ready' "$tmp/netpeer.$1"
}

# A control group with all controllers, below the root; it goes with the test.
# In $cgroup: its directory
cgroup_make() {	# NAME [PID]
	cgroup=/sys/fs/cgroup/$1
	mkdir "$cgroup" || return
	cgroups+=("$cgroup")
	[ -z "${2-}" ] || echo "$2" >"$cgroup/cgroup.procs"
}

# Periods stop: a real-time thread keeps their thread from its CPU, the second.
# They go on by themselves after so many seconds.
periods_stop() {	# SECONDS
	local thread

	value rt_runtime /proc/sys/kernel/sched_rt_runtime_us
	echo -1 >/proc/sys/kernel/sched_rt_runtime_us
	thread=$(pgrep -x -P 2 kvmeter)
	taskset -pc 1 "$thread" >/dev/null
	setsid timeout -s KILL "$1" taskset -c 1 chrt -f 50 sh -c 'while :; do :; done' &
	hog=$!
}

periods_go_on() {
	pkill -KILL -s "$hog"
	wait "$hog" 2>/dev/null
	echo "$rt_runtime" >/proc/sys/kernel/sched_rt_runtime_us
	taskset -pc 0,1 "$(pgrep -x -P 2 kvmeter)" >/dev/null
}

guest_end() {	# NAME [SIGNAL]
	local pid=${1}_pid

	kill -s "${2-TERM}" "${!pid}" 2>/dev/null
	wait "${!pid}" 2>/dev/null
}

# What the kernel says of a VMM's memory, in KiB
status_kib() {	# NAME KEY
	local pid=${1}_pid

	awk -v key="$2:" '$1 == key { print $2 }' "/proc/${!pid}/status"
}

# Resident is what the kernel says, and does not move; kvmeter's figures as m_
same_rss() {	# NAME
	local vm=${1}_vm a b

	a=$(status_kib "$1" VmRSS)
	query m_ vm-get "id=${!vm}"
	b=$(status_kib "$1" VmRSS)
	between $((a < b ? a - 2048 : b - 2048)) "$m_memory_resident_kib" \
		$((a > b ? a + 2048 : b + 2048))
}

# kvmeter's and the scheduler's figures of a VM at one moment
sample() {	# PREFIX [-s] NAME
	local prefix=$1 stop=() pid vm
	shift

	if [ "$1" = -s ]; then
		stop=(-s)
		shift
	fi
	pid=${1}_pid
	vm=${1}_vm
	eval "unset \${!${prefix}@}"
	eval "$(kv -p "$prefix" sample "${stop[@]}" "${!vm}" "${!pid}")"
}

# One object by netlink as PREFIXkey
query() {	# PREFIX OP [ATTRIBUTE...]
	local prefix=$1
	shift

	eval "unset \${!${prefix}@}"
	eval "$(kv -p "$prefix" ask "$@")"
}

vm_set() {	# NAME ATTRIBUTE...
	local vm=${1}_vm
	shift

	kv ask vm-set "id=${!vm}" "$@"
}

# What a process ran, by the scheduler alone
ran_ns() {	# PID: in $ran
	local file one

	ran=0
	for file in /proc/"$1"/task/*/schedstat; do
		read -r one _ <"$file"
		ran=$((ran + one))
	done
}

# What a guest's threads run, in bp of a CPU
rate() {	# NAME SECONDS: in $bp
	local pid=${1}_pid before t0

	ran_ns "${!pid}"
	before=$ran
	t0=${EPOCHREALTIME/[.,]/}
	snooze "$2"
	ran_ns "${!pid}"
	bp=$(((ran - before) * 10 / (${EPOCHREALTIME/[.,]/} - t0)))
}

# What the kernel keeps of all CPUs for its interrupts, where it knows: in $irq_ns.
# A thread is not charged for them.
interrupts() {
	local stat

	read -r -a stat </proc/stat
	irq_ns=$(((stat[6] + stat[7]) * 10000000))
}

# What became of a VM's vCPUs' time in so many seconds, in bp of it: $run_bp by the
# scheduler, $held_bp withheld and $wait_bp waited by kvmeter; the scheduler's account of
# waiting has both (steal). What is left is $rest_bp, of which interrupts account for up
# to $irq_bp. All took $outer_bp, with the time that it took to look. Leaves the samples
# a_ and b_.
shares() {	# NAME VCPUS SECONDS
	local irq wall t0=${EPOCHREALTIME/[.,]/}

	interrupts
	irq=$irq_ns
	sample a_ -s "$1"
	snooze "$3"
	sample b_ -s "$1"
	interrupts
	wall=$(((b_mono_ns - a_mono_ns) * $2 / 10000))
	outer_bp=$(((${EPOCHREALTIME/[.,]/} - t0) * 1000 * $2 / wall))
	run_bp=$(((b_vcpu_run_ns - a_vcpu_run_ns) / wall))
	held_bp=$(((b_times_throttled_ns - a_times_throttled_ns) / wall))
	wait_bp=$(((b_times_wait_ns - a_times_wait_ns) / wall))
	irq_bp=$(((irq_ns - irq) / wall))
	rest_bp=$((10000 - run_bp - held_bp - wait_bp))
}

# Nothing of that time is counted twice, and none is lost but to interrupts, and to
# moments when the VMM was stopped to be looked at: 4 % of 3 s
accounted() {
	[ $((run_bp + held_bp + wait_bp)) -le $((outer_bp + 100)) ] &&
		[ $rest_bp -le $((irq_bp + 400)) ]
}

# A limit was kept: no more ran, and no more was withheld than would have run too
# much. Tolerance: 5 % and 2 points.
kept_to() {	# BP
	[ "$run_bp" -le $(($1 * 105 / 100 + 200)) ] &&
		[ "$held_bp" -le $((10000 - $1 * 95 / 100 + 200)) ]
}

# Sleep, and see by how much the machine is late at it: in $late_ns
late() {	# SECONDS
	local end=$((SECONDS + $1)) t0 us

	late_ns=0
	while [ $SECONDS -lt $end ]; do
		t0=${EPOCHREALTIME/[.,]/}
		snooze 0.05
		us=$((${EPOCHREALTIME/[.,]/} - t0 - 50000))
		[ $((us * 1000)) -le $late_ns ] || late_ns=$((us * 1000))
	done
}

nice_of() {	# PID: of its thread vcpu0
	local dir comm stat

	for dir in /proc/"$1"/task/*; do
		value comm "$dir/comm"
		if [ "$comm" = vcpu0 ]; then
			value stat "$dir/stat"
			stat=${stat##*) }
			# shellcheck disable=SC2086	# fields
			set -- $stat
			echo "${17}"
			return
		fi
	done
}

nice_is() {	# PID OPERATOR VALUE
	test "$(nice_of "$1")" "$2" "$3"
}

# All VMs of now may run more than their share for a while: in $boosted, how many
boost_all() {
	local vm

	boosted=0
	for vm in "$sys"/vms/*; do
		silent kv ask suggest "vm-id=${vm##*/}" resource=0 grant-bp=20000 duration-ms=60000 &&
			boosted=$((boosted + 1))
	done
}

# Nothing that it does unasked comes near the spike. An emulated machine that
# must wait for its own CPU looks like a busy guest, so this may take a while.
quiet() {	# NAME
	local vm=${1}_vm

	query q_ vm-get "id=${!vm}"
	[ "${q_usage0_alarm-10000}" -lt 8000 ]
}

ended() {	# PID
	! kill -0 "$1" 2>/dev/null
}

vms_gone() {
	! compgen -G "$sys/vms/*" >/dev/null
}

# What the kernel keeps for itself, in $kernel_kib, and what is there for others, in
# $free_kib, once no VM is left and caches are dropped
kernel_memory() {
	local key kib

	! loaded || until_ok 60 vms_gone || not_ok "VMs gone" "still there: $(echo "$sys"/vms/*)"
	snooze 2	# for what is freed later
	sync
	echo 3 >/proc/sys/vm/drop_caches
	snooze 1
	kernel_kib=0
	while read -r key kib _; do
		case $key in
		SUnreclaim: | SReclaimable: | Percpu: | VmallocUsed: | PageTables: | KernelStack:)
			kernel_kib=$((kernel_kib + kib)) ;;
		MemAvailable:)
			free_kib=$kib ;;
		esac
	done </proc/meminfo
}

# Of rounds of the same kind: the first fills caches, and the rest, which are several
# times as many, may take twice as much and some noise. A leak takes more.
memory_is_back() {	# NAME, after memory_start, memory_first and the rest
	local first=$((first_kib - start_kib)) first_free=$((start_free - first_free_kib)) rest rest_free

	kernel_memory
	rest=$((kernel_kib - first_kib))
	rest_free=$((first_free_kib - free_kib))
	note "memory in KiB: kernel $start_kib, then +$first, then +$rest;" \
		"available $start_free, then -$first_free, then -$rest_free"
	if [ "${KVMETER_KERNEL-}" = debug ]; then
		skip "$1" "freed memory stays in KASAN's quarantine; kmemleak knows"
		return
	fi
	check "$1: kernel" "+$first by the first, +$rest KiB by the rest" \
		[ $rest -le $(((first > 0 ? 2 * first : 0) + 2048)) ]
	check "$1: available" "-$first_free by the first, -$rest_free KiB by the rest" \
		[ $rest_free -le $(((first_free > 0 ? 2 * first_free : 0) + 16384)) ]
}

memory_start() {
	kernel_memory
	start_kib=$kernel_kib start_free=$free_kib
}

memory_first() {
	kernel_memory
	first_kib=$kernel_kib first_free_kib=$free_kib
}

# The kernel's complaints since the test began
dmesg_since() {
	dmesg | awk -v mark="kvmeter-selftest: $test_name $$" 'on; index($0, mark) { on = 1 }'
}

finish() {
	local pid dir tap

	trap - EXIT
	for pid in "${guests[@]}"; do
		kill -CONT "$pid" 2>/dev/null
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	for dir in "${cgroups[@]}"; do
		until_ok 5 silent rmdir "$dir" || not_ok "cgroup $dir" "still in use"
	done
	for tap in "${taps[@]}"; do
		ip link del "$tap"
	done
	! loaded || until_ok 20 vms_gone || not_ok "VMs gone" "still there: $(echo "$sys"/vms/*)"
	unload || not_ok unload "rmmod failed"
	dmesg_since >"$tmp/dmesg"
	if "$repo/tests/vm/splats" <(echo "kvmeter-test: begin"; cat "$tmp/dmesg") >"$tmp/splats"; then
		ok dmesg "nothing to complain about"
	else
		not_ok dmesg "the kernel complained"
		sed 's/^/# /' "$tmp/splats" | head -n 60
	fi
	rm -rf "$tmp"
	[ -n "${KVMETER_RESULTS-}" ] || echo "1..$number"
	exit $((failed > 0))
}

# Left without a word: a variable that was not set, a signal
died() {
	not_ok complete "the test ended early"
	finish
}

trap died EXIT
trap 'exit 1' INT TERM
# KVMETER_BUILT: what the folders of another architecture's programs end with
PATH=$repo/build/selftests${KVMETER_BUILT-}:$repo/build/guests${KVMETER_BUILT-}:$PATH
echo "kvmeter-selftest: $test_name $$" >/dev/kmsg
