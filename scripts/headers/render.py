# SPDX-License-Identifier: GPL-2.0-only
"""Write a type or constant the way hv-headers/ writes it: what a maintainer pastes, and then comments."""

import re

import dwarf

PORTABLE = {"u8": "__u8", "u16": "__u16", "u32": "__u32", "u64": "__u64", "s8": "__s8", "s16": "__s16",
	    "s32": "__s32", "s64": "__s64", "ulong": "unsigned long"}


def spelling(types, die):
	"""(type, dimensions) of a member."""
	qualifier = ""
	while die.tag in ("DW_TAG_volatile_type", "DW_TAG_const_type"):
		if die.tag == "DW_TAG_volatile_type":
			qualifier = "volatile "
		die = types.ref(die)
	if die.tag == "DW_TAG_typedef":
		name = dwarf.string(die.name)
		return qualifier + PORTABLE.get(name, name), ""
	if die.tag == "DW_TAG_array_type":
		element, _ = spelling(types, types.ref(die))
		dims = "".join("[%d]" % dim if dim else "[]" for dim in types.dims(die))
		return (element if element.startswith(qualifier) else qualifier + element), dims
	text = types.spell(die)
	return qualifier + PORTABLE.get(text, text), ""


def body(types, die, depth, packed):
	indent = "\t" * depth
	for member in die.children:
		if member.tag != "DW_TAG_member":
			continue
		name = dwarf.string(member.name) if member.name else ""
		target = types.strip(types.ref(member))
		if target.tag in ("DW_TAG_structure_type", "DW_TAG_union_type") and types.spell(target) is None:
			struct = target.tag == "DW_TAG_structure_type"
			yield indent + ("struct {" if struct else "union {")
			yield from body(types, target, depth + 1, packed)
			yield indent + "}" + (" HV_PACKED" if packed and struct else "") + (" " + name if name else "") + ";"
			continue
		kind, dims = spelling(types, types.ref(member))
		width = ""
		if "DW_AT_bit_size" in member.attrs:
			width = " : %d" % dwarf.number(member.attrs["DW_AT_bit_size"])
		yield "%s%s %s%s%s;" % (indent, kind, name, dims, width)


def struct(facts, name):
	"""Text of a struct or union."""
	types = facts["dwarf"]
	die = next(die for die in types.top if die.tag in ("DW_TAG_structure_type", "DW_TAG_union_type") and
		   "DW_AT_byte_size" in die.attrs and types.spell(die) == name)
	info = facts["types"][name]
	packed = info["align"] == 1 and info["size"] > 1
	lines = list(body(types, die, 1, packed))
	plain = not any(re.match(r"\t+(struct|union) \{", line) or "[]" in line for line in lines)
	return "\n".join(["%s%s {" % ("" if plain else "__extension__ ", name)] + lines +
			 ["}%s;" % (" HV_PACKED" if packed else "")])


def enum(facts, tag):
	rows = sorted(facts["enums"][tag].items(), key=lambda row: row[1])
	return "\n".join(["enum %s {" % tag] + ["\t%s\t= %s," % (name, value if value < 10 else hex(value))
						for name, value in rows] + ["};"])


def constant(facts, name):
	value = facts["constants"].get(name)
	if value is None:
		return "#define %s\t%s" % (name, facts["texts"][name])
	for tag, rows in facts["enums"].items():
		if name in rows:
			return "\t%s\t= %#x,\t/* in enum %s */" % (name, value, tag or "(without a tag)")
	if "(" in name:
		return "/* write the macro %s so that this gives %#x */" % (name, value)
	return "#define %s\t%#x" % (name, value)


def definition(facts, name):
	"""Text for the name of a finding, or None when it is no whole definition."""
	if name in facts["types"]:
		return struct(facts, name)
	if name.startswith("enum ") and name[5:] in facts["enums"]:
		return enum(facts, name[5:])
	if name.startswith("typedef "):
		target = facts["typedefs"].get(name[8:])
		return target and "typedef %s %s;" % (PORTABLE.get(target, target), name[8:])
	if name in facts["constants"] or name in facts["texts"]:
		return constant(facts, name)
	return None
