# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# shellcheck shell=sh disable=SC2034
# For the tests of the tools: run one, compare, print TAP. Sourced, not run.
#
# Reads $builddir and $srcdir, as automake sets them: the top of the build and
# of the source tree.

builddir=${builddir:-.}
srcdir=${srcdir:-.}
mshv_info=$builddir/tools/mshv-info
mshv_run=$builddir/tools/mshv-run

# That may be libtool's scripts around the programs, slow in an emulated machine.
if [ -d "$builddir/lib/.libs" ]; then
	LD_LIBRARY_PATH=$(cd "$builddir/lib/.libs" && pwd)
	export LD_LIBRARY_PATH
	[ ! -x "$builddir/tools/.libs/mshv-info" ] ||
		mshv_info=$builddir/tools/.libs/mshv-info
	[ ! -x "$builddir/tools/.libs/mshv-run" ] ||
		mshv_run=$builddir/tools/.libs/mshv-run
fi

tap_number=0
tap_failed=0
tap_skipped=0

tap_tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tap_tmp"' EXIT
trap 'exit 1' HUP INT TERM

# run COMMAND...: leaves $status, $out and $err.
run() {
	status=0
	"$@" >"$tap_tmp/out" 2>"$tap_tmp/err" || status=$?
	out=$(cat "$tap_tmp/out")
	err=$(cat "$tap_tmp/err")
}

# expect TEXT STATUS OUT ERR: one test. OUT and ERR are shell patterns for all
# of the last command's output; '' is "nothing".
expect() {
	tap_number=$((tap_number + 1))
	tap_why=
	[ "$status" = "$2" ] || tap_why="status $status, not $2"
	# shellcheck disable=SC2254
	case $out in
	$3) ;;
	*) tap_why="${tap_why:+$tap_why; }standard output is not like $3" ;;
	esac
	# shellcheck disable=SC2254
	case $err in
	$4) ;;
	*) tap_why="${tap_why:+$tap_why; }standard error is not like $4" ;;
	esac

	if [ -z "$tap_why" ]; then
		echo "ok $tap_number - $1"
		return
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_number - $1"
	echo "# $tap_why"
	sed 's/^/# out: /' "$tap_tmp/out"
	sed 's/^/# err: /' "$tap_tmp/err"
}

skip() {
	tap_number=$((tap_number + 1))
	tap_skipped=$((tap_skipped + 1))
	echo "ok $tap_number - $1 # SKIP $2"
}

# expect_full TEXT COMMAND...: one test, that it complains of a full standard output.
expect_full() {
	if [ ! -w /dev/full ]; then
		skip "$1" "no /dev/full"
		return
	fi
	tap_text=$1
	shift
	status=0
	"$@" >/dev/full 2>"$tap_tmp/err" || status=$?
	: >"$tap_tmp/out"
	out=
	err=$(cat "$tap_tmp/err")
	expect "$tap_text" 125 '' \
		"${1##*/}: cannot write to standard output: No space left on device"
}

# skip_all WHY: instead of all tests; 77 is automake's status for it.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 77
}

finish() {
	echo "1..$tap_number"
	[ $tap_failed -eq 0 ] || exit 1
	exit 0
}
