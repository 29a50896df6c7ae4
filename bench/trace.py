#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Where the instructions of one exit go.

Reads what QEMU wrote down (-d exec,nochain with one instruction per block), and
the symbols and maps that "mshv-bench profile" left, and prints CSV:

    layer,symbol,instructions

for one round of the loop. A round is what lies between two executions of the
loop's system call; all rounds that are of the commonest length are counted,
the others (a timer interrupt was in them) are not.
"""
import bisect
import collections
import os
import re
import sys

BLOCK = re.compile(rb"^Trace \d+: 0x[0-9a-f]+ \[([0-9a-f]+)/([0-9a-f]+)/([0-9a-f]+)")

# The bit of QEMU's flags that says "in a guest": HF_GUEST_SHIFT of its cpu.h.
IN_GUEST = 1 << 21


class Symbols:
    def __init__(self, directory):
        found = []
        with open(os.path.join(directory, "symbols")) as lines:
            for line in lines:
                words = line.split()
                if words[1] in "tTwW":
                    module = words[3].strip("[]") if len(words) > 3 else "vmlinux"
                    found.append((int(words[0], 16), words[2], module))
        found.sort(key=lambda s: s[0])
        self.starts = [s[0] for s in found]
        self.found = found
        self.user = []
        with open(os.path.join(directory, "maps")) as lines:
            for line in lines:
                words = line.split()
                low, high = (int(x, 16) for x in words[0].split("-"))
                if len(words) > 5:
                    self.user.append((low, high, os.path.basename(words[5])))

    def kernel(self, pc):
        i = bisect.bisect_right(self.starts, pc) - 1
        return self.found[i][1:] if i >= 0 else ("?", "?")

    def process(self, pc):
        for low, high, name in self.user:
            if low <= pc < high:
                return name
        return "?"


def read_trace(path):
    with open(path, "rb") as lines:
        for line in lines:
            m = BLOCK.match(line)
            if m:
                yield int(m[2], 16), bool(int(m[3], 16) & IN_GUEST)


KERNEL = 1 << 63


class Layers:
    """A state machine over program counters: who called what is not seen, but
    the hypercall's doors are known by name."""

    def __init__(self, symbols):
        self.symbols = symbols
        self.below = False      # in the simulator or what it calls
        self.stack = None

    def of(self, pc, guest):
        if guest:
            return "guest", "guest"
        if not pc & KERNEL:
            name = self.symbols.process(pc)
            if name.startswith("libmshv"):
                return "library", name
            if name.startswith("mshv-bench"):
                return "VMM", name
            return "C library", name
        symbol, module = self.symbols.kernel(pc)
        return None, (symbol, module)


def split(symbols, rounds):
    total = collections.Counter()
    layers = Layers(symbols)
    cache = {}
    for pcs in rounds:
        below = redirect = False
        for pc, guest in pcs:
            key = (pc, guest)
            if key not in cache:
                cache[key] = layers.of(pc, guest)
            layer, symbol = cache[key]
            if layer is None:
                name, module = symbol
                if name == "hv_std_hypercall" or name.startswith(("hv_get_non_nested_msr", "hv_set_non_nested_msr")):
                    redirect = True
                    below = False
                elif module == "mshv_sim" and redirect and name != "sim_redirect_entry":
                    redirect = False
                    below = True
                elif module == "mshv_root":
                    below = redirect = False
                if redirect:
                    layer = "redirection"
                elif name == "sim_svm_enter":
                    layer = "world switch"
                elif below or module == "mshv_sim":
                    layer = "simulator"
                elif module == "mshv_root":
                    layer = "driver"
                else:
                    layer = "kernel"
                symbol = name
            elif layer != "guest":
                below = redirect = False
            total[layer, symbol] += 1
    return total


def rounds_of(trace, symbols):
    """Cut at the entry of the system call that runs the VP."""
    cut = None
    for start, name, module in symbols.found:
        if name == "mshv_vp_ioctl" and module == "mshv_root":
            cut = start
    if cut is None:
        sys.exit("trace.py: mshv_root is not among the symbols")
    rounds, current = [], None
    for pc, guest in trace:
        if pc == cut and not guest:
            if current is not None:
                rounds.append(current)
            current = []
        if current is not None:
            current.append((pc, guest))
    return rounds


def main():
    if len(sys.argv) != 4:
        sys.exit("Usage: trace.py DIR TRACE CALLS_PER_ROUND")
    symbols = Symbols(sys.argv[1])
    parts = rounds_of(read_trace(sys.argv[2]), symbols)
    calls = int(sys.argv[3])
    rounds = [sum(parts[i:i + calls], []) for i in range(0, len(parts) - calls + 1, calls)]
    if not rounds:
        sys.exit("trace.py: not one whole round in the trace")
    length, _ = collections.Counter(len(r) for r in rounds).most_common(1)[0]
    alike = [r for r in rounds if len(r) == length]
    print("layer,symbol,instructions")
    for (layer, symbol), n in sorted(split(symbols, alike).items(), key=lambda x: -x[1]):
        print(f"{layer},{symbol},{n / len(alike):.1f}")
    print(f"trace.py: {len(alike)} of {len(rounds)} rounds have {length} instructions", file=sys.stderr)


main()
