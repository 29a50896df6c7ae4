#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes docs/performance.md and the input of gnuplot from what scripts/bench found.

Usage: report.py RESULTS_DIR NAME=VALUE...   (the facts about machine and versions)

RESULTS_DIR has results.csv (counted), results-again.csv (in another boot), times.csv
(the same by the clock, may be missing), and profile-*.csv. Writes performance.md and *.dat there.
"""
import collections
import csv
import os
import sys

VMMS = ["libmshv", "raw", "qemu", "qemu-10.2", "cloud-hypervisor"]
JOBS = [
    ("out", "OUT to a port"),
    ("in", "IN from a port"),
    ("mmio", "read of an unmapped address"),
    ("hlt", "HLT without LAPIC"),
    ("touch", "first touch, per 4K page"),
    ("wake", "HLT ended by irqfd, round trip of two threads"),
    ("kick", "signal to EINTR, in user space again"),
]
LAYERS = [
    ("VMM", "the VMM"), ("library", "libmshv"), ("C library", "C library"),
    ("kernel", "kernel, in the VP's thread: system calls, copies, locks, scheduling"),
    ("driver", "driver: mshv_root"),
    ("redirection", "hypercall redirection: ftrace"), ("simulator", "simulator: mshv_sim"),
    ("world switch", "world switch: mshv_sim's svm_entry.S"), ("guest", "guest"),
    ("other threads", "kernel, in other threads"), ("interrupts", "kernel, in interrupts"),
    ("idle", "kernel, idle"),
]
PROFILES = [
    ("out", "OUT"), ("mmio", "unmapped read"), ("touch", "first touch, per page"),
    ("wake", "HLT ended by irqfd"), ("kick", "signal to EINTR"),
]
SCALE = [
    ("page-registers-get", "call"), ("page-registers-set", "call"),
    ("other-registers-get", "call"), ("other-registers-set", "call"),
    ("first-touch", "page"), ("map-unmap", "page"), ("unmap-touched", "page"),
    ("dirty-log", "page"), ("partition-create", "object"), ("partition-destroy", "object"),
    ("vp-create", "object"), ("vp-destroy", "object"),
]
SCALE_UNIT = dict(SCALE)


def read_results(path):
    found = {}
    if os.path.exists(path):
        with open(path) as f:
            for tag, job, name, _, value in csv.reader(f):
                found[tag, job, name] = float(value)
    return found


def count(value):
    return "not available" if value is None else f"{value:,.0f}"


def ratio(value, base):
    return "-" if not value or not base else f"{value / base:.2f}"


def best(results, sched, job):
    """libmshv's, or raw where the job has no other path."""
    return results.get((sched, job, "libmshv"), results.get((sched, job, "raw")))


def jobs_table(results, times):
    yield "| exit | root | core_smt | KVM | root / KVM | core_smt / KVM | by the clock: root / KVM |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for job, words in JOBS:
        kvm = results.get(("kvm", job, "kvm"))
        root, core = (best(results, s, job) for s in ("root", "core_smt"))
        clock = ratio(best(times, "root", job), times.get(("kvm", job, "kvm")))
        yield (f"| {words} | {count(root)} | {count(core)} | {count(kvm)} | {ratio(root, kvm)} "
               f"| {ratio(core, kvm)} | {clock} |")
    floor = results.get(("none", "vmrun", "floor"))
    yield f"| bare VMRUN loop, OUT | {count(floor)} | | | {ratio(floor, results.get(('kvm', 'out', 'kvm')))} | | |"


def vmm_table(results):
    yield "| VMM | " + " | ".join(f"{j}, {s}" for s in ("root", "core_smt") for j in ("out", "in", "mmio")) + " |"
    yield "|---|" + "--:|" * 6
    for vmm in VMMS:
        cells = [count(results.get((s, j, vmm))) for s in ("root", "core_smt") for j in ("out", "in", "mmio")]
        yield f"| {vmm} | " + " | ".join(cells) + " |"


def read_profile(path):
    layers, symbols = collections.Counter(), []
    if os.path.exists(path):
        with open(path) as f:
            for row in csv.DictReader(f):
                n = float(row["instructions"])
                layers[row["layer"]] += n
                symbols.append((n, row["layer"], row["symbol"]))
    return layers, symbols


def read_profiles(results_dir):
    found = {}
    for sched in ("root", "core_smt"):
        for job, _ in PROFILES:
            profile = read_profile(os.path.join(results_dir, f"profile-{job}-libmshv-{sched}.csv"))
            if profile[0]:
                found[sched, job] = profile
    return found


def share(value):
    """Per page some are less than one."""
    return "" if not value else f"{value:.2f}" if value < 1 else count(value)


def layer_table(profiles, sched):
    columns = [(words, profiles[sched, job][0]) for job, words in PROFILES if (sched, job) in profiles]
    yield f"| layer, {sched} | " + " | ".join(words for words, _ in columns) + " |"
    yield "|---|" + "--:|" * len(columns)
    for layer, words in LAYERS:
        if any(layers[layer] for _, layers in columns):
            yield f"| {words} | " + " | ".join(share(layers[layer]) for _, layers in columns) + " |"
    yield "| **all** | " + " | ".join(f"**{count(sum(layers.values()))}**" for _, layers in columns) + " |"


def kind(tag, job, path):
    """What figures of two boots are compared under."""
    if job in ("run", "out", "in", "mmio", "hlt", "vmrun"):
        if path in ("qemu", "qemu-10.2"):
            return "exits, finished with registers by hypercall"
        return "exits of KVM" if tag == "kvm" else "other exits"
    if job in ("kick", "wake"):
        return "signals and wake-ups"
    if job == "touch" or SCALE_UNIT.get(job) == "page":
        return "pages"
    return "calls with registers" if SCALE_UNIT[job] == "call" else "partitions and VPs"


def repeat_table(first, second):
    kinds = collections.defaultdict(list)
    for key in first:
        if key in second:
            kinds[kind(*key)].append((abs(second[key] - first[key]), first[key], key))
    yield "| what | figures | the same in both boots | largest difference | where |"
    yield "|---|--:|--:|--:|---|"
    for name, found in kinds.items():
        same = sum(not difference for difference, _, _ in found)
        difference, value, key = max(found, key=lambda x: x[0] / x[1])
        where = f"{difference:,.1f} of {value:,.1f} | {' '.join(key)}" if difference else "none |"
        yield f"| {name} | {len(found)} | {same} | {where} |"


def symbol_table(symbols, least=10):
    yield "| instructions | layer | symbol |"
    yield "|--:|---|---|"
    for n, layer, symbol in sorted(symbols, key=lambda s: (-s[0], s[2])):
        if n >= least:
            yield f"| {n:,.0f} | {layer} | {symbol} |"


def targets(results, profile, results_dir):
    run = results[("root", "run", "libmshv")] - results[("root", "run", "raw")]
    out = results[("root", "out", "libmshv")]
    layers = profile[0]
    yield "| target | asked for | reached | |"
    yield "|---|--:|--:|---|"

    def row(words, limit, value):
        return f"| {words} | {limit:,} | {value:,.0f} | {'met' if round(value) <= limit else '**missed**'} |"
    yield row("mshv_vp_run() more than the bare ioctl", 15, run)
    yield row("I/O exit round trip, root scheduler", 1050, out)
    plain = read_results(os.path.join(results_dir, "no-erms.csv")).get(("root", "out", "libmshv"))
    if plain:
        yield f"| ... on a processor without fast `rep movsb` | | {plain:,.0f} | |"
    if layers:
        given = sum(layers[x] for x in ("kernel", "driver", "C library", "VMM", "guest"))
        yield f"| ... of which the kernel, the driver, the C library, the VMM and the guest | | {given:,.0f} | not ours |"
        yield f"| ... of which ours | | {sum(layers.values()) - given:,.0f} | |"
    worst = steepest(results)
    if worst:
        yield (f"| cost per page or object, with 100 times as many | flat: x {FLAT} | "
               f"x {worst[0]:.2f} ({worst[1]}) | {'met' if worst[0] <= FLAT else '**missed**'} |")
    yield "| system calls of an emulated PIO or MMIO exit besides the run | 0 | 0 | met: `lib/tests/test-fast-path` |"
    yield "| hypercalls to read 256, to write 127 registers | 1 | 1 | met: `lib/tests/test-fast-path` |"
    yield "| heap allocations on these paths | 0 | 0 | met: `lib/tests/test-fast-path` |"


def steepest(results):
    """Of pages and objects: the largest number's cost against the smallest's."""
    data = collections.defaultdict(dict)
    for (tag, job, n), value in results.items():
        if tag == "root" and SCALE_UNIT.get(job) in ("page", "object"):
            data[job][int(n)] = value
    return max((v[max(v)] / v[min(v)], job) for job, v in data.items()) if data else None


# More than that is not flat.
FLAT = 1.25


def scale_table(results, results_dir):
    data = collections.defaultdict(list)
    for (tag, job, n), value in results.items():
        if tag == "root" and job in SCALE_UNIT:
            data[job].append((int(n), value))
    yield "| what | per | smallest | largest | cost at the smallest | at the largest | ratio |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for job, unit in SCALE:
        points = sorted(data[job])
        if not points:
            continue
        with open(os.path.join(results_dir, job + ".dat"), "w") as f:
            f.writelines(f"{n} {value}\n" for n, value in points)
        (n0, v0), (n1, v1) = points[0], points[-1]
        yield (f"| {job} | {unit} | {n0:,} | {n1:,} | {v0:,.0f} | {v1:,.0f} | "
               f"{v1 / v0:.2f} |")


def main():
    directory = sys.argv[1]
    facts = dict(word.split("=", 1) for word in sys.argv[2:])
    results = read_results(os.path.join(directory, "results.csv"))
    times = read_results(os.path.join(directory, "times.csv"))
    again = read_results(os.path.join(directory, "results-again.csv"))
    profiles = read_profiles(directory)
    main_profile = profiles.get(("root", "out"), (collections.Counter(), []))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "performance.in")) as f:
        text = f.read()
    parts = {
        "FACTS": "\n".join(f"| {k} | {v} |" for k, v in facts.items()),
        "TARGETS": "\n".join(targets(results, main_profile, directory)),
        "JOBS": "\n".join(jobs_table(results, times)),
        "VMMS": "\n".join(vmm_table(results)),
        "LAYERS": "\n\n".join("\n".join(layer_table(profiles, sched)) for sched in ("root", "core_smt"))
        if profiles else "not measured",
        "REPEAT": "\n".join(repeat_table(results, again)),
        "SYMBOLS": "\n".join(symbol_table(main_profile[1])),
        "SCALE": "\n".join(scale_table(results, directory)),
    }
    for name, value in parts.items():
        text = text.replace(f"@{name}@", value)
    with open(os.path.join(directory, "performance.md"), "w") as f:
        f.write(text)


main()
