#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
"""Make the manual pages of the library from the comments in its headers: pages.py VERSION HEADERS EXAMPLE DIRECTORY

For each header with functions a page libmshv-NAME.3, and for each of its functions a page that brings in this one;
from the overview in mshv.h, and a program that is the example, libmshv.7. The comments are those that scripts/check-docs and kernel-doc check.
"""

import os
import re
import sys

COMMENT = re.compile(r"/\*(\*?)\s(.*?)\*/\n*(?=(.*))", re.S)
WORDS = re.compile(r"(?P<func>\bmshv_\w+\(\))|(?P<param>@[A-Za-z_][\w>-]*(?:\.\.\.)?)"
		   r"|(?P<const>\b(?:LIBMSHV|MSHV|HV|HVMSG|HVCALL)_[A-Z0-9_]+\*?)|(?P<errno>(?<![\w-])-?E[A-Z0-9]{2,}\b)"
		   r"|(?P<tag>\b(?:struct|enum|union) \w+)|(?P<header><[\w/.]+\.h>)")
SECTION = re.compile(r"^(Context|Return|Since):\s*(.*)$")


def escape(text):
	text = text.replace("\\", "\\e").replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
	return re.sub(r"(^|[\s(\"])-(?=\w)", r"\1\\-", text)


def inline(text):
	"""Fonts for what has a name."""
	out, last = [], 0
	for found in WORDS.finditer(text):
		out.append(escape(text[last:found.start()]))
		word, last = found.group(), found.end()
		if found.group("param"):
			out.append("\\fI%s\\fP" % escape(word[1:].rstrip("-")) + ("\\-" if word.endswith("-") else ""))
		elif found.group("func"):
			out.append("\\fB%s\\fP()" % word[:-2])
		else:
			out.append("\\fB%s\\fP" % escape(word))
	text = "".join(out) + escape(text[last:])
	return "\\&" + text if text.startswith((".", "\\(aq")) else text


def verbatim(text):
	return [".nf"] + ["\\&" + escape(line.expandtabs(8)) for line in text.split("\n")] + [".fi"]


def paragraphs(lines):
	"""Text as roff. A list item starts with "* ", its other lines are indented; so are the lines that "::" announces."""
	out, fresh, literal = [], True, None
	for line in lines + [""]:
		item = re.match(r"\* (.*)", line)
		if literal is not None and (line.startswith(" ") or not line.strip()):
			literal.append(line[2:])
			continue
		if literal is not None:
			out += [".PP", ".RS 4"] + verbatim("\n".join(literal).strip("\n")) + [".RE"]
			literal, fresh = None, True
		if line.endswith("::"):
			line, literal = line[:-1], []
		if item:
			out += [".IP \\(bu 2", inline(item.group(1))]
			fresh = False
		elif not line.strip():
			fresh = True
		else:
			if fresh and out:
				out.append(".PP")
			fresh = False
			out.append(inline(line.strip()))
	return out


class Doc:
	"""One /** comment, and what stands below it."""

	def __init__(self, body, below):
		lines = [re.sub(r"^ \* ?", "", line).rstrip() for line in body.rstrip().split("\n")]
		title = re.match(r"(?:(DOC): (.*)|(struct |enum )?(\w+)(\(\))? - (.*))$", lines[0].lstrip("* "))
		if not title:
			sys.exit("pages.py: not a title: %s" % lines[0])
		self.kind = "doc" if title.group(1) else "function" if title.group(5) else "type"
		self.name = title.group(2) or (title.group(3) or "") + title.group(4)
		self.brief = title.group(6)
		self.params, self.text, self.sections = [], [], {}
		into = None
		for line in lines[1:]:
			param = re.match(r"@([\w.]+): (.*)", line)
			section = self.kind != "doc" and SECTION.match(line)
			if param:
				into = [param.group(2)]
				self.params.append((param.group(1), into))
			elif section:
				into = self.sections.setdefault(section.group(1), [section.group(2)] if section.group(2) else [])
			elif into is not None and (line.startswith("\t") or line.strip() and self.sections):
				into.append(line.strip() if line.startswith("\t") else line)
			elif self.sections:
				into.append("")
			else:
				into = None
				self.text.append(line)
		self.text = "\n".join(self.text).strip().split("\n") if any(self.text) else []
		end = r";" if self.kind == "function" else r"\n\};"
		found = re.search(end, below)
		self.code = "" if self.kind == "doc" else below[:found.end()]


class Header:
	def __init__(self, path):
		self.name = os.path.basename(path)
		with open(path) as file:
			text = file.read()
		found = re.search(r"\n/\*\n \* (.*?)\n \*/", text, re.S)
		self.about = [re.sub(r"^ \* ?", "", line) for line in found.group(1).split("\n")]
		self.docs = [Doc(found.group(1), text[found.end():])
			     for found in re.finditer(r"^/\*\*\n \* (.*?)\*/\n*", text, re.S | re.M)]
		self.constants = self.find_constants(text)

	def find_constants(self, text):
		"""Macros with the comment above them: [(code, comment)]."""
		rows = re.finditer(r"^(?:/\*(?!\*)((?:(?!\*/).)*)\*/\n)?((?:#define LIBMSHV_\w+[ \t][^\n\\]+\n)+)", text, re.S | re.M)
		return [(row.group(2).strip(), re.sub(r"\s*\n \*\s*", " ", row.group(1) or "").strip()) for row in rows]

	def functions(self):
		return [doc for doc in self.docs if doc.kind == "function"]


def title(name, section, version):
	return ['.\\" SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause',
		'.\\" Made by man/pages.py from the headers.',
		'.TH %s %s "" "libmshv %s" "%s"' % (name.upper(), section, version,
						   "Library Functions" if section == "3" else "Miscellaneous"),
		".nh", ".ad l"]


def prototype(code):
	return re.sub(r"\s+", " ", code).replace("( ", "(").replace(" )", ")").replace("* mshv_", "*mshv_")


def wrap(code, width=76):
	"""A prototype in lines that fit."""
	lines, line = [], ""
	for part in prototype(code).replace(", ", ",\0").split("\0"):
		if not line and len(part) > width:
			type_, part = re.match(r"(.*[ *])(mshv_\w+\(.*)", part).groups()
			lines.append(type_.rstrip())
		if line and len(line) + 1 + len(part) > width:
			lines.append(line)
			line = "    " + part
		else:
			line = (line + " " + part) if line else part
	return lines + [line]


def described(doc):
	out = [".TP", "\\fI%s\\fP" % escape(doc[0])]
	return out + [inline(line) for line in doc[1]]


def entry(doc):
	name = doc.name[0].upper() + doc.name[1:] if doc.kind == "doc" else doc.name
	out = [".SS \"%s\"" % escape(name + ("()" if doc.kind == "function" else ""))]
	if doc.kind == "type":
		out += verbatim(doc.code) + [".PP"]
	elif doc.kind == "function":
		out += [".nf"] + ["\\fB%s\\fP" % escape(line) for line in wrap(doc.code)] + [".fi", ".PP"]
	if doc.brief:
		out += [inline(doc.brief[0].upper() + doc.brief[1:] + ".")]
	if doc.text:
		out += [".PP"] + paragraphs(doc.text)
	for param in doc.params:
		out += described(param)
	for section, lines in doc.sections.items():
		out += [".PP", "\\fI%s:\\fP" % section] + paragraphs(lines)
	return out


def page(header, version, name):
	functions = header.functions()
	names = ", ".join([name] + [doc.name for doc in functions])
	brief = re.sub(r"\.$", "", " ".join(header.about).split(". ")[0])
	out = title(name, "3", version)
	out += [".SH NAME", escape(names) + " \\- " + escape(brief[0].lower() + brief[1:])]
	out += [".SH LIBRARY", "libmshv (\\fB\\-lmshv\\fP)"]
	out += [".SH SYNOPSIS", ".nf", "\\fB#include <mshv/%s>\\fP" % header.name, ""]
	for doc in functions:
		out += ["\\fB%s\\fP" % escape(line) for line in wrap(doc.code)]
	out += [".fi", ".SH DESCRIPTION"] + paragraphs(header.about)
	for kind, heading in (("doc", None), ("function", "FUNCTIONS"), ("type", "TYPES")):
		# The text of mshv.h is libmshv(7).
		docs = [doc for doc in header.docs if doc.kind == kind and doc.name != "libmshv"]
		if docs and heading:
			out.append(".SH " + heading)
		for doc in docs:
			out += entry(doc)
	if header.constants:
		out.append(".SH CONSTANTS")
		for code, comment in header.constants:
			out += [".PP"] + verbatim(code)
			if comment:
				out += [".RS 4", inline(comment), ".RE"]
	return out + [".SH SEE ALSO", ".BR libmshv (7)"]


def example(path):
	with open(path) as file:
		text = file.read().strip().split("\n")
	return [line for line in text if "SPDX-" not in line]


def overview(header, headers, version, program):
	doc = header.docs[0]
	out = title("libmshv", "7", version)
	out += [".SH NAME", "libmshv \\- " + escape(header.about[0].split(": ", 1)[1].rstrip("."))]
	out += [".SH SYNOPSIS", ".nf", "\\fB#include <mshv/mshv.h>\\fP", "",
		"\\fBcc\\fP \\fIFILE\\fP \\fB$(pkg\\-config \\-\\-cflags \\-\\-libs libmshv)\\fP", ".fi"]
	out += [".SH DESCRIPTION"] + paragraphs(header.about[2:])
	# "Title. Text": a section each
	for part in "\n".join(doc.text).split("\n\n"):
		head, text = part.split(". ", 1)
		out += [".SS \"%s\"" % escape(head)] + paragraphs(text.split("\n"))
	out += [".SH PAGES"]
	for name, other in headers:
		out += [".TP", ".BR %s (3)" % name, inline(" ".join(other.about).split(". ")[0].rstrip(".")) + "."]
	out += [".SH EXAMPLES"] + verbatim("\n".join(program))
	return out + [".SH SEE ALSO", ".BR mshv\\-run (1)"]


def write(directory, name, lines):
	# A heading begins a paragraph of its own.
	lines = [line for before, line in zip([""] + lines, lines) if line != ".PP" or not before.startswith((".SH", ".SS"))]
	with open(os.path.join(directory, name), "w") as file:
		file.write("\n".join(lines) + "\n")


def main():
	if len(sys.argv) != 5:
		sys.exit(__doc__)
	version, top, program, directory = sys.argv[1:]
	os.makedirs(directory, exist_ok=True)
	headers = [Header(os.path.join(top, name)) for name in sorted(os.listdir(top)) if name != "export.h"]
	pages = [("libmshv-" + header.name[:-2], header) for header in headers if header.functions()]
	for name, header in pages:
		write(directory, name + ".3", page(header, version, name))
		for doc in header.functions():
			write(directory, doc.name + ".3", [".so man3/%s.3" % name])
	main_header = [header for header in headers if header.name == "mshv.h"][0]
	write(directory, "libmshv.7", overview(main_header, pages, version, example(program)))


if __name__ == "__main__":
	main()
