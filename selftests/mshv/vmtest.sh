#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The suite against the driver of a kernel tree, in one line:
#
#   KSRC=~/linux ./vmtest.sh [PROGRAM [ARG...]]
#
# Builds that tree (outside it, with what the simulator needs) unless that was done,
# builds the tests with its harness, boots it in QEMU, loads mshv_sim and mshv_root, and
# runs all tests, or one program. Without KSRC: the kernel of vm/kernel.
#
# VMTEST_OPTIONS has options of vm/run, such as "--sched core_smt --debug". In a kernel
# tree, LIBMSHV names a clone of libmshv, which has vm/.

here=$(cd "$(dirname "$0")" && pwd -P)
top=${LIBMSHV:-$here/../..}
case ${1-} in
-h | --help)
	sed -n '4,/^$/s/^# \{0,1\}//p' "$0"
	exit 0
	;;
esac
if [ ! -x "$top/vm/run" ]; then
	echo "${0##*/}: no vm/run in $top: set LIBMSHV to a clone of libmshv" >&2
	exit 2
fi

debug=
case " $VMTEST_OPTIONS " in
*" --debug "* | *" --leaks "*) debug=--debug ;;
esac
build=$("$top/vm/kernel" $debug --print) || exit 2
source=$("$top/vm/kernel" --source-only --print-source) || exit 2
out=$top/build/vmtest
make -s -C "$top/selftests" KSRC="$source" O="$out" all || exit 2

if [ $# -eq 0 ]; then
	set -- make -s -C "$top/selftests" KSRC="$source" O="$out" check
else
	program=$1
	shift
	set -- "$out/tree/tools/testing/selftests/mshv/$program" "$@"
fi
# shellcheck disable=SC2086 # words
exec "$top/vm/run" --kernel "$build" --timeout 1800 $VMTEST_OPTIONS -- "$@"
