# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# cmocka for arm64, on a machine that is none: Debian's packages of the release
# that runs here, as they go with its cross compiler, unpacked in the cache and
# installed nowhere.  Wants lib.sh and vm/apt.sh.

# cmocka_get: sets cmocka_dir, with include/ and lib/ below it, or says in
# cmocka_missing why there is none.  Not to be called in a condition: there the shell
# goes on after what fails.
cmocka_get() {
	local cache lock
	cmocka_missing=''
	cache=$(cache_root)
	cache+=/cmocka-arm64
	cmocka_dir=$cache/root
	mkdir -p "$cache" || die 125 "cannot write to $cache; set LIBMSHV_CACHE to a directory of yours"
	exec {lock}>"$cache/lock"
	flock "$lock"
	[[ -e $cmocka_dir ]] || cmocka_fetch "$cache"
	exec {lock}>&-
}

cmocka_fetch() {
	local cache=$1 new=$1/new codename
	if ! type -P apt-get dpkg-deb >/dev/null || [[ ! -e $DEBIAN_KEYS ]]; then
		cmocka_missing="this is no Debian with its archive's keys, which could get libcmocka-dev of arm64"
		return
	fi
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
	cmocka_missing="no mirror that apt on this machine knows has libcmocka-dev of $codename for arm64"
	apt_setup "$cache/apt" arm64
	apt_unpack "$cache/apt" "$new" "$codename" libcmocka0 libcmocka-dev || return 0
	ln -s usr/include "$new/include"
	ln -s usr/lib/aarch64-linux-gnu "$new/lib"
	[[ -e $new/include/cmocka.h && -e $new/lib/libcmocka.so ]] || return 0
	mv "$new" "$cmocka_dir"
	cmocka_missing=''
}
