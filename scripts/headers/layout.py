#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Write hv-headers/tests/layout-rows.h: the layout of each type, as rows that layout.c checks at compile time.

Run it after a change of hv-headers/ that scripts/check-headers has approved; the difference of the file is what the
change did to the wire. usage: layout.py [HEADERS] >hv-headers/tests/layout-rows.h
"""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import facts	# noqa: E402
import sets	# noqa: E402

HEAD = """\
/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Layout of each type of hv-headers/, made by scripts/headers/layout.py: do not edit.
 *
 *	TYPE(type, bytes, alignment)
 *	FIELD(type, field, first byte, bytes)
 *	TAIL(type, field, first byte): an array without a length
 *	BITS(type, field, first bit, bits)
 */"""


def rows(types):
	"""{row: None} in the order of the types' names, fields in their order."""
	out = {}
	for name in sorted(types, key=lambda name: name.split()[1]):
		info = types[name]
		out["TYPE(%s, %d, %d)" % (name, info["size"], info["align"])] = None
		for field, first, bits, spelling in info["fields"]:
			if not field or spelling == "anonymous":
				continue
			if bits == 0:
				out["TAIL(%s, %s, %d)" % (name, field, first // 8)] = None
			elif is_bitfield(first, bits, spelling):
				out["BITS(%s, %s, %d, %d)" % (name, field, first, bits)] = None
			else:
				out["FIELD(%s, %s, %d, %d)" % (name, field, first // 8, bits // 8)] = None
	return out


def is_bitfield(first, bits, spelling):
	return spelling[1:].isdigit() and bits != int(spelling[1:])


def collect(headers, arch, work):
	compiler = facts.Compiler({"x86_64": ["cc"], "arm64": ["aarch64-linux-gnu-gcc"]}[arch])
	types = {}
	for part in "hyperv", "uapi", "vtl":
		types.update(sets.ours(compiler, headers, part, os.path.join(work, arch, part))["types"])
	return rows(types)


def main():
	headers = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "..", "hv-headers", "mshv")
	with tempfile.TemporaryDirectory() as work:
		x64, arm64 = (collect(headers, arch, work) for arch in ("x86_64", "arm64"))
	print(HEAD)
	for row in x64:
		if row in arm64:
			print(row)
	print("#if defined(__x86_64__)")
	print("\n".join(row for row in x64 if row not in arm64))
	print("#else")
	print("\n".join(row for row in arm64 if row not in x64))
	print("#endif")


if __name__ == "__main__":
	main()
