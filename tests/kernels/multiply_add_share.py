#!/usr/bin/env python3
"""multiply_add_share.py --plugin PLUGIN PROGRAM...

Runs a program that attends, under QEMU with count_functions.cpp, and tells how many of the
instructions that it executes in the score and value kernels are FMLA of four lanes: at least MARK
of them must be. PROGRAM begins with its emulator. Exit code 1 below the mark.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

MARK = 0.6
# add_products: the inner loops of them all, with what calls cost them.
KERNEL = re.compile(r"headroom\d+(?:detail|isa)\S*?\d+(add_products|score_\w+?|value_\w+?)I")


def count(command, plugin):
    """Function -> (instructions, FMLA). A library's functions have no names here."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        # Relative, since QEMU takes a comma for the end of a path.
        here = os.path.relpath(folder)
        link = os.path.join(here, "plugin.so")
        os.symlink(os.path.abspath(plugin), link)
        out = os.path.join(here, "counts")
        environment = dict(os.environ, QEMU_PLUGIN=f"./{link},out={out}")
        if subprocess.run(command, env=environment, check=False).returncode != 0:
            sys.exit("multiply_add_share: the program failed")
        lines = pathlib.Path(out).read_text(encoding="utf-8").splitlines()
    rows = (line.split(" ", 2) for line in lines)
    return {name: (int(instructions), int(fmla)) for instructions, fmla, name in rows}


def row(name, instructions, fmla):
    print(f"{name:<24}{instructions:>12}{fmla:>12}{fmla / instructions:>8.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plugin", required=True)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    counts = count(options.command, options.plugin)
    kernels, rest = {}, [0, 0]
    for name, numbers in counts.items():
        found = KERNEL.search(name)
        of = kernels.setdefault(found[1], [0, 0]) if found else rest
        if found or "headroom" in name:
            of[0] += numbers[0]
            of[1] += numbers[1]
    total = [sum(numbers[i] for numbers in kernels.values()) for i in (0, 1)]
    if total[0] == 0 or not rest[0]:
        sys.exit("multiply_add_share: no kernel was executed, or its name is another")

    print(f"{'':<24}{'instructions':>12}{'FMLA':>12}{'share':>8}")
    for name, numbers in sorted(kernels.items(), key=lambda item: -item[1][0]):
        row(name, *numbers)
    row("scores and values", *total)
    row("the rest of attend()", *rest)
    share = total[1] / total[0]
    if share < MARK:
        print(f"FAILED {share:.3f} of the instructions of the kernels are FMLA, mark {MARK}")
        sys.exit(1)


if __name__ == "__main__":
    main()
