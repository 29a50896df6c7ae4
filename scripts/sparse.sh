# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A sparse that knows what new kernels are written in: the one that is installed,
# or Debian's newest, with the libc that it was made for, unpacked in the cache and
# installed nowhere.  Wants lib.sh and vm/apt.sh.

# sparse_valid KERNEL_SOURCE COMMAND: would this kernel take it?
sparse_valid() {
	[[ $(sh "$1/scripts/checker-valid.sh" "$2" 2>/dev/null) == 1 ]]
}

# sparse_get KERNEL_SOURCE: sets sparse_command, or says in sparse_missing why not.  Not
# to be called in a condition: there the shell goes on after what fails.
sparse_get() {
	local dir lock
	sparse_missing='' sparse_command=sparse
	! sparse_valid "$1" sparse || return 0
	dir=$(cache_root)
	dir+=/sparse
	sparse_command=$dir/sparse
	mkdir -p "$dir" || die 125 "cannot write to $dir; set LIBMSHV_CACHE to a directory of yours"
	exec {lock}>"$dir/lock"
	flock "$lock"
	# that of an older kernel may be there
	sparse_valid "$1" "$sparse_command" || sparse_fetch "$dir"
	exec {lock}>&-
	if [[ ! $sparse_missing ]] && ! sparse_valid "$1" "$sparse_command"; then
		sparse_missing="that of sid is too old for this kernel, too"
	fi
}

sparse_fetch() {
	local dir=$1 lib=$1/root/usr/lib/x86_64-linux-gnu
	if ! type -P apt-get dpkg-deb >/dev/null || [[ ! -e $DEBIAN_KEYS ]] ||
		[[ $(dpkg --print-architecture) != amd64 ]]; then
		sparse_missing="the one here is too old, and this is no Debian on amd64 that could get a newer one"
		return
	fi
	sparse_missing="no mirror that apt on this machine knows has that of sid"
	apt_setup "$dir/apt"
	apt_unpack "$dir/apt" "$dir/root" sid sparse libc6 || return 0
	cat >"$dir/sparse.new" <<-END || die 125 "cannot write to $dir; is the disk full?"
		#!/bin/sh
		exec '$lib/ld-linux-x86-64.so.2' --library-path '$lib' '$dir/root/usr/bin/sparse' "\$@"
	END
	chmod +x "$dir/sparse.new"
	mv "$dir/sparse.new" "$dir/sparse"
	sparse_missing=''
}
