# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# apt, with lists of its own: what newer Debians have is looked up and fetched
# from the mirrors that this machine's apt knows, and checked with Debian's own
# keys.  The machine's configuration stays in force (proxies, credentials), but
# neither its lists nor its hooks are touched.

readonly DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg

# apt_run DIR PROGRAM ARG...: apt-PROGRAM with the lists of DIR.
apt_run() {
	local dir=$1 program=$2
	shift 2
	"apt-$program" -c "$dir/apt.conf" "$@"
}

# apt_setup DIR [ARCHITECTURE]: what is fetched is for this one, without it for the machine's.
apt_setup() {
	local dir=$1 architecture=${2:-}
	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial"
	: >"$dir/status"
	cat >"$dir/apt.conf" <<-END
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear DPkg::Post-Invoke;
		Dir::State "$dir/state";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir/cache";
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Acquire::Languages "none";
		APT::Sandbox::User "root";
		APT::Get::AllowUnauthenticated "false";
	END
	[[ ! $architecture ]] || cat >>"$dir/apt.conf" <<-END
		#clear APT::Architectures;
		APT::Architecture "$architecture";
		APT::Architectures { "$architecture"; };
	END
}

# The archives that the machine gets Debian itself from, in its own order.
apt_archives() {
	local codename
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
	# shellcheck disable=SC2016 # the $(...) are apt's
	apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' |
		awk -v suites=" $codename stable oldstable testing unstable sid " '
			{ sub(/-updates$/, "", $2) }
			$3 == "main" && index(suites, " " $2 " ") && !seen[$1]++ { print $1 }'
}

# apt_update DIR ARCHIVE SUITE: from here on DIR knows this suite and no other.
apt_update() {
	echo "deb [signed-by=$DEBIAN_KEYS] $2 $3 main" >"$1/sources.list"
	apt_run "$1" get -q -q -o APT::Update::Error-Mode=any update >&2
}

# apt_unpack LISTS DEST SUITE PACKAGE...: these packages, and no others that they may
# need, from the first archive that has them all, unpacked in DEST, a directory of their
# own.  LISTS is of apt_setup.  False if there is no such archive.
apt_unpack() {
	local lists=$1 dest=$2 suite=$3 archive deb
	shift 3
	for archive in $(apt_archives); do
		apt_update "$lists" "$archive" "$suite" || continue
		rm -rf "$dest" # what an interrupted run left
		mkdir "$dest"
		(cd "$dest" && apt_run "$lists" get -q -q download "$@") >&2 || continue
		for deb in "$dest"/*.deb; do
			dpkg-deb -x "$deb" "$dest" || return
			rm "$deb"
		done
		return
	done
	return 1
}
