#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
"""Make inputs to start a fuzzer with: seeds.py HEADERS DIRECTORY

A message of each type that hv_synic.h names, whole and cut short; some texts of partitions; for the other targets,
which take steps from a stream, some streams.
"""

import os
import random
import re
import sys

STREAMS = ("irq", "memory", "msr", "partition", "snapshot", "state", "vp", "vtl", "walk", "xsave")


def messages(headers):
	with open(os.path.join(headers, "mshv", "hv_synic.h")) as file:
		types = re.findall(r"(HVMSG_\w+)\s*=\s*(0x[0-9a-f]+)", file.read())
	for name, value in types:
		for size in (0, 8, 240):
			payload = bytes(i & 3 for i in range(240))
			header = int(value, 16).to_bytes(4, "little") + bytes([size]) + bytes(11)
			yield "%s-%d" % (name, size), header + payload


CONFIGS = (
	"mshv-partition 1\n",
	"mshv-partition 1 # heading\narch x86_64\napic xapic\nsuper-pages off\nsmt on\nnested on\nisolation snp\n",
	"mshv-partition 1\nxsave x86-64-v3 +avx512 -fma\nsynthetic standard +access_vsm -hv1\nprocessor host -la57\n",
	"mshv-partition 1\nprocessor none +bit127 +bit126 +aes\nproperty 0x50017 1\nearly-property privilege_flags 0xF\n",
)


def configs():
	for number, text in enumerate(CONFIGS):
		yield str(number), text.encode()
		yield "%d-with-kernel" % number, text.encode() + bytes(300)


def streams():
	numbers = random.Random(1)
	for size in (16, 64, 256, 1024):
		for top in (8, 64, 256):
			yield "%d-%d" % (size, top), bytes(numbers.randrange(top) for _ in range(size))


def saves():
	"""A VP and a partition that are saved from a willing kernel, with long answers."""
	numbers = random.Random(2)
	for first in 5, 7:
		for size in 200, 3000:
			yield "save-%d-%d" % (first, size), bytes([first]) + bytes(numbers.randrange(256) for _ in range(size))


def write(directory, inputs):
	os.makedirs(directory, exist_ok=True)
	for name, data in inputs:
		with open(os.path.join(directory, "seed-" + name), "wb") as file:
			file.write(data)


def main():
	if len(sys.argv) != 3:
		sys.exit(__doc__)
	headers, top = sys.argv[1:]
	write(os.path.join(top, "message"), messages(headers))
	write(os.path.join(top, "config"), configs())
	write(os.path.join(top, "snapshot"), saves())
	for name in STREAMS:
		write(os.path.join(top, name), streams())


if __name__ == "__main__":
	main()
