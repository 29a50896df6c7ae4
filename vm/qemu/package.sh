# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034 # its results are for the script that sources it
# Debian's newest QEMU: the package of sid with all that it needs, its own libc
# among it, unpacked in the cache, installed nowhere.  Wants lib.sh, progress.sh
# and apt.sh.
#
# package_get sets
#   package_dir      where it is unpacked
#   package_version
#   package_origin   words for people
# or says in package_missing why there is none.  Not to be called in a condition: there
# the shell goes on after what fails.

readonly PACKAGE=qemu-system-x86

# package_get CACHE UPDATE: the one fetched before, or now.
package_get() {
	local cache=$1 update=$2 link=$1/qemu/newest lock
	package_missing=''
	if $update || [[ ! -e $link ]]; then
		mkdir -p "$cache/qemu" || die 125 "cannot write to $cache; set LIBMSHV_CACHE to a directory of yours"
		exec {lock}>"$cache/qemu/lock"
		flock -n "$lock" || {
			note "waiting for another process, which is fetching the package"
			flock "$lock"
		}
		if $update || [[ ! -e $link ]]; then
			package_fetch "$cache" "$link"
		fi
		exec {lock}>&-
	fi
	[[ ! $package_missing ]] || return 0
	package_dir=$(readlink -f "$link")
	package_version=$(<"$package_dir/version")
	package_origin="Debian's $PACKAGE $package_version, checked with Debian's keys"
	package_use "$package_dir"
	if ! "${package_qemu[@]}" -accel help | grep -qx mshv; then
		package_missing="$PACKAGE $package_version has no mshv accelerator"
	fi
}

# package_use DIR: package_qemu is the command.  It comes with a loader and
# libraries of its own, as the libc of this machine may be older than the one it
# was made for.
package_use() {
	local root=$1/root lib=$1/root/usr/lib/x86_64-linux-gnu
	package_qemu=("$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$root/usr/bin/qemu-system-x86_64"
		-L "$root/usr/share/seabios" -L "$root/usr/share/qemu" -L "$root/usr/lib/ipxe/qemu")
}

package_fetch() {
	local cache=$1 link=$2 apt=$1/qemu/apt archive version='' dir deb
	if ! type -P apt-get dpkg-deb >/dev/null; then
		package_missing="this is not a Debian system, so there is no $PACKAGE package to get"
		return
	fi
	if [[ $(dpkg --print-architecture) != amd64 ]]; then
		package_missing="the package is for amd64, this machine is $(dpkg --print-architecture)"
		return
	fi
	if [[ ! -e $DEBIAN_KEYS ]]; then
		package_missing="$DEBIAN_KEYS is missing, so nothing can be verified; install debian-archive-keyring"
		return
	fi
	need_space "$cache" 400 "QEMU with its libraries"
	apt_setup "$apt"
	for archive in $(apt_archives); do
		progress_line "looking for $PACKAGE in sid"
		apt_update "$apt" "$archive" sid || continue
		version=$(apt_run "$apt" cache madison "$PACKAGE" | tr -d ' ' | cut -d '|' -f 2 | sort -V | tail -n 1) || :
		[[ ! $version ]] || break
	done
	if [[ ! $version ]]; then
		package_missing="no mirror that apt on this machine knows has $PACKAGE of sid"
		return
	fi

	dir=$cache/qemu/${version//:/_}
	if [[ ! -e $dir ]]; then
		progress_line "fetching $PACKAGE $version and what it needs"
		rm -rf "$dir.new" # what an interrupted run left
		mkdir -p "$dir.new/debs/partial" "$dir.new/root"
		# apt believes that nothing is installed, so that it gets everything
		if ! apt_run "$apt" get -q -q -y --no-install-recommends --download-only \
			-o Dir::Cache::archives="$dir.new/debs" install "$PACKAGE=$version" >&2; then
			package_missing="cannot download $PACKAGE $version; see above"
			return
		fi
		progress_line "unpacking $PACKAGE $version"
		for deb in "$dir.new/debs"/*.deb; do
			dpkg-deb -x "$deb" "$dir.new/root" ||
				die 125 "cannot unpack ${deb##*/} into $dir.new; is the disk full?"
			dpkg-deb --show "$deb" >>"$dir.new/packages"
		done
		printf '%s\n' "$version" >"$dir.new/version"
		rm -r "$dir.new/debs"
		mv "$dir.new" "$dir"
	fi
	progress_end
	ln -sfn "${dir##*/}" "$link"
}
