# SPDX-License-Identifier: GPL-2.0-only
"""The header sets that can be compared, and how each is made to compile: ours, a kernel tree's, rust-vmm's."""

import glob
import os
import re

import facts

HERE = os.path.dirname(os.path.abspath(__file__))
SHIM = os.path.join(HERE, "shim")

HYPERV = "include/hyperv"
UAPI = "include/uapi/linux/mshv.h"
COUNTERS = "drivers/hv/mshv_debugfs_counters.c"
VTL_RUN = "drivers/hv/mshv_vtl.h"
VTL_STRUCTS = (("arch/x86/include/asm/fpu/types.h", "fxregs_state"),
	       ("arch/x86/include/asm/mshyperv.h", "mshv_vtl_cpu_context"),
	       (VTL_RUN, "mshv_vtl_run"))

TABLES = {"hv_hypervisor_counters": "HYPERVISOR", "hv_lp_counters": "LP", "hv_partition_counters": "PARTITION",
	  "hv_vp_counters": "VP"}


class SetError(Exception):
	"""A set cannot be read: the message says why, in one line."""


def version(tree):
	"""The kernel's version, from its Makefile."""
	try:
		with open(os.path.join(tree, "Makefile")) as file:
			head = file.read(2000)
	except OSError:
		return None
	parts = [re.search(r"^%s *= *(\S*)" % key, head, re.M)
		 for key in ("VERSION", "PATCHLEVEL", "SUBLEVEL", "EXTRAVERSION")]
	if not all(parts):
		return None
	values = [part.group(1) for part in parts]
	return ".".join(values[:3]) + values[3]


def check_tree(tree):
	"""Raise unless the tree has what is compared."""
	if not os.path.isdir(tree):
		raise SetError("%s: no such directory" % tree)
	if not version(tree):
		raise SetError("%s: not a kernel tree (no version in its Makefile)" % tree)
	for path in (HYPERV + "/hvhdk.h", UAPI):
		if not os.path.exists(os.path.join(tree, path)):
			raise SetError("%s: Linux %s without the mshv driver (no %s); it needs 6.15 or newer" %
				       (tree, version(tree), path))


def empty_headers(paths, work):
	"""A directory with an empty file for each <header> that the files include and that has no stand-in."""
	directory = os.path.join(work, "empty")
	for path in paths:
		with open(path, errors="replace") as file:
			for name in re.findall(r"^\s*#\s*include\s+<([^>]+)>", file.read(), re.M):
				target = os.path.join(directory, name)
				if not os.path.exists(os.path.join(SHIM, name)):
					os.makedirs(os.path.dirname(target), exist_ok=True)
					open(target, "a").close()
	return directory


def quote(path):
	return '#include "%s"' % os.path.realpath(path)


def collect(compiler, headers, directory, work, first=()):
	flags = ["-nostdinc", "-I" + SHIM, "-I" + empty_headers(headers, work)]
	includes = ["#include <linux/types.h>", "#include <linux/ioctl.h>", *first] + [quote(path) for path in headers]
	return facts.collect(compiler, flags, includes, [directory], work)


def ours(compiler, directory, part, work):
	names = {"hyperv": "hv.h", "rust-vmm": "hv.h", "uapi": "uapi.h", "vtl": "vtl_run.h"}
	found = collect(compiler, [os.path.join(directory, names[part])], directory, work)
	return vtl_only(found) if part == "vtl" else found


def kernel(compiler, tree, part, work):
	if part == "hyperv":
		directory = os.path.join(tree, HYPERV)
		return collect(compiler, sorted(glob.glob(directory + "/*.h")), directory, work)
	if part == "uapi":
		return collect(compiler, [os.path.join(tree, UAPI)], os.path.dirname(os.path.join(tree, UAPI)), work)
	if part == "vtl":
		return vtl_run(compiler, tree, work)
	raise ValueError(part)


def rust_vmm(compiler, directory, work):
	return collect(compiler, sorted(glob.glob(directory + "/*.h")), directory, work, ["#include <linux/bits.h>"])


def extract(path, name):
	"""The text of "struct name { ... };" in a file that cannot be compiled on its own."""
	try:
		with open(path) as file:
			text = file.read()
	except OSError:
		text = ""
	match = re.search(r"^struct %s\s*\{" % name, text, re.M)
	if not match:
		raise SetError("%s: no struct %s, which the VTL run page needs" % (path, name))
	depth, at = 1, match.end()
	while depth:
		depth += {"{": 1, "}": -1}.get(text[at], 0)
		at += 1
	return text[match.start():text.index(";", at) + 1]


def vtl_run(compiler, tree, work):
	"""Its structs sit in headers of the driver and of the architecture: they are cut out."""
	os.makedirs(work, exist_ok=True)
	path = os.path.join(work, "vtl.h")
	with open(path, "w") as file:
		file.write(quote(os.path.join(tree, UAPI)) + "\n")
		for source, name in VTL_STRUCTS:
			file.write(extract(os.path.join(tree, source), name) + "\n")
	found = collect(compiler, [path], work, work)
	return vtl_only(found)


def vtl_only(found):
	"""The facts about the run page alone: the rest of what its header brings in is of another set."""
	return {"types": {name: info for name, info in found["types"].items()
			  if name in ("struct mshv_vtl_run", "struct mshv_vtl_cpu_context")},
		"enums": {"": {}}, "constants": {}, "texts": {}, "typedefs": {}, "dwarf": found["dwarf"]}


def counters(compiler, lines, work, flags):
	"""{"LP[1]": "LpGlobalTime"} from preprocessed text, as facts."""
	os.makedirs(work, exist_ok=True)
	source = os.path.join(work, "counters.c")
	with open(source, "w") as file:
		file.write("\n".join(lines) + "\n")
	result = compiler.run(["-nostdinc", "-I" + SHIM, "-E", "-P"] + flags, source)
	if result.returncode:
		raise facts.CompileError(result.stderr.strip())
	return result.stdout


def counter_facts(texts):
	return {"types": {}, "enums": {"": {}}, "constants": {}, "texts": texts, "typedefs": {}, "dwarf": None}


def kernel_counters(compiler, tree, work):
	"""None when the tree is from before the driver showed the counters."""
	path = os.path.join(tree, COUNTERS)
	if not os.path.exists(path):
		return None
	text = counters(compiler, ["#include <linux/types.h>", quote(path)], work, ["-DMSHV_DEBUGFS_C"])
	texts = {}
	for table, body in re.findall(r"char \*\s*(\w+)\[\] = \{(.*?)\};", text, re.S):
		if table not in TABLES:
			raise SetError("%s: a table %s, which scripts/headers/sets.py does not know" % (path, table))
		for number, name in re.findall(r'\[(\d+)\]\s*=\s*"(\w+)"', body):
			texts["%s[%s]" % (TABLES[table], number)] = name
	if len({key.split("[")[0] for key in texts}) != len(TABLES):
		raise SetError("%s: not all of the tables %s" % (path, ", ".join(TABLES)))
	return counter_facts(texts)


def our_counters(compiler, directory, work):
	lines = [quote(os.path.join(directory, "hv_stats_counters.h")), "#define ROW(name, number, text) [number] text"]
	lines += ["table %s HV_STATS_%s_COUNTERS(ROW)" % (tag, tag) for tag in TABLES.values()]
	text = counters(compiler, lines, work, [])
	texts = {}
	for tag, body in re.findall(r"table (\w+) (.*)", text):
		for number, name in re.findall(r'\[(\d+)\]\s*"(\w+)"', body):
			texts["%s[%s]" % (tag, number)] = name
	return counter_facts(texts)


def locate(paths, name):
	"""'file:line' where a name is defined, to look at."""
	bare = re.sub(r"\(.*", "", name.split(".")[0].split()[-1])
	pattern = re.compile(r"^\s*(#\s*define\s+NAME\b|NAME\s*[=,]|typedef\s.*\bNAME\s*;|"
			     r"(__extension__\s+)?(struct|union|enum)\s+NAME\s*\{)".replace("NAME", re.escape(bare)))
	for path in paths:
		with open(path, errors="replace") as file:
			for number, line in enumerate(file, 1):
				if pattern.match(line):
					return "%s:%d" % (path, number)
	return None
