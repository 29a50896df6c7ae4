# SPDX-License-Identifier: GPL-2.0-only
"""Read the C types of one object file from its debug information.

The text of "readelf --debug-dump=info" is parsed rather than the bytes: readelf is part of binutils, which every
compiler brings along, it applies the relocations of an unlinked object, and it reads the objects of any architecture.
"""

import os
import re
import subprocess

DIE = re.compile(r"^ <([0-9a-f]+)><([0-9a-f]+)>: Abbrev Number: (\d+)(?: \((DW_TAG_\w+)\))?")
ATTR = re.compile(r"^\s+<[0-9a-f]+>\s+(DW_AT_\w+)\s*:\s*(.*)$")

# DWARF 5, table 7.11: base type encodings, as the one letter used below.
ENCODING = {"boolean": "b", "float": "f", "signed": "s", "signed char": "s", "unsigned": "u", "unsigned char": "u"}


class Die:
	__slots__ = ("tag", "attrs", "children")

	def __init__(self, tag):
		self.tag, self.attrs, self.children = tag, {}, []

	@property
	def name(self):
		return self.attrs.get("DW_AT_name")


def string(value):
	"""'(indirect string, offset: 0x12): foo' -> 'foo'"""
	return re.sub(r"^\((?:indirect|alt indirect|indexed)[^)]*\): ", "", value).strip()


def number(value):
	value = value.strip()
	match = re.match(r"(-?(?:0x[0-9a-f]+|\d+))", value)
	if not match:
		raise ValueError("no number in '%s'" % value)
	return int(match.group(1), 0)


def dies(path, readelf="readelf"):
	"""The debug entries of an object: {offset: Die}, and the list of the top level ones."""
	env = dict(os.environ, LC_ALL="C")
	text = subprocess.run([readelf, "--debug-dump=info", path], env=env, check=True, stdout=subprocess.PIPE,
			      stderr=subprocess.DEVNULL, universal_newlines=True).stdout
	table, stack, top, current = {}, [], [], None
	for line in text.splitlines():
		match = DIE.match(line)
		if match:
			depth, offset, abbrev, tag = int(match.group(1), 16), int(match.group(2), 16), match.group(3), match.group(4)
			current = None
			if abbrev == "0" or not tag:
				continue
			current = Die(tag)
			table[offset] = current
			del stack[depth:]
			(stack[-1].children if depth > 1 else top).append(current) if depth else None
			stack.append(current)
			continue
		match = ATTR.match(line)
		if match and current:
			current.attrs[match.group(1)] = match.group(2)
	return table, top


class Types:
	"""Named structs, unions, enums and typedefs; see collect() for the form."""

	def __init__(self, path, readelf="readelf"):
		self.table, self.top = dies(path, readelf)

	def ref(self, die, attr="DW_AT_type"):
		value = die.attrs.get(attr)
		return self.table[int(re.match(r"<0x([0-9a-f]+)>", value).group(1), 16)] if value else None

	def strip(self, die):
		while die and die.tag in ("DW_TAG_const_type", "DW_TAG_volatile_type", "DW_TAG_typedef"):
			die = self.ref(die)
		return die

	def size(self, die):
		die = self.strip(die)
		if die.tag == "DW_TAG_array_type":
			total = self.size(self.ref(die))
			for dim in self.dims(die):
				total *= dim
			return total
		return number(die.attrs["DW_AT_byte_size"])

	def dims(self, die):
		"""Array dimensions; a flexible one is 0."""
		out = []
		for sub in die.children:
			if sub.tag != "DW_TAG_subrange_type":
				continue
			if "DW_AT_count" in sub.attrs:
				out.append(number(sub.attrs["DW_AT_count"]))
			elif "DW_AT_upper_bound" in sub.attrs:
				bound = number(sub.attrs["DW_AT_upper_bound"])
				# clang and gcc spell "[0]" as an upper bound of -1.
				out.append(0 if bound in (-1, 0xffffffffffffffff) else bound + 1)
			else:
				out.append(0)
		return out

	def spell(self, die):
		"""A type as text that does not depend on typedefs: u32, struct hv_u128, u8[16]. Anonymous: None."""
		die = self.strip(die)
		if die is None:
			return "void"
		if die.tag == "DW_TAG_base_type":
			encoding = re.search(r"\(([\w ]+)\)\s*$", die.attrs["DW_AT_encoding"]).group(1)
			return "%s%d" % (ENCODING.get(encoding, "?"), 8 * self.size(die))
		if die.tag == "DW_TAG_pointer_type":
			return "pointer"
		if die.tag == "DW_TAG_array_type":
			inner = self.spell(self.ref(die))
			return inner and inner + "".join("[%d]" % dim for dim in self.dims(die))
		kind = {"DW_TAG_structure_type": "struct", "DW_TAG_union_type": "union",
			"DW_TAG_enumeration_type": "enum"}.get(die.tag)
		if not kind:
			return die.tag
		return "%s %s" % (kind, string(die.name)) if die.name else None

	def members(self, die, prefix="", base=0):
		"""Yield (name, first bit, bits, type) of each leaf; anonymous aggregates are looked through."""
		for sub in die.children:
			if sub.tag != "DW_TAG_member":
				continue
			target = self.strip(self.ref(sub))
			name = string(sub.name) if sub.name else ""
			bit = base + 8 * number(sub.attrs.get("DW_AT_data_member_location", "0"))
			if "DW_AT_data_bit_offset" in sub.attrs:
				bit = base + number(sub.attrs["DW_AT_data_bit_offset"])
			elif "DW_AT_bit_offset" in sub.attrs:
				# DWARF 3, still written by some clang: counted from the storage unit's most significant bit.
				unit = 8 * number(sub.attrs["DW_AT_byte_size"])
				bit += unit - number(sub.attrs["DW_AT_bit_offset"]) - number(sub.attrs["DW_AT_bit_size"])
			if "DW_AT_bit_size" in sub.attrs:
				yield prefix + name, bit, number(sub.attrs["DW_AT_bit_size"]), self.spell(target)
			elif self.spell(target) is None and target.tag in ("DW_TAG_structure_type", "DW_TAG_union_type"):
				yield from self.members(target, prefix + name + "." if name else prefix, bit)
			else:
				yield prefix + name, bit, 8 * self.size(target), self.spell(target) or "anonymous"

	def collect(self):
		"""({type name: {"size", "fields"}}, {enum name: {enumerator: value}}, {typedef: type})

		Enumerators of enums without a name are under the key "".
		"""
		types, enums, typedefs = {}, {"": {}}, {}
		for die in self.top:
			name = string(die.name) if die.name else ""
			if die.tag in ("DW_TAG_structure_type", "DW_TAG_union_type") and name:
				if "DW_AT_byte_size" in die.attrs:
					types[self.spell(die)] = {
						"size": number(die.attrs["DW_AT_byte_size"]),
						"fields": [list(field) for field in self.members(die)],
					}
			elif die.tag == "DW_TAG_enumeration_type":
				values = enums.setdefault(name, {})
				for sub in die.children:
					if sub.tag == "DW_TAG_enumerator":
						values[string(sub.name)] = number(sub.attrs["DW_AT_const_value"])
			elif die.tag == "DW_TAG_typedef" and name:
				target = self.ref(die)
				typedefs[name] = self.spell(target) or "anonymous"
		return types, enums, typedefs
