# SPDX-License-Identifier: GPL-2.0-only
"""Compare the facts of two header sets, and sort the differences by whether somebody has justified them."""

import fnmatch
import re

# How a field is called that has no meaning yet.
RESERVED = re.compile(r"(^|[._])(reserved|rsvd|resvd|mbz|pad|padding|unused|available)\w*$", re.I)

# Kinds of finding. Only these may appear in the list of justified differences.
DIFFERS, THERE, HERE, REFINED = "differs", "only-there", "only-here", "refined"
KINDS = DIFFERS, THERE, HERE, REFINED


class Finding:
	"""One difference. name is "constant", "type" or "type.field"; what says what differs, for a reader."""

	def __init__(self, kind, name, what, where=None):
		self.kind, self.name, self.what, self.where = kind, name, what, where
		self.reason = None

	def __str__(self):
		return "%-10s  %s: %s" % (self.kind, self.name, self.what)


class JustifiedError(Exception):
	pass


class Justified:
	"""The list of known differences: "set arch kind name -- reason", globs allowed in the first four."""

	def __init__(self, path):
		self.path, self.rows = path, []
		with open(path) as file:
			for number, line in enumerate(file, 1):
				line = line.strip()
				if not line or line.startswith("#"):
					continue
				match = re.match(r"(\S+)\s+(\S+)\s+(\S+)\s+(.+?)\s+--\s+(\S.*)$", line)
				if not match or not fnmatch.filter(KINDS, match.group(3)):
					raise JustifiedError("%s:%d: not of the form 'set arch kind name -- reason'" %
							     (path, number))
				self.rows.append(match.groups() + (number,))
		self.used = set()

	def settle(self, findings, which, arch):
		"""Set the reason of each finding that has one."""
		for finding in findings:
			for rset, rarch, kind, name, reason, number in self.rows:
				if (fnmatch.fnmatchcase(which, rset) and fnmatch.fnmatchcase(arch, rarch) and
				    fnmatch.fnmatchcase(finding.kind, kind) and fnmatch.fnmatchcase(finding.name, name)):
					finding.reason = reason
					self.used.add(number)
					break

	def unused(self, which, arches):
		"""Rows of this set that matched nothing: stale, when every architecture was looked at."""
		return [row for row in self.rows if row[5] not in self.used and fnmatch.fnmatchcase(which, row[0]) and
			any(fnmatch.fnmatchcase(arch, row[1]) for arch in arches)]


def describe(field):
	_, first, bits, spelling = field
	if bits == 0:
		return "%s at byte %d" % (spelling, first // 8)
	if first % 8 or bits % 8 or not re.search(r"%d$|\]$|^(struct|union|enum)" % bits, spelling):
		return "%s bits %d..%d" % (spelling, first, first + bits - 1)
	return "%s at byte %d" % (spelling, first // 8)


def covers(fields, first, bits):
	"""The fields that lie in [first, first + bits), if they fill it without a gap."""
	inside = sorted((f for f in fields if f[1] >= first and f[1] + f[2] <= first + bits), key=lambda f: f[1])
	at = first
	for field in inside:
		if field[1] != at:
			return None
		at += field[2]
	return inside if at == first + bits else None


def compare_type(name, here, there):
	for key in "size", "align":
		if here[key] != there[key]:
			yield Finding(DIFFERS, name, "%s is %d here, %d there" % (key, here[key], there[key]))
	ours = {field[0]: field for field in here["fields"]}
	theirs = {field[0]: field for field in there["fields"]}
	explained = set()
	for key, field in theirs.items():
		mine = ours.get(key)
		if mine and mine[1:] == field[1:]:
			continue
		if RESERVED.search(key):
			named = covers([f for f in here["fields"] if f[0] not in theirs or f[0] == key], field[1], field[2])
			if named:
				explained |= {f[0] for f in named}
				yield Finding(REFINED, "%s.%s" % (name, key), "reserved there (%s), here: %s" %
					      (describe(field), ", ".join(f[0] for f in named)))
				continue
		if mine:
			yield Finding(DIFFERS, "%s.%s" % (name, key), "%s here, %s there" % tuple(
				describe(f) + (" (%d bits)" % f[2] if f[2] != mine[2] or f[2] != field[2] else "")
				for f in (mine, field)))
		else:
			at = [f[0] for f in here["fields"] if f[1:3] == field[1:3]]
			yield Finding(THERE, "%s.%s" % (name, key), describe(field) +
				      (" (here that place is called %s)" % ", ".join(at) if at else ""))
	for key, field in ours.items():
		if key not in theirs and key not in explained:
			yield Finding(HERE, "%s.%s" % (name, key), describe(field))


def compare(here, there):
	"""(findings, counts, names) of two sets of facts.

	Names are those that only we have. They are no findings, since our set is the union of several.
	"""
	findings = []
	counts = {"types": 0, "types identical": 0, "constants": 0, "constants identical": 0, "only here": 0}

	def note(new):
		findings.extend(new)
		return not new

	for name, theirs in there["types"].items():
		counts["types"] += 1
		if name not in here["types"]:
			note([Finding(THERE, name, "%d bytes" % theirs["size"])])
		else:
			counts["types identical"] += note(list(compare_type(name, here["types"][name], theirs)))
	for tag, theirs in there["enums"].items():
		if tag:
			counts["types"] += 1
			if tag not in here["enums"]:
				note([Finding(THERE, "enum " + tag, "%d enumerators" % len(theirs))])
			else:
				strays = [n for n in theirs if n in here["constants"] and n not in here["enums"][tag]]
				counts["types identical"] += note([Finding(DIFFERS, "enum %s.%s" % (tag, n), "no part of it here")
								   for n in strays])
	for name, theirs in there["typedefs"].items():
		counts["types"] += 1
		mine = here["typedefs"].get(name)
		if mine is None:
			note([Finding(THERE, "typedef " + name, theirs)])
		elif mine != theirs:
			note([Finding(DIFFERS, "typedef " + name, "%s here, %s there" % (mine, theirs))])
		else:
			counts["types identical"] += 1
	for name, theirs in list(there["constants"].items()) + list(there["texts"].items()):
		counts["constants"] += 1
		mine = here["constants"].get(name, here["texts"].get(name))
		if mine is None:
			note([Finding(THERE, name, "%#x" % theirs if isinstance(theirs, int) else "'%s'" % theirs)])
		elif mine != theirs:
			show = tuple("%#x" % v if isinstance(v, int) else "'%s'" % v for v in (mine, theirs))
			note([Finding(DIFFERS, name, "%s here, %s there" % show)])
		else:
			counts["constants identical"] += 1
	only = [name for kind in ("types", "constants", "texts", "typedefs") for name in here[kind]
		if name not in there[kind] and name not in there["constants"]]
	counts["only here"] = len(only)
	return findings, counts, only
