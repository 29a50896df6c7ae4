#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the tests of all programs in a random order, each in a process of its own: none
# may rely on what another one did, or suffer from it.
#
#   ./shuffle.sh [-s SEED] [-n COUNT] PROGRAM...
#
# The same seed gives the same order. With -n, only the first COUNT tests of it.
# Prints KTAP; exit status 1 if a test failed. In a tree: make shuffle SEED=...

seed=$(date +%s)
count=
while getopts s:n: option; do
	case $option in
	s) seed=$OPTARG ;;
	n) count=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
if [ $# -eq 0 ]; then
	echo "usage: ${0##*/} [-s SEED] [-n COUNT] PROGRAM..." >&2
	exit 2
fi

# list PROGRAM: a line "PROGRAM TEST" for each, as -r takes it. What -l prints is a
# column of variants beside a column of tests for each fixture, and every test is run
# in every variant. A program that has no such list is run as a whole.
list() {
	"$1" -l 2>&1 </dev/null | awk -v program="$1" '
		function flush(	v, t)
		{
			for (v = 1; v <= variants || v == 1; v++)
				for (t = 1; t <= tests; t++) {
					print program, fixture (variants ? "." variant[v] : "") "." test[t]
					found++
				}
			fixture = ""
			variants = tests = 0
		}
		NR == 1 && !/^# FIXTURE/ { exit }
		NR == 1 { next }
		/^-----/ { flush(); next }
		{
			rest = $0
			if (!fixture) {
				fixture = $1
				rest = substr($0, (length($1) > 20 ? length($1) : 20) + 2)
			} else {
				rest = substr($0, 22)
			}
			n = split(rest, word)
			if (n && substr(rest, 1, 1) != " ")
				variant[++variants] = word[1]
			if (n == 2 || (n == 1 && substr(rest, 1, 1) == " "))
				test[++tests] = word[n]
		}
		END {
			flush()
			if (!found)
				print program
		}'
}

# result NUMBER NAME STATUS: the line of a test, from what its program printed.
result() {
	awk -v number="$1" -v name="$2" -v status="$3" '
		/^(not )?ok [0-9]+ / { results++; line = $0; next }
		/^TAP version|^1\.\.|^# (Starting|PASSED:|FAILED:|Totals:|1 skipped)/ { next }
		{ print "# " $0 }
		END {
			if (results != 1) {
				print "not ok " number " " name " # " results + 0 \
				      " results, exit status " status
				exit
			}
			sub(/ok [0-9]+/, "ok " number, line)
			print line
		}'
}

all=$(
	for program in "$@"; do
		list "$program"
	done | awk -v seed="$seed" 'BEGIN { srand(seed) } { printf "%.9f %s\n", rand(), $0 }' |
		sort | cut -d ' ' -f 2- | head -n "${count:-1000000}"
)
output=$(mktemp) || exit 2
trap 'rm -f "$output"' EXIT
timeout=
! command -v timeout >/dev/null || timeout='timeout 1500'

echo "TAP version 13"
echo "# order of seed $seed"
echo "1..$(echo "$all" | wc -l)"
number=0 failed=0
while read -r program test; do
	number=$((number + 1))
	# shellcheck disable=SC2086 # maybe empty
	$timeout "$program" ${test:+-r "$test"} </dev/null >"$output" 2>&1
	status=$?
	line=$(result $number "${program##*/} $test" $status <"$output")
	echo "$line"
	case $line in
	*"not ok $number "*) failed=$((failed + 1)) ;;
	esac
done <<END
$all
END
echo "# $((number - failed)) of $number without failure"
[ $failed -eq 0 ]
