# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What vm/kernel, vm/run and scripts/* share.  The sourcing script sets $me, the
# name its messages carry.

LIBMSHV_TOP=$(cd -P "${BASH_SOURCE[0]%/*}/.." && pwd)
readonly LIBMSHV_TOP

# Some of us go to other directories, or start others of us there.
for name in LIBMSHV_CACHE XDG_CACHE_HOME; do
	[[ ! ${!name:-} || ${!name} == /* ]] || export "$name=$PWD/${!name}"
done
unset name

# The one place outside the clone that we write to.
cache_root() {
	local dir=${LIBMSHV_CACHE:-}
	if [[ ! $dir ]]; then
		[[ ${XDG_CACHE_HOME:-}${HOME:-} ]] ||
			die 125 "HOME is not set; set LIBMSHV_CACHE to a directory of yours"
		dir=${XDG_CACHE_HOME:-$HOME/.cache}/libmshv
	fi
	no_blank "$dir" "set LIBMSHV_CACHE to another directory"
	printf '%s\n' "$dir"
}

# no_blank PATH REMEDY: make, and with it the build of the kernel and of modules,
# splits a path at blanks.
no_blank() {
	[[ $1 != *[[:space:]]* ]] || die 125 "nothing of the kernel can be built in '$1', for the blank in it" "$2"
}

note() {
	! declare -F progress_end >/dev/null || progress_end
	printf '%s: %s\n' "${me:?}" "$*" >&2
}

# die STATUS LINE...: the first line says what is wrong, the others what to do.
die() {
	local status=$1 line
	shift
	for line in "$@"; do
		note "$line"
	done
	exit "$status"
}

# sh_quote WORD...: WORDs as one line (or more, if they hold newlines) that any
# POSIX shell reads back unchanged.
sh_quote() {
	local word separator=''
	for word in "$@"; do
		printf "%s'%s'" "$separator" "${word//\'/\'\\\'\'}"
		separator=' '
	done
}

# need PROGRAM...: the programs a script cannot work without.
need() {
	local program missing=()
	for program in "$@"; do
		command -v "$program" >/dev/null || missing+=("$program")
	done
	((${#missing[@]} == 0)) ||
		die 125 "not installed: ${missing[*]}" \
			"run scripts/setup, which installs what is missing"
}

# The version is configure.ac's.
version() {
	local v
	v=$(sed -n 's/^AC_INIT(\[libmshv\], *\[\([^]]*\)\].*/\1/p' "$LIBMSHV_TOP/configure.ac")
	printf '%s (libmshv) %s\n' "$me" "${v:?configure.ac has no AC_INIT line}"
}

# alone LOCK: fails if this script is at work already with what LOCK stands for.
alone() {
	mkdir -p "${1%/*}" || die 125 "cannot write to ${1%/*}"
	exec {alone_lock}>"$1"
	flock -n "$alone_lock" || die 125 "another $me is at work, with $1; wait for its end"
}

# leave_lock: in a process that might go on without us.
leave_lock() {
	[[ ! ${alone_lock:-} ]] || exec {alone_lock}>&-
	alone_lock=''
}

# need_space DIR MIB WHAT [VARIABLE]: DIR need not exist yet; VARIABLE names it.
need_space() {
	local dir=$1 free
	until [[ -d $dir ]]; do
		dir=$(dirname "$dir")
	done
	free=$(df -Pm "$dir" | awk 'NR == 2 { print $4 }')
	((free >= $2)) || die 125 "the disk of $dir has $free MiB left; $3 needs $2" \
		"make room, or set ${4:-LIBMSHV_CACHE} to a directory on another disk"
}
