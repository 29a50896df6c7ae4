# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Builds mshv_sim.ko for a kernel, outside the source, once per state of either.
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

# sim_build KERNEL DEST: puts an up-to-date mshv_sim.ko into DEST.  One build
# directory for each pair of kernel and clone; locked, as the copy must be whole.
sim_build() {
	local kernel=$1 dest=$2 dir print lock
	[[ -e $SIM_SOURCE/Makefile || -e $SIM_SOURCE/Kbuild ]] ||
		die 125 "there is no mshv_sim at $SIM_SOURCE; without it, use --no-sim"
	no_blank "$SIM_SOURCE" "move the clone, or do without the simulator: --no-sim"
	dir=$(cache_root)
	dir+=/sim/$(printf '%s\n' "$kernel" "$SIM_SOURCE" | sha256sum | cut -c 1-16)
	mkdir -p "$dir" || die 125 "cannot write to $dir; set LIBMSHV_CACHE to a directory of yours"
	exec {lock}>"$dir.lock"
	flock "$lock"
	print=$(sim_fingerprint "$kernel")
	if [[ ! -e $dir/mshv_sim.ko || $(cat "$dir/fingerprint" 2>/dev/null) != "$print" ]]; then
		rm -f "$dir/fingerprint"
		if ! make -s -C "$kernel" M="$SIM_SOURCE" MO="$dir" -j "$(nproc)" modules >"$dir/build.log" 2>&1; then
			cat "$dir/build.log" >&2
			die 125 "mshv_sim does not build against $kernel"
		fi
		grep -E '^[^ ]+:[0-9]+:.*warning:' "$dir/build.log" >&2 || :
		printf '%s\n' "$print" >"$dir/fingerprint"
	fi
	cp "$dir/mshv_sim.ko" "$dest" || die 125 "cannot copy mshv_sim.ko to $dest"
	exec {lock}>&-
}
