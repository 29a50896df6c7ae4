#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Where the instructions of one exit go.

Reads what QEMU wrote down (-d exec,nochain with one instruction per block), and
the symbols and maps that "mshv-bench profile" left, and prints CSV:

    layer,symbol,instructions

for one round of the loop. A round is what lies between two calls of the driver's
ioctl; all rounds that are of the commonest length are counted,
the others (a timer interrupt was in them) are not.
"""
import bisect
import collections
import os
import re
import socket
import sys
import time

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


def whose(symbols, pc, guest):
    """(layer, symbol), with None for the layer where it depends on the caller."""
    if guest:
        return "guest", "guest"
    if not pc & KERNEL:
        name = symbols.process(pc)
        if name.startswith("libmshv"):
            return "library", name
        return ("VMM" if name.startswith("mshv-bench") else "C library"), name
    name, module = symbols.kernel(pc)
    if name == "sim_svm_enter":
        return "world switch", name
    if module == "mshv_root":
        return "driver", name
    if name in DOORS:
        return "redirection", name
    if module == "mshv_sim" and name != "sim_redirect_entry":
        return "simulator", name
    return None, name


# Where hypercalls and MSR accesses leave the kernel.
DOORS = {"hv_std_hypercall", "hv_get_non_nested_msr", "hv_set_non_nested_msr"}


def split(symbols, rounds):
    """What the kernel does counts for whom it does it: between a door and the
    simulator it is redirection, from there until the driver goes on the simulator's."""
    total = collections.Counter()
    cache = {}
    for pcs in rounds:
        caller = "kernel"
        for key in pcs:
            if key not in cache:
                cache[key] = whose(symbols, *key)
            layer, symbol = cache[key]
            if layer in ("redirection", "simulator"):
                caller = layer
            elif layer not in (None, "world switch", "guest"):
                caller = "kernel"
            total[layer or caller, symbol] += 1
    return total


def rounds_of(trace, symbols):
    """Cut at the driver's entry, which a round of these loops has once."""
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


# Some tens of exits under each scheduler, at about 70 bytes per instruction.
ENOUGH = 60_000_000


def record(directory):
    """Let QEMU write down what it executes, for a while."""
    def path(name):
        return os.path.join(directory, name)

    def wait(ready, seconds):
        for _ in range(seconds * 50):
            if ready():
                return
            time.sleep(0.02)
        sys.exit("trace.py: waited in vain")

    def command(*words):
        for word in words:
            monitor.sendall(word.encode() + b"\n")
            # one after the other: the monitor drops what comes meanwhile
            time.sleep(0.1)

    wait(lambda: os.path.exists(path("ready")), 200)
    monitor = socket.socket(socket.AF_UNIX)
    monitor.connect(path("monitor"))
    command("stop", "logfile " + path("trace"), "singlestep on", "log exec,nochain", "cont")
    wait(lambda: os.path.exists(path("trace")) and os.path.getsize(path("trace")) > ENOUGH, 100)
    command("stop", "log none", "singlestep off", "cont")
    with open(path("done"), "w"):
        pass


def report(directory):
    symbols = Symbols(directory)
    rounds = rounds_of(read_trace(os.path.join(directory, "trace")), symbols)
    if not rounds:
        sys.exit("trace.py: not one whole round in the trace")
    length, _ = collections.Counter(len(r) for r in rounds).most_common(1)[0]
    alike = [r for r in rounds if len(r) == length]
    print("layer,symbol,instructions")
    for (layer, symbol), n in sorted(split(symbols, alike).items(), key=lambda x: (-x[1], x[0])):
        print(f"{layer},{symbol},{n / len(alike):.1f}")
    print(f"trace.py: {len(alike)} of {len(rounds)} rounds have {length} instructions", file=sys.stderr)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("record", "split"):
        sys.exit("Usage: trace.py record|split DIR")
    {"record": record, "split": report}[sys.argv[1]](sys.argv[2])


main()
