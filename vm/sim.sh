# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Builds the simulator for a kernel, outside the source, once per state of either.
# For vm/run; wants lib.sh.

readonly SIM_SOURCE=$LIBMSHV_TOP/selftests/mshv/mshv_sim

# Everything the module is made from.
sim_fingerprint() {
	local kernel=$1
	(
		stat -c '%Y %s' "$kernel/vmlinux.o" "$kernel/Module.symvers" "$kernel/.config"
		cd "$SIM_SOURCE" || exit
		find -L . -type f ! -name '*.o' ! -name '.*' -print0 | sort -z | xargs -0 sha256sum
	) | sha256sum
}

# sim_build KERNEL DEST NAME: puts an up-to-date NAME.ko into DEST; the kernel's
# configuration decides whether it is mshv_sim or mshv_vtl_sim.  One build directory
# for each pair of kernel and clone; locked, as the copy must be whole.
sim_build() {
	local kernel=$1 dest=$2 name=$3 dir print lock
	[[ -e $SIM_SOURCE/Makefile || -e $SIM_SOURCE/Kbuild ]] ||
		die 125 "there is no mshv_sim at $SIM_SOURCE; without it, use --no-sim"
	no_blank "$SIM_SOURCE" "move the clone, or do without the simulator: --no-sim"
	dir=$(cache_root)
	dir+=/sim/$(printf '%s\n' "$kernel" "$SIM_SOURCE" | sha256sum | cut -c 1-16)
	mkdir -p "$dir" || die 125 "cannot write to $dir; set LIBMSHV_CACHE to a directory of yours"
	exec {lock}>"$dir.lock"
	flock "$lock"
	print=$(sim_fingerprint "$kernel")
	if [[ ! -e $dir/$name.ko || $(cat "$dir/fingerprint" 2>/dev/null) != "$print" ]]; then
		rm -f "$dir/fingerprint"
		if ! make -s -C "$kernel" M="$SIM_SOURCE" MO="$dir" -j "$(nproc)" modules >"$dir/build.log" 2>&1; then
			cat "$dir/build.log" >&2
			die 125 "$name does not build against $kernel"
		fi
		[[ -e $dir/$name.ko ]] || die 125 "$kernel is not a kernel for $name; see vm/run --vtl"
		grep -E '^[^ ]+:[0-9]+:.*warning:' "$dir/build.log" >&2 || :
		printf '%s\n' "$print" >"$dir/fingerprint"
	fi
	cp "$dir/$name.ko" "$dest" || die 125 "cannot copy $name.ko to $dest"
	exec {lock}>&-
}
