# SPDX-License-Identifier: GPL-2.0-only
"""What a set of headers says, as plain data: types, enumerators, macros.

Nothing is run: the headers are compiled, and the answers are read from the debug information. So a set can be read for
an architecture that this machine is not.
"""

import os
import re
import subprocess

import dwarf

# Arguments for macros with parameters: small, and different from each other.
ARGUMENTS = "5", "3", "2", "1"

# Types that the kernel's own headers define, and the stand-ins for these.
KERNEL_TYPE = re.compile(r"(__)?[us](8|16|32|64)$|ulong$|bool$")


class CompileError(Exception):
	pass


class Compiler:
	"""A C compiler for one architecture."""

	def __init__(self, command, readelf="readelf"):
		self.command, self.readelf = list(command), readelf
		self.clang = "clang" in self.run(["--version"], "").stdout

	def run(self, arguments, source):
		return subprocess.run(self.command + arguments + ([source] if source else []), stdout=subprocess.PIPE,
				      stderr=subprocess.PIPE, env=dict(os.environ, LC_ALL="C"), universal_newlines=True)

	def compile(self, flags, source, output):
		debug = ["-g", "-gdwarf-5", "-fno-eliminate-unused-debug-types"]
		result = self.run(flags + ["-std=gnu11", "-w", *debug, "-c", "-o", output], source)
		if result.returncode:
			raise CompileError(result.stderr.strip())
		return dwarf.Types(output, self.readelf)

	def macros(self, flags, source, directories):
		"""{name: (parameters or None, body)} of the macros that files in the directories leave defined."""
		result = self.run(flags + ["-std=gnu11", "-w", "-E", "-dD"], source)
		if result.returncode:
			raise CompileError(result.stderr.strip())
		roots = tuple(os.path.realpath(directory) + os.sep for directory in directories)
		found, ours = {}, False
		for line in result.stdout.splitlines():
			mark = re.match(r'# \d+ "([^"]*)"', line)
			if mark:
				ours = os.path.realpath(mark.group(1)).startswith(roots)
				continue
			define = re.match(r"#define (\w+)(\([^)]*\))?\s*(.*)$", line)
			if define and ours:
				parameters = define.group(2)
				if parameters is not None:
					parameters = [p for p in parameters[1:-1].replace(" ", "").split(",") if p]
				found[define.group(1)] = parameters, define.group(3)
			undef = re.match(r"#undef (\w+)", line)
			if undef:
				found.pop(undef.group(1), None)
		return found


def is_guard(name):
	return name.startswith("_") or name.endswith("_H")


def evaluate(compiler, flags, includes, expressions, work):
	"""{key: value} of the expressions that are integer constants; the others are left out."""
	lines = ["%s" % include for include in includes]
	first = len(lines) + 1
	keys = list(expressions)
	for i, key in enumerate(keys):
		lines.append("enum { mshv_value_%d = (unsigned long long)(%s) };" % (i, expressions[key]))
	source = os.path.join(work, "values.c")
	while True:
		with open(source, "w") as file:
			file.write("\n".join(lines) + "\n")
		# No limit on errors: one line is one expression, so an error names the expression that is no constant.
		limit = "-ferror-limit=0" if compiler.clang else "-fmax-errors=0"
		result = compiler.run(flags + ["-std=gnu11", "-w", "-fsyntax-only", limit], source)
		if not result.returncode:
			break
		bad = {int(n) for n in re.findall(r"values\.c:(\d+):\d+: (?:error|note: in)", result.stderr)}
		bad = {n for n in bad if n >= first and lines[n - 1]}
		if not bad:
			raise CompileError(result.stderr.strip())
		for n in bad:
			lines[n - 1] = ""
	_, enums, _ = compiler.compile(flags, source, os.path.join(work, "values.o")).collect()
	found = {}
	for values in enums.values():
		for name, value in values.items():
			if name.startswith("mshv_value_"):
				found[keys[int(name[len("mshv_value_"):])]] = value & 0xffffffffffffffff
	return found


def collect(compiler, flags, includes, directories, work):
	"""Facts of the headers that the lines in includes bring in.

	types     {"struct hv_u128": {"size": 16, "align": 1, "fields": [[name, first bit, bits, type], ...]}}
	enums     {"hv_port_type": {"HV_PORT_TYPE_EVENT": 2}}; without a tag: under ""
	constants {"HV_STATUS_SUCCESS": 0}: macros and enumerators alike, since C code cannot tell them apart
	texts     {"HV_GENERIC_SET_FORMAT": "hv_generic_set_format"}: macros that are not an integer
	typedefs  {"hv_pci_rid": "u16"}
	dwarf     the types in full, for render.py

	directories: where a macro must be defined to count; types count wherever they are, as they carry our prefix.
	"""
	os.makedirs(work, exist_ok=True)
	source = os.path.join(work, "all.c")
	with open(source, "w") as file:
		file.write("\n".join(includes) + "\n")
	debug = compiler.compile(flags, source, os.path.join(work, "all.o"))
	types, enums, typedefs = debug.collect()
	typedefs = {name: target for name, target in typedefs.items() if not KERNEL_TYPE.match(name)}
	macros = {name: macro for name, macro in compiler.macros(flags, source, directories).items()
		  if not is_guard(name)}

	expressions, texts = {}, {}
	for name, (parameters, body) in macros.items():
		if parameters is None:
			expressions[name] = name
		else:
			call = "%s(%s)" % (name, ", ".join(ARGUMENTS[:len(parameters)]))
			expressions[call] = call
		texts[name] = "".join(body.split())
	for name in types:
		expressions["alignof " + name] = "_Alignof(%s)" % name
	values = evaluate(compiler, flags, includes, expressions, work)

	for name, info in types.items():
		info["align"] = values.pop("alignof " + name, 0)
	texts = {name: text for name, text in texts.items()
		 if name not in values and not any(key.startswith(name + "(") for key in values)}
	for entries in enums.values():
		for name, value in entries.items():
			values.setdefault(name, value & 0xffffffffffffffff)
	return {"types": types, "enums": enums, "constants": values, "texts": texts, "typedefs": typedefs,
		"dwarf": debug}
