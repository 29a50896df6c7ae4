#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Where the instructions of one exit go.

Usage: trace.py DIR

While "mshv-bench profile" runs, this makes QEMU tell of each instruction and of the
stack pointer before it (-d exec,cpu,nochain with one instruction per block), and
prints CSV:

    layer,symbol,instructions

for one round: the last of those of middle length. The file "marks" that the program leaves in DIR says what a round is.
"""
import bisect
import collections
import os
import re
import select
import socket
import sys
import threading
import time

# One instruction; or QEMU says that it takes the last one back.
BLOCK = re.compile(rb"Trace \d+: 0x[0-9a-f]+ \[[0-9a-f]+/([0-9a-f]+)/([0-9a-f]+)/.*?[RE]SP=([0-9a-f]+)"
                   rb"|(cpu_io_recompile: rewound|Stopped execution)", re.DOTALL)

# The bit of QEMU's flags that says "in a guest": HF_GUEST_SHIFT of its cpu.h.
IN_GUEST = 1 << 21
KERNEL = 1 << 63
STACK_SHIFT = 14	# of the kernel's stacks, which are aligned to their size

PATIENCE = 200	# seconds

# Where hypercalls and MSR accesses leave the kernel.
DOORS = {"hv_std_hypercall", "hv_get_non_nested_msr", "hv_set_non_nested_msr", "sim_redirect_entry"}


class Marks:
    """What a round is: from one address up to, but without, another. Lines of the file:
    round BEGIN END: addresses; without it, from each entry of the driver to the next
    after NAME: what is before the guest was left for this function is not part of it
    per N: a round is N of what is counted
    rounds N: so many will do"""
    def __init__(self, directory, symbols):
        self.per, self.enough, self.after = 1, 25, None
        self.begin = self.end = symbols.address("mshv_vp_ioctl")
        with open(os.path.join(directory, "marks")) as lines:
            for words in map(str.split, lines):
                if words[0] == "round":
                    self.begin, self.end = (int(x, 16) for x in words[1:])
                elif words[0] == "after":
                    self.after = symbols.address(words[1])
                elif words[0] == "per":
                    self.per = int(words[1])
                elif words[0] == "rounds":
                    self.enough = int(words[1])


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

    def address(self, name):
        for start, found, _ in self.found:
            if found == name:
                return start
        sys.exit(f"trace.py: the kernel has no {name}")

    def kernel(self, pc):
        i = bisect.bisect_right(self.starts, pc) - 1
        return self.found[i][1:] if i >= 0 else ("?", "?")

    def process(self, pc):
        for low, high, name in self.user:
            if low <= pc < high:
                return name
        return "?"


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
    if module == "mshv_sim":
        return "simulator", name
    return None, name


class Owners:
    """For whom the kernel does what it does.

    Each stack has a list of frames: whose function was entered, and with which stack
    pointer. Who is on top owns what the kernel's functions do until that function has
    returned, which is when the stack pointer is above. An interrupt is a frame, too."""
    NEVER = 1 << 64		# returns to user space, which ends all frames

    def __init__(self, symbols):
        self.symbols = symbols
        self.known = {}
        self.frames = collections.defaultdict(list)
        self.task = None	# by its stack
        self.vp_task = None
        self.idle = set()
        self.from_user = False

    def of(self, pc, guest, rsp):
        """(layer, symbol); the layer is a tuple where it is that of a task."""
        key = pc, guest
        if key not in self.known:
            self.known[key] = whose(self.symbols, pc, guest)
        layer, symbol = self.known[key]
        if guest:
            return layer, symbol
        if not pc & KERNEL:
            self.frames[self.task].clear()
            self.from_user = True
            return layer, symbol
        stack = rsp >> STACK_SHIFT if rsp & KERNEL else self.task
        if symbol == "__switch_to_asm" or self.task is None:
            self.task = stack
        frames = self.frames[stack]
        while frames and rsp & KERNEL and rsp > frames[-1][0]:
            frames.pop()
        if layer in ("driver", "simulator", "redirection"):
            if not frames or frames[-1][1] != layer:
                frames.append((rsp, layer))
            if symbol == "mshv_vp_ioctl":
                self.vp_task = self.task
        elif symbol.startswith(("asm_sysvec_", "asm_common_interrupt")):
            if self.from_user:
                self.frames[self.task].append((self.NEVER, "interrupts"))
            elif not frames or frames[-1][1] != "interrupts":
                frames.append((rsp, "interrupts"))
        elif symbol == "do_idle":
            self.idle.add(self.task)
        self.from_user = False
        return layer or self.owner(frames) or self.owner(self.frames[self.task]) or \
            ("task", self.task), symbol

    @staticmethod
    def owner(frames):
        for _, layer in reversed(frames):
            if layer == "redirection":
                return "simulator"
            if layer != "driver":
                return layer
        return None

    def layer(self, layer):
        if not isinstance(layer, tuple):
            return layer
        if layer[1] == self.vp_task:
            return "kernel"
        return "idle" if layer[1] in self.idle else "other threads"


def rounds_of(trace, marks):
    """Lists of (layer, symbol)."""
    current = None
    for pc, guest, owned in trace:
        if current is not None and pc == marks.end and not guest:
            if marks.after:
                current = since_interrupt(current, marks.after)
            if current:
                yield [owned for _, _, owned in current]
            current = None
        if pc == marks.begin and not guest:
            current = []
        if current is not None:
            current.append((pc, guest, owned))


def since_interrupt(instructions, pc):
    """From where the guest was left for this function on; nothing if it wasn't."""
    for i, instruction in enumerate(instructions):
        if instruction[0] == pc:
            while i and not instructions[i - 1][1]:
                i -= 1
            return instructions[i:]
    return []


def instructions(pipe, owners):
    """What comes through the pipe: each with whose it is, when it is known to be executed."""
    text, last = b"", None
    while select.select([pipe], [], [], PATIENCE)[0]:
        text += os.read(pipe, 1 << 20)
        done = 0
        for m in BLOCK.finditer(text):
            done = m.end()
            if m[4]:
                last = None
                continue
            if last:
                yield last[0], last[1], owners.of(*last)
            last = int(m[1], 16), bool(int(m[2], 16) & IN_GUEST), int(m[3], 16)
        text = text[done:]
    sys.exit("trace.py: QEMU tells nothing any more")


class Monitor:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)

    def command(self, *words):
        for word in words:
            self.socket.sendall(word.encode() + b"\n")
            # one after the other: the monitor drops what comes meanwhile
            time.sleep(0.1)


def wait_for(path):
    for _ in range(PATIENCE * 50):
        if os.path.exists(path):
            return
        time.sleep(0.02)
    sys.exit(f"trace.py: waited in vain for {path}")


def drain(pipe):
    while os.read(pipe, 1 << 20):
        pass


def main():
    if len(sys.argv) != 2:
        sys.exit("Usage: trace.py DIR")
    directory = sys.argv[1]
    wait_for(os.path.join(directory, "ready"))
    symbols = Symbols(directory)
    marks, owners = Marks(directory, symbols), Owners(symbols)
    log = os.path.join(directory, "trace")
    os.mkfifo(log)
    pipe = os.open(log, os.O_RDWR)	# so that QEMU finds a reader when it opens it
    monitor = Monitor(os.path.join(directory, "monitor"))
    monitor.command("stop", "logfile " + log, "singlestep on", "log exec,cpu,nochain", "cont")
    rounds = []
    for found in rounds_of(instructions(pipe, owners), marks):
        rounds.append(found)
        if len(rounds) == marks.enough:
            break
    # QEMU may wait for room in the pipe
    threading.Thread(target=drain, args=(pipe,), daemon=True).start()
    monitor.command("stop", "log none", "singlestep off", "cont")
    with open(os.path.join(directory, "done"), "w"):
        pass
    report(rounds, owners, marks)


def report(rounds, owners, marks):
    length = sorted(map(len, rounds))[len(rounds) // 2]
    alike = [r for r in rounds if len(r) == length]
    # the first rounds know too little of the stacks
    total = collections.Counter((owners.layer(layer), symbol) for layer, symbol in alike[-1])
    print("layer,symbol,instructions")
    for (layer, symbol), n in sorted(total.items(), key=lambda x: (-x[1], x[0])):
        print(f"{layer},{symbol},{n / marks.per:.2f}")
    print(f"trace.py: {len(alike)} of {len(rounds)} rounds have {length} instructions", file=sys.stderr)


main()
