# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# shellcheck shell=sh
#
# The compilers of this machine that the headers are checked with. Sourced by the tests beside it.

# kernel_headers COMPILER: -idirafter options for the directories where the compiler finds the kernel's headers.
# For compilers that come without them, such as musl-gcc on Debian.
kernel_headers() {
	for kh_header in linux/types.h asm/types.h; do
		# shellcheck disable=SC1003 # a backslash, no quote
		kh_path=$(echo "#include <$kh_header>" | $1 -xc -M - 2>/dev/null | tr -s ' \\' '\n' |
			grep "/$kh_header\$" | head -n 1)
		[ -z "$kh_path" ] || printf -- ' -idirafter %s' "${kh_path%/"$kh_header"}"
	done
}

# list_compilers: one line for each, "LANGUAGE ARCHITECTURE COMMAND..."; LANGUAGE is c or c++.
list_compilers() {
	native=$(uname -m)
	for command in gcc clang; do
		! command -v $command >/dev/null || echo "c $native $command"
	done
	for command in g++ clang++; do
		! command -v $command >/dev/null || echo "c++ $native $command"
	done
	if command -v musl-gcc >/dev/null; then
		echo "c $native musl-gcc$(kernel_headers gcc)"
	fi
	[ "$native" != aarch64 ] || return 0
	if command -v aarch64-linux-gnu-gcc >/dev/null; then
		echo "c aarch64 aarch64-linux-gnu-gcc"
		cross=$(kernel_headers aarch64-linux-gnu-gcc)
		for command in clang clang++; do
			! command -v $command >/dev/null ||
				echo "$(echo $command | sed 's/clang/c/') aarch64 $command --target=aarch64-linux-gnu -nostdlibinc$cross"
		done
	fi
	if command -v aarch64-linux-gnu-g++ >/dev/null; then
		echo "c++ aarch64 aarch64-linux-gnu-g++"
	fi
}

# standard LANGUAGE: the options that select the language the headers promise to be good in.
standard() {
	case $1 in
	c) echo "-xc -std=c11" ;;
	c++) echo "-xc++ -std=c++17" ;;
	esac
}

# shellcheck disable=SC2034 # for those who source this
warnings="-Wall -Wextra -Wpedantic -Wshadow -Wundef -Wconversion -Werror"
