# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Says how far a long job is, on stderr: one line that changes on a terminal, a
# line every half minute in a log.  Wants lib.sh.

progress_said=-1000 # when (in $SECONDS) and what
progress_phase=''

# progress_line PHASE [DONE OF]: OF is an estimate, only the end of the job is
# 100 %; without one (empty), DONE is said as it is.
progress_line() {
	local phase=$1 text percent
	text=$phase
	if [[ ${3:-} ]]; then
		percent=$(($2 * 100 / $3))
		text+=" $((percent < 99 ? percent : 99)) %"
	elif [[ ${2:-} ]]; then
		text+=" ($2 done)"
	fi
	text+=$(printf ', %d:%02d' $((SECONDS / 60)) $((SECONDS % 60)))
	if [[ -t 2 ]]; then
		printf '\r\033[K%s: %s' "${me:?}" "$text" >&2
		progress_open=true
	elif [[ $phase != "$progress_phase" ]] || ((SECONDS - progress_said >= 30)); then
		note "$text"
		progress_said=$SECONDS
	fi
	progress_phase=$phase
}

# progress_wait PID: true some time later, false once PID is gone.
progress_wait() {
	local i
	for ((i = 0; i < 20; i++)); do
		kill -0 "$1" 2>/dev/null || return 1
		sleep 0.1
	done
}

progress_done() {
	note "$(printf '%s in %d:%02d' "$1" $((SECONDS / 60)) $((SECONDS % 60)))"
}

# Leaves the changing line, so that something else can be said.
progress_end() {
	if ${progress_open:-false}; then
		printf '\r\033[K' >&2
		progress_open=false
	fi
}
