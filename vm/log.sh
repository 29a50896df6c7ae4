# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Reads the kernel's log for vm/run; wants lib.sh.

# log_complaint FILE: the first line that the table knows as "LINE:TEXT", if any.
log_complaint() {
	grep -m 1 -a -n -E -f <(grep -v '^#' "$LIBMSHV_TOP/vm/kernel-log-errors") "$1"
}

# log_show FILE [LINE]: what happened at LINE, or the end of the log.
log_show() {
	local file=$1 line=${2:-} from
	if [[ $line ]]; then
		from=$((line > 3 ? line - 3 : 1))
		# A panic ends with a list of all tasks.  One process, which reads the file: a
		# writer that "head" left alone would end us with SIGPIPE.
		sed -n "$from,$((from + 59)){/\] task:/q;p}" "$file"
	else
		tail -n 25 "$file"
	fi | tr -d '\r' | sed 's/^/| /' >&2
}

# log_show_tasks FILE FROM: from the panic that begins after byte FROM, when it was by the
# machine's clock, and the calls in which the processes of user space are, but vm/main and
# its two pumps.
log_show_tasks() {
	tail -c "+$(($2 + 1))" "$1" | tr -d '\r' | awk '
		function flush() {
			if (user)
				printf "%s", calls
			calls = ""
			user = 0
		}
		/Kernel panic/ { print }
		{ sub(/^\[ *[0-9.]+\] ?/, "") }
		/^task:/ {
			flush()
			inside = $0 !~ /( pid:1 |^task:cat .* ppid:1 )/
		}
		!inside { next }
		/^ <\/TASK>/ { inside = 0 }
		/RIP: 0033:/ { user = 1 }
		/^task:/ { calls = $0 "\n" }
		/^ [a-zA-Z_]/ { calls = calls $0 "\n" }
		END { flush() }
	' | sed 's/^/| /' >&2
}
