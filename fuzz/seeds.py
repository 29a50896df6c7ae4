#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
"""Make inputs to start a fuzzer with: seeds.py HEADERS DIRECTORY

A message of each type that hv_synic.h names, whole and cut short; for the other targets, which take steps from a
stream, some streams.
"""

import os
import random
import re
import sys

STREAMS = ("irq", "memory", "msr", "partition", "state", "vp")


def messages(headers):
	with open(os.path.join(headers, "mshv", "hv_synic.h")) as file:
		types = re.findall(r"(HVMSG_\w+)\s*=\s*(0x[0-9a-f]+)", file.read())
	for name, value in types:
		for size in (0, 8, 240):
			payload = bytes(i & 3 for i in range(240))
			header = int(value, 16).to_bytes(4, "little") + bytes([size]) + bytes(11)
			yield "%s-%d" % (name, size), header + payload


def streams():
	numbers = random.Random(1)
	for size in (16, 64, 256, 1024):
		for top in (8, 64, 256):
			yield "%d-%d" % (size, top), bytes(numbers.randrange(top) for _ in range(size))


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
	for name in STREAMS:
		write(os.path.join(top, name), streams())


if __name__ == "__main__":
	main()
