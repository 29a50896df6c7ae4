#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The command line of mshv-run: nothing here gets as far as running a guest.

# shellcheck source-path=SCRIPTDIR/../.. source=tools/tests/tap.sh disable=SC2034
. "${srcdir:-.}/tools/tests/tap.sh"

img=$tap_tmp/an.img
printf '\364' >"$img"

run "$mshv_run" --help
expect "--help" 0 'Usage: mshv-run *port 0xf4*' ''
run "$mshv_run" -h
expect "-h" 0 'Usage: mshv-run *' ''
run "$mshv_run" --version
expect "--version" 0 'mshv-run [0-9]*.[0-9]*.[0-9]*libmshv [0-9]*.[0-9]*.[0-9]*' ''
run "$mshv_run" -V
expect "-V" 0 'mshv-run *' ''

run "$mshv_run"
expect "no image" 125 '' "mshv-run: which image?*mshv-run --help*"
run "$mshv_run" "$img" second.img
expect "two images" 125 '' "mshv-run: *second.img*mshv-run --help*"
run "$mshv_run" --no-such-option "$img"
expect "an unknown option" 125 '' "*no-such-option*mshv-run --help*"
run "$mshv_run" "$img" --mem
expect "--mem without a number" 125 '' "*mem*mshv-run --help*"

for mib in 0 3073 -1 +1 ' 1' '' x 1x 0x10 1.5 99999999999999999999; do
	run "$mshv_run" --mem "$mib" "$img"
	expect "--mem '$mib'" 125 '' "mshv-run: --mem $mib: *from 1 to 3072"
done

run "$mshv_run" "$tap_tmp/missing.img"
expect "a missing image" 125 '' "mshv-run: cannot open image *missing.img: *"
run "$mshv_run" -- --missing
expect "an image named like an option" 125 '' "mshv-run: cannot open image --missing: *"
run "$mshv_run" "$tap_tmp"
expect "a directory" 125 '' "mshv-run: cannot read image *: Is a directory"
: >"$tap_tmp/empty.img"
run "$mshv_run" "$tap_tmp/empty.img"
expect "an empty image" 125 '' "mshv-run: image *empty.img is empty"

# 1 MiB of memory from 0x7c00 on.
room=$((1048576 - 31744))
head -c $((room + 1)) /dev/zero >"$tap_tmp/large.img"
run "$mshv_run" --mem 1 "$tap_tmp/large.img"
expect "an image that is one byte too large" 125 '' \
	"mshv-run: image *large.img does not fit: *$room bytes in 1 MiB*--mem"
run "$mshv_run" --mem 1 /dev/zero
expect "an image without an end" 125 '' "mshv-run: image /dev/zero does not fit: *"

if [ -r "$tap_tmp/empty.img" ] && chmod 0 "$tap_tmp/empty.img" &&
	[ ! -r "$tap_tmp/empty.img" ]; then
	run "$mshv_run" "$tap_tmp/empty.img"
	expect "an unreadable image" 125 '' \
		"mshv-run: cannot open image *: Permission denied"
else
	skip "an unreadable image" "root can read everything"
fi

expect_full "--help into a full file" "$mshv_run" --help

# Standard files that are closed: what is there instead is no other file of the program.
for fd in 0 1; do
	run sh -c '"$@" '$fd'>&-' sh "$mshv_run" /proc/self/fd/$fd
	expect "file $fd is closed" 125 '' "mshv-run: image /proc/self/fd/$fd is empty"
done
run sh -c '"$@" >&-' sh "$mshv_run" --help
expect "--help, and no standard output" 125 '' \
	"mshv-run: cannot write to standard output: Bad file descriptor"

# Good images, as far as one gets without a device.
if [ ! -e /dev/mshv ]; then
	no_device="mshv-run: cannot open /dev/mshv: *mshv_root*vm/run*"
	run "$mshv_run" "$img"
	expect "no device" 125 '' "$no_device"
	run "$mshv_run" -sm 1 -- "$img"
	expect "no device, short options" 125 '' "$no_device"
	head -c "$room" /dev/zero >"$tap_tmp/large.img"
	run "$mshv_run" --mem=1 "$tap_tmp/large.img"
	expect "an image that just fits" 125 '' "$no_device"
	run sh -c 'cat "$1" | "$2" /dev/stdin' sh "$img" "$mshv_run"
	expect "an image from a pipe" 125 '' "$no_device"
else
	skip "no device" "there is a /dev/mshv"
fi

finish
