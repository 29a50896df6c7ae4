#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# mshv-info: its command line, and what it says of a device if there is one, as
# inside vm/run (in the build directory: vm/run -- tools/tests/info.sh, and with
# --env srcdir=DIR if the source is elsewhere).

# shellcheck source-path=SCRIPTDIR/../.. source=tools/tests/tap.sh disable=SC2034,SC2154
. "${srcdir:-.}/tools/tests/tap.sh"

run "$mshv_info" --help
expect "--help" 0 'Usage: mshv-info *Exit status: 0, or 125*' ''
run "$mshv_info" -h
expect "-h" 0 'Usage: mshv-info *' ''
run "$mshv_info" --version
expect "--version" 0 'mshv-info [0-9]*.[0-9]*.[0-9]*libmshv [0-9]*.[0-9]*.[0-9]*' ''
run "$mshv_info" -V
expect "-V" 0 'mshv-info *' ''

run "$mshv_info" extra
expect "an argument" 125 '' "mshv-info: extra is one*mshv-info --help*"
run "$mshv_info" --no-such-option
expect "an unknown option" 125 '' "*no-such-option*mshv-info --help*"
run "$mshv_info" --device
expect "--device without a path" 125 '' "*device*mshv-info --help*"

run "$mshv_info" --ioctls=nonsense
expect "--ioctls of no feature" 125 '' \
	"mshv-info: --ioctls=nonsense: no such feature*mshv-info --help*"
run "$mshv_info" --ioctls=
expect "--ioctls of an empty feature" 125 '' "mshv-info: --ioctls=: no such feature*"
run "$mshv_info" --ioctls extra
expect "--ioctls and an argument" 125 '' "mshv-info: extra is one*"

# Numbers worked out by hand: direction, size, type 0xb8, number.
run "$mshv_info" -irun
expect "--ioctls=run" 0 'MSHV_RUN_VP 0x8100b800
MSHV_ROOT_HVCALL 0xc020b807' ''

# Each ioctl that a header has is listed once, and needed for something.
cat "$srcdir"/hv-headers/mshv/uapi*.h |
	sed -n 's/^#define \(MSHV_[A-Z0-9_]*\)[[:space:]]*_IO[WR]*(MSHV_IOCTL.*/\1/p' |
	sort >"$tap_tmp/want"
headers=$(cat "$tap_tmp/want")
run "$mshv_info" --ioctls
sort "$tap_tmp/out" >"$tap_tmp/listed"
out=$(cut -d ' ' -f 1 "$tap_tmp/listed")
expect "--ioctls has those of the headers" 0 "${headers:-none}" ''
features=$("$mshv_info" --help | sed -n 's/^Features://p')
for feature in $features; do
	"$mshv_info" --ioctls="$feature" || echo "$feature failed"
done | sort -u >"$tap_tmp/out"
status=0
out=$(cat "$tap_tmp/out")
expect "all features together are --ioctls" 0 "$(cat "$tap_tmp/listed")" ''
for feature in partition vp memory irq run vtl probe; do
	run "$mshv_info" --ioctls="$feature"
	expect "--ioctls=$feature" 0 'MSHV_* 0x????b8??*' ''
done

# The completion, given what bash-completion makes of "--ioctls=", "--ioctls " and "--json=".
if command -v bash >/dev/null; then
	# shellcheck disable=SC2016
	completion='
		_init_completion() { prev=$P cur="" split=$S; }
		. "$1/tools/completion/mshv-info"
		_mshv_info
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"'
	run env P=--ioctls S=true bash -c "$completion" bash "$srcdir"
	# shellcheck disable=SC2086
	expect "completion of --ioctls=" 0 "$(printf '%s\n' $features)" ''
	run env P=--ioctls S=false bash -c "$completion" bash "$srcdir"
	expect "completion behind --ioctls" 0 '--device*--version' ''
	run env P=--json S=true bash -c "$completion" bash "$srcdir"
	expect "completion of --json=" 0 '' ''
else
	skip "completion" "no bash"
fi

run "$mshv_info" --device "$tap_tmp/missing"
expect "a missing device" 125 '' \
	"mshv-info: cannot open *missing: No such file or directory*mshv_root is not loaded*vm/run*"
run "$mshv_info" -jpd "$tap_tmp/missing"
expect "a missing device, short options" 125 '' "mshv-info: cannot open *missing: *"
: >"$tap_tmp/file"
run "$mshv_info" --device "$tap_tmp/file"
expect "a file" 125 '' "mshv-info: cannot open */file: *not a character device*"
run "$mshv_info" --device ''
expect "no path" 125 '' "mshv-info: cannot open : No such file or directory*"
run "$mshv_info" --json --device /dev/null
expect "another device" 125 '' "mshv-info: /dev/null answers like neither *"

chmod 0 "$tap_tmp/file"
if [ ! -r "$tap_tmp/file" ]; then
	run "$mshv_info" --device "$tap_tmp/file"
	expect "no permission" 125 '' \
		"mshv-info: cannot open */file: Permission denied*Only root*"
fi	# root can open everything: there is nothing to test then

expect_full "--help into a full file" "$mshv_info" --help

# Standard files that are closed: what is there instead is no other file of the program.
for fd in 0 1; do
	run sh -c '"$@" '$fd'>&-' sh "$mshv_info" --device /proc/self/fd/$fd
	expect "file $fd is closed" 125 '' "mshv-info: /proc/self/fd/$fd answers like neither *"
done

if [ ! -e /dev/mshv ]; then
	run "$mshv_info"
	expect "no device" 125 '' "mshv-info: cannot open /dev/mshv: *mshv_root*vm/run*"
	skip "what a device offers" "no /dev/mshv; try: vm/run -- $0"
	finish
fi

# The other driver that has a /dev/mshv has this one, too.
if [ -e /dev/mshv_hvcall ]; then
	run "$mshv_info" --json
	expect "which driver it is" 0 \
		'{*"root-driver": {"answer": "no", *"vtl-driver": {"answer": "yes", *}' ''
	skip "what mshv_root offers" "/dev/mshv is of mshv_vtl; try: vm/run -- $0"
	finish
fi

# What every mshv_root of Linux 7.2 with a hypervisor of any kind offers.
run "$mshv_info"
expect "what the driver is" 0 \
	'/dev/mshv*Driver*root-driver  *yes*vtl-driver  *no*Creating partitions*' ''
expect "creating partitions" 0 '*create-v1  *yes  0x*lapic x2apic gpa_super_pages*' ''
expect "a hypercall that is passed on" 0 '*hypercall-get-vp-registers  *yes
*' ''
expect "the scheduler" 0 '*root-scheduler  *unknown: *' ''
expect "state of a VP" 0 '*state-lapic  *yes  [1-9]*' ''
sed 's/^/# /' "$tap_tmp/out"

run "$mshv_info" --passive
expect "--passive creates no partition" 0 '*register-page  *unknown: not asked*' ''

run "$mshv_info" --json
expect "--json" 0 \
	'{*"device": "/dev/mshv"*"root-driver": {"answer": "yes", "how": "*}*}' ''
if command -v python3 >/dev/null; then
	cp "$tap_tmp/out" "$tap_tmp/json"
	# No line has an indent of its own: the shell takes tabs away.
	run python3 - "$tap_tmp/json" <<-'END'
	import json, sys
	answers = json.load(open(sys.argv[1]))["answers"]
	assert all(a["answer"] in ("yes", "no", "unknown") for a in answers.values())
	assert all(a["how"] for a in answers.values())
	flags = answers["create-v1"]
	assert len(flags["bits"]) == bin(int(flags["value"], 16)).count("1")
	assert answers["state-lapic"]["bytes"] > 0
	print(len(answers))
	END
	expect "a program can read it" 0 '[1-9]*' ''
else
	skip "a program can read it" "no python3"
fi
expect_full "into a full file" "$mshv_info"
run sh -c '"$@" >&-' sh "$mshv_info"
expect "a closed standard output" 125 '' \
	"mshv-info: cannot write to standard output: Bad file descriptor"

finish
