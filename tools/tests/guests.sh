#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# mshv-run with real guests. Needs a /dev/mshv that creates partitions: that of
# a root partition, or the one inside vm/run.

# shellcheck source-path=SCRIPTDIR/../.. source=tools/tests/tap.sh disable=SC2034
. "${srcdir:-.}/tools/tests/tap.sh"

[ -w /dev/mshv ] ||
	skip_all "no /dev/mshv that may be used; try: vm/run -- $0"
guests=$builddir/tools/tests
demo=$builddir/tools/guest/demo.img
if [ ! -e "$guests/guest-status.img" ] || [ ! -e "$demo" ]; then
	skip_all "the guest images are not built; make check does it, if configure found a GUEST_CC"
fi

# The demo: all its answers are known from elsewhere. The last one is the CRC
# of the image, here from the trailer of gzip (RFC 1952, 2.3.1).
crc=$(gzip -nc "$demo" | tail -c 8 | od -An -N4 -tx4 | tr -d ' ')
size=$(wc -c <"$demo" | tr -d ' ')
run "$mshv_run" "$demo"
expect "demo: real mode, CRC-32" 0 \
	'real: cs=0000 cr0=00000010*real: crc32 of "123456789" is cbf43926*' ''
expect "demo: protected mode, primes" 0 \
	'*protected: cs=0008 cr0=00000011*primes below 10000: 1229*' ''
expect "demo: long mode, Mersenne primes" 0 \
	'*long: cs=0018 cr0=80000011 efer=00000500*p = 2 3 5 7 13 17 19 31 61
*' ''
expect "demo: memory" 0 '*15 places in 32 MiB written and read back*' ''
expect "demo: its own image" 0 "*image of $size bytes has crc32 $crc
long: done" ''
run "$mshv_run" --mem 16 "$demo"
expect "demo: less memory than it needs" 125 '*protected: *' \
	'mshv-run: write at guest physical address 0x1*, where there is no memory*16 MiB'

run "$mshv_run" "$guests/guest-status.img"
expect "a status other than 0" 42 'hello' ''
run "$mshv_run" "$guests/guest-hlt.img"
expect "HLT with interrupts off" 0 '' ''
run "$mshv_run" "$guests/guest-hlt-if.img"
expect "HLT with interrupts on" 125 '' \
	'mshv-run: the guest waits for an interrupt (HLT) at 0000:7c02*'
run "$mshv_run" "$guests/guest-triple.img"
expect "a triple fault" 125 '' 'mshv-run: triple fault at 0000:7c*'
run "$mshv_run" "$guests/guest-port-in.img"
expect "an unhandled port, read" 125 '' \
	'mshv-run: unhandled read of 1 byte from I/O port 0x60 at 0000:7c00'
run "$mshv_run" "$guests/guest-port-out.img"
expect "an unhandled port, written" 125 '' \
	'mshv-run: unhandled write of 4 bytes to I/O port 0xcf8 at 0000:7c06'
run "$mshv_run" --mem 1 "$guests/guest-unmapped.img"
expect "no memory there" 125 '' \
	'mshv-run: read at guest physical address 0x100000, where there is no memory, at 0000:7c05; the guest has 1 MiB'
run "$mshv_run" --mem 2 "$guests/guest-unmapped.img"
expect "memory there" 1 '' ''
run "$mshv_run" "$guests/guest-bios.img"
expect "a BIOS call" 125 '' \
	'mshv-run: interrupt 0x10 in real mode, to return to 0000:7c05; *no BIOS'
run "$mshv_run" "$guests/guest-entry.img"
expect "the state at the start" 0 '' ''
run "$mshv_run" "$guests/guest-serial.img"
expect "the registers of COM1" 0 'COM1 ok' ''
run "$mshv_run" "$guests/guest-delay.img"
expect "the delay port" 255 '' ''

# Statistics: parts of them, as a program would read them.
run "$mshv_run" --stats "$guests/guest-status.img"
expect "--stats" 42 'hello' "vps: 1
memory_mib: 64
image_bytes: $(wc -c <"$guests/guest-status.img" | tr -d ' ')
register_page: *
exits: 7
exits_io_port: 7
exits_halt: 0
exits_unmapped_gpa: 0
exits_triple_fault: 0
exits_other: 0
interrupted: 0
serial_bytes: 6
status: 42"

# Output that does not arrive.
expect_full "a full file" "$mshv_run" "$guests/guest-status.img"
# A pipe whose reader is gone.
mkfifo "$tap_tmp/pipe"
# shellcheck disable=SC2217
sleep 60 <"$tap_tmp/pipe" &
reader=$!
exec 9>"$tap_tmp/pipe"
kill $reader
wait $reader 2>/dev/null
status=0
"$mshv_run" "$guests/guest-status.img" >&9 2>"$tap_tmp/err" || status=$?
exec 9>&-
err=$(cat "$tap_tmp/err")
expect "a closed pipe" 125 '' \
	'mshv-run: cannot write to standard output: Broken pipe'

# A standard output that is closed: the device must not take its place.
run sh -c '"$@" >&-' sh "$mshv_run" "$guests/guest-status.img"
expect "a closed standard output" 125 '' \
	'mshv-run: cannot write to standard output: Bad file descriptor'
run sh -c '"$@" <&-' sh "$mshv_run" "$guests/guest-status.img"
expect "a closed standard input" 42 'hello' ''

# A full pipe that nobody reads. The run is to be ended while it waits there: in
# write() (1) to standard output, as the kernel tells.
mkfifo "$tap_tmp/full"
# shellcheck disable=SC2217
sleep 600 <"$tap_tmp/full" &
reader=$!
exec 9>"$tap_tmp/full"
timeout 2 cat /dev/zero >&9
"$mshv_run" "$guests/guest-loop.img" >&9 2>"$tap_tmp/err" &
pid=$!
tries=600
until grep -q '^1 0x1 ' "/proc/$pid/syscall" 2>/dev/null || [ $tries -eq 0 ]; do
	sleep 0.1
	tries=$((tries - 1))
done
kill -s TERM $pid
status=0
wait $pid || status=$?
exec 9>&-
kill $reader
wait $reader 2>/dev/null
out=
err=$(cat "$tap_tmp/err")
expect "SIGTERM ends a run whose output waits" 143 '' ''

# Signals, while the guest does nothing that could be noticed.
for signal in INT:130 TERM:143 HUP:129; do
	name=${signal%:*}
	# The shell makes what it starts in the background ignore SIGINT.
	if ! env --default-signal="$name" true 2>/dev/null; then
		skip "SIG$name ends the run" "env has no --default-signal"
		continue
	fi
	: >"$tap_tmp/out"
	env --default-signal="$name" "$mshv_run" --stats \
		"$guests/guest-loop.img" >"$tap_tmp/out" 2>"$tap_tmp/err" &
	pid=$!
	tries=600
	until grep -q running "$tap_tmp/out" || [ $tries -eq 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	kill -s "$name" $pid
	status=0
	wait $pid || status=$?
	out=$(cat "$tap_tmp/out")
	err=$(cat "$tap_tmp/err")
	expect "SIG$name ends the run" "${signal#*:}" running \
		"*status: ${signal#*:}"
done

# Many runs, one after the other: nothing piles up.
status=0
n=0
while [ $n -lt 20 ] && [ $status -eq 0 ]; do
	"$mshv_run" "$guests/guest-hlt.img" 2>"$tap_tmp/err" || status=$?
	n=$((n + 1))
done
out=
err=$(cat "$tap_tmp/err")
expect "20 runs" 0 '' ''

# Two at a time.
"$mshv_run" "$guests/guest-status.img" >"$tap_tmp/other" 2>&1 &
pid=$!
run "$mshv_run" "$demo"
expect "two at a time, the one" 0 '*long: done' ''
status=0
wait $pid || status=$?
out=$(cat "$tap_tmp/other")
expect "two at a time, the other" 42 'hello' ''

finish
