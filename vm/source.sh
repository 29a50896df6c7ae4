# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034 # its results are for the script that sources it
# Where vm/kernel gets its source: a tree that the user names (KSRC), or the
# linux-source package of a newer Debian, from the mirrors that apt on this
# machine knows, checked by apt with Debian's own keys.  Wants lib.sh.
#
# Each source_* function that chooses a source sets
#   source_dir       the tree
#   source_id        what names it in the cache
#   source_origin    words for people
#   source_pristine  yes, no or unknown: is the code under test as published?

# What "pristine" is about: the driver, and the definitions it is built from.
readonly PRISTINE_PATHS=(drivers/hv include/hyperv include/uapi/linux/mshv.h
	include/asm-generic/mshyperv.h arch/x86/hyperv arch/x86/include/asm/mshyperv.h)

# shellcheck source=vm/apt.sh
. "$LIBMSHV_TOP/vm/apt.sh"

# The first kernel that the configuration and the tests are for.
readonly OLDEST=7.2

readonly KSRC_HINT="or point KSRC= to a source tree of Linux $OLDEST or newer: a git clone or an unpacked tarball"

# --- a tree of the user's ----------------------------------------------------

source_from_tree() {
	local tree=$1 file version
	need make
	[[ -d $tree ]] || die 125 "KSRC=$tree is not a directory"
	source_dir=$(cd "$tree" && pwd -P)
	[[ -e $source_dir/drivers/hv/mshv_root_main.c ]] || die 125 \
		"KSRC=$tree has no drivers/hv/mshv_root_main.c" \
		"point KSRC= to a source tree of Linux $OLDEST or newer"
	for file in .config include/config arch/x86/include/generated; do
		[[ ! -e $source_dir/$file ]] || die 125 \
			"a kernel was built inside $source_dir, so that it can't be built elsewhere" \
			"clean it with: make -C $(sh_quote "$source_dir") mrproper   (this removes its .config)"
	done
	version=$(make -s -C "$source_dir" kernelversion) || die 125 \
		"the Makefile of KSRC=$tree does not tell the kernel's version; see above"
	source_id=$version-$(sha256sum <<<"$source_dir" | cut -c 1-8)
	source_pristine=unknown
	source_origin="$source_dir, which nothing can vouch for"
	if git -C "$source_dir" rev-parse -q --verify HEAD >/dev/null 2>&1; then
		source_origin="$source_dir, commit $(git -C "$source_dir" rev-parse --short=12 HEAD)"
		source_pristine=yes
		if [[ $(git -C "$source_dir" status --porcelain -- "${PRISTINE_PATHS[@]}") ]]; then
			source_pristine=no
			source_origin+=", with local changes"
		fi
	fi
}

# --- the package -------------------------------------------------------------

# The package of the asked series (or the default one), fetched before or now.
source_from_package() {
	local cache=$1 series=$2 update=$3 link
	link=$cache/source/series-${series:-default}
	if $update || [[ ! -e $link ]]; then
		local lock
		mkdir -p "$cache/source" || die 125 "cannot write to $cache; set LIBMSHV_CACHE to a directory of yours"
		exec {lock}>"$cache/source/lock"
		flock -n "$lock" || {
			note "waiting for another vm/kernel, which is fetching the source"
			flock "$lock"
		}
		if $update || [[ ! -e $link ]]; then
			source_fetch "$cache" "$series" "$link"
		fi
		exec {lock}>&-
	fi
	source_dir=$(readlink -f "$link")/linux
	source_id=$(basename "${source_dir%/linux}")
	source_origin="Debian's linux-source $source_id, checked with Debian's keys"
	source_pristine=yes
	source_verify "${source_dir%/linux}"
}

source_record() {
	(cd "$1/linux" && find "${PRISTINE_PATHS[@]}" -type f -print0 | sort -z | xargs -0 sha256sum)
}

# Same files with the same content as right after unpacking.
source_verify() {
	local dir=$1
	if [[ $(source_record "$dir") != "$(<"$dir/pristine")" ]]; then
		source_record "$dir" | diff "$dir/pristine" - | sed -n 's/^[<>] [0-9a-f]*  /changed: /p' | sort -u >&2 || :
		die 125 "the driver in $dir/linux is not the one of the package" \
			"remove that directory, and vm/kernel gets it again: rm -rf $(sh_quote "$dir")"
	fi
}

# source_fetch CACHE SERIES LINK: downloads and unpacks, then lets LINK name it.
source_fetch() {
	local cache=$1 series=$2 link=$3 package version dir
	type -P apt-get dpkg-deb >/dev/null ||
		die 125 "this is not a Debian system, so there is no linux-source package to get" \
			"${KSRC_HINT#or }"
	[[ -e $DEBIAN_KEYS ]] || die 125 "$DEBIAN_KEYS is missing, so nothing can be verified" \
		"install debian-archive-keyring, $KSRC_HINT"
	need_space "$cache" 3000 "the kernel's source"
	apt_setup "$cache/apt"
	read -r package version < <(apt_choose "$cache/apt" "$series") || :
	[[ $version ]] || die 125 "no mirror that apt on this machine knows has a linux-source${series:+-$series} package" \
		"check the network and 'apt-get update'," "$KSRC_HINT"
	dpkg --compare-versions "$version" ge "$OLDEST~" || die 125 \
		"$package $version is too old; Linux $OLDEST is the first that will do" \
		"ask for another --series, $KSRC_HINT"

	dir=$cache/source/$version
	if [[ ! -e $dir ]]; then
		progress_line "fetching $package $version"
		rm -rf "$dir.new" # what an interrupted run left
		mkdir -p "$dir.new"
		(cd "$dir.new" && apt_run "$cache/apt" get -q -q download "$package=$version") ||
			die 125 "cannot download $package $version; see above" "$KSRC_HINT"
		progress_line "unpacking $package $version"
		mkdir "$dir.new/linux"
		dpkg-deb --fsys-tarfile "$dir.new"/*.deb |
			tar -xO "./usr/src/$package.tar.xz" |
			tar -xJ -C "$dir.new/linux" --strip-components 1 ||
			die 125 "cannot unpack $package into $dir.new; is the disk full?"
		if [[ ! -e $dir.new/linux/drivers/hv/mshv_root_main.c ]]; then
			rm -rf "$dir.new"
			die 125 "$package $version has no drivers/hv/mshv_root_main.c" "${KSRC_HINT#or }"
		fi
		rm "$dir.new"/*.deb
		source_record "$dir.new" >"$dir.new/pristine"
		chmod a-w "$dir.new/pristine"
		mv "$dir.new" "$dir"
	fi
	ln -sfn "$version" "$link"
}

# --- which package -----------------------------------------------------------

# apt_choose DIR SERIES: "PACKAGE VERSION", the newest there is.  experimental is
# looked at only for a series that is asked for and is nowhere else.
apt_choose() {
	local dir=$1 series=$2 archive suite chosen codename
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	for suite in sid ${codename:+"$codename-backports"} ${series:+experimental}; do
		for archive in $(apt_archives); do
			progress_line "looking for linux-source${series:+-$series} in $suite"
			apt_update "$dir" "$archive" "$suite" || continue
			chosen=$(apt_newest "$dir" "$series")
			[[ ! $chosen ]] || break 2
		done
	done
	printf '%s\n' "${chosen:-}"
}

apt_newest() {
	local dir=$1 series=$2 names
	names=$(apt_run "$dir" cache pkgnames linux-source- | grep -Ex "linux-source-${series:-[0-9]+\.[0-9]+}") || return 0
	# shellcheck disable=SC2086 # one word for each package
	apt_run "$dir" cache madison $names | tr -d ' ' | awk -F '|' '{ print $1, $2 }' | sort -k 2 -V | tail -n 1
}
