# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What scripts/demo and scripts/check do first: packages, build, kernel.
# Wants vm/lib.sh and vm/progress.sh.

readonly build_dir=$LIBMSHV_TOP/build

# Which kernel: options of vm/kernel.  Which packages: options of scripts/setup.
kernel_options=() setup_options=()

# step WORDS: a heading of the script's output.
step() {
	progress_end
	printf '\n== %s\n' "$*"
}

# watched PHASE LOG COMMAND...: its output goes to LOG; says how long it has taken, and
# how many lines of LOG are results of tests, if there are any.
watched() {
	local phase=$1 log=$2 pid results status=0
	shift 2
	mkdir -p "${log%/*}" || die 125 "cannot write to ${log%/*}"
	(leave_lock && exec setsid "$@") </dev/null >"$log" 2>&1 &
	pid=$!
	# shellcheck disable=SC2064 # the group of now; it does not get the terminal's ^C
	trap "kill -- -$pid 2>/dev/null; exit 130" HUP INT TERM
	while progress_wait "$pid"; do
		results=$(grep -acE '^(# )?(not )?ok [0-9]|^[A-Z]+: ' "$log" || true)
		progress_line "$phase" "${results#0}"
	done
	wait "$pid" || status=$?
	trap - HUP INT TERM
	progress_end
	return "$status"
}

# quietly PHASE COMMAND...: with its output only if it fails; all of it is kept.
quietly() {
	local phase=$1 log status=0
	shift
	log=$build_dir/$(tr -c 'a-z0-9\n' - <<<"$phase").log
	watched "$phase" "$log" "$@" || status=$?
	if ((status)); then
		tail -n 30 "$log" >&2
		note "failed: $*"
		note "all of its output is in $log"
		return "$status"
	fi
}

# in_turn COMMAND...: when no other script builds anything in this clone.
in_turn() {
	local lock status=0
	mkdir -p "$build_dir" || die 125 "cannot write to $build_dir"
	exec {lock}>"$build_dir/lock"
	flock -n "$lock" || {
		note "waiting for another script, which is building in $build_dir"
		flock "$lock"
	}
	"$@" || status=$?
	exec {lock}>&-
	return "$status"
}

# Makefile.in is written last: an interrupted bootstrap leaves a configure, but not that.
bootstrap() {
	local source
	for source in "$LIBMSHV_TOP"/{configure.ac,Makefile.am,*/local.mk}; do
		[[ ! -e $LIBMSHV_TOP/configure || $source -nt $LIBMSHV_TOP/Makefile.in ]] || continue
		quietly "bootstrap" "$LIBMSHV_TOP/bootstrap" || exit 1
		return
	done
}

# What configure looks for by itself, and may be there since the last time.
found_by_configure() {
	type -P g++ python3 || :
	[[ ! -e /usr/include/cmocka.h ]] || echo cmocka.h
}

# configure DIR OPTION...: unless that was done, to its end, with the same options.
configure() {
	local dir=$1 phase options
	shift
	bootstrap
	mkdir -p "$dir" || die 125 "cannot write to $dir"
	options="$*"$'\n'$(found_by_configure)
	if [[ $LIBMSHV_TOP/configure -nt $dir/config.status || $options != "$(cat "$dir/options" 2>/dev/null)" ]]; then
		rm -f "$dir/options"
		phase="configure${dir#"$build_dir"}"
		quietly "${phase/\// }" env -C "$dir" "$LIBMSHV_TOP/configure" "$@" || exit 1
		printf '%s\n' "$options" >"$dir/options"
	fi
}

# The library and the tools, in ./build; only what changed since the last time.
# The kernel's source gives the harness of selftests/ and checks the documentation.
build_project() {
	configure "$build_dir" "--with-kernel-source=$kernel_source"
	quietly "make" make -C "$build_dir" -j "$(nproc)" || exit 1
}

# Leaves kernel_source, and in kernel_info what vm/kernel --info says.
prepare() {
	no_blank "$LIBMSHV_TOP" "move the clone"
	step "packages"
	"$LIBMSHV_TOP/scripts/setup" "${setup_options[@]}" || exit 1
	step "kernel source"
	kernel_source=$("$LIBMSHV_TOP/vm/kernel" "${kernel_options[@]}" --source-only --print-source) || exit 1
	printf '%s\n' "$kernel_source"
	step "build of libmshv"
	in_turn build_project
	step "kernel"
	kernel_info=$("$LIBMSHV_TOP/vm/kernel" "${kernel_options[@]}" --info) || exit 1
	printf '%s\n' "$kernel_info"
}

# kernel_value NAME: from kernel_info.
kernel_value() {
	sed -n "s/^$1=//p" <<<"$kernel_info"
}
