# SPDX-License-Identifier: GPL-2.0-only
#
# Passes the output of "make run_tests" through and judges it: the last line is
# the sum, the exit status is 1 if a test failed, was skipped (unless skip_ok is
# set), passed although it was expected to fail, or if nothing ran at all.
#
# The runner indents what a program prints by "# ". A program that ends without
# results of its own (a crash, a timeout, a skip as a whole) counts as one test.

function begin_program(is_open)
{
	if (open_program) {	# it has not said how it ended
		printf "not ok: %s did not end\n", open_program
		failed++
	}
	open_program = is_open
	results = failures = 0
}

# What the caller adds behind the output, with the exit status of make.
/^end of run_tests: / {
	ended = 1
	if ($NF != 0) {
		print "not ok: make run_tests ended with " $NF
		failed++
	}
	next
}

{
	print
	fflush()
}

/^# selftests: / {
	begin_program($NF)
}

/^# (not )?ok [0-9]+ / {
	results++
	if (/^# not ok/) {
		failed++
		failures++
	} else if (/ # SKIP/) {
		skipped++
	} else if (/ # XPASS/) {
		unexpected++
		failures++
	} else {
		passed++
		defects += / # XFAIL/
	}
}

/^(not )?ok [0-9]+ selftests: / {
	if (/^not ok/ && !failures)
		failed++
	else if (/^ok/ && / # SKIP/ && !results)
		skipped++
	open_program = ""
}

END {
	begin_program("")
	if (!ended) {
		print "not ok: the output was cut off"
		failed++
	}
	if (defects)
		printf "%d of those that passed fail as expected: defects of the driver\n", defects
	if (unexpected)
		printf "%d passed that were expected to fail: counted as failed\n", unexpected
	failed += unexpected
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	if (!(passed + failed + skipped)) {
		print "no test ran" > "/dev/stderr"
		exit 1
	}
	exit failed || (skipped && !skip_ok)
}
