#!/usr/bin/env python3
"""check_counts.py --plugin FILE --table FILE --compiler NAME --renew COMMAND [--update] -- PROGRAM

Counts the instructions of each shape that the program prints, under QEMU with count_plugin.cpp, and
compares them with the table: a rise of more than 2 % fails, and so does a shape that came or went.
A fall is told, since the table then lets a rise pass. Exit code 77: the table is of another
compiler, or QEMU speaks another version of the interface. With --update the table is written
instead. PROGRAM begins with its emulator.
"""
import argparse
import pathlib
import sys

from counting import SKIPPED, count

MOST = 1.02
HEADER = "# Instructions of one call; see bench/README.md. Compiler: "


def read(table):
    """The compiler, and shape -> instructions."""
    lines = table.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0].startswith(HEADER):
        sys.exit(f"check_counts: {table} is no table of counts")
    rows = (line.split() for line in lines[1:] if line)
    return lines[0].removeprefix(HEADER), {shape: int(number) for shape, number in rows}


def write(table, compiler, counts):
    rows = [f"{shape:<16} {number:>12}" for shape, number in counts.items()]
    table.write_text("\n".join([HEADER + compiler, *rows]) + "\n", encoding="utf-8")
    print(f"{table} is written")


def compare(old, new):
    """Prints each shape; returns what is wrong, and the shapes that fell."""
    wrong = [f"{shape}: in the table, but not counted" for shape in old if shape not in new]
    fallen = []
    print(f"{'shape':<16} {'table':>12} {'now':>12} {'change':>9}")
    for shape, number in new.items():
        if shape not in old:
            wrong.append(f"{shape}: {number} instructions, not in the table")
            continue
        change = 100.0 * (number - old[shape]) / old[shape]
        print(f"{shape:<16} {old[shape]:>12} {number:>12} {change:>+7.2f} %")
        if number > MOST * old[shape]:
            wrong.append(f"{shape}: {number} instructions, {old[shape]} in the table: "
                         f"{change:+.2f} %")
        if number < old[shape]:
            fallen.append(shape)
    return wrong, fallen


def main():
    parser = argparse.ArgumentParser()
    for option in ("--plugin", "--table", "--compiler", "--renew"):
        parser.add_argument(option, required=True)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    table = pathlib.Path(options.table)

    if not options.update:
        compiler, old = read(table)
        if compiler != options.compiler:
            print(f"SKIPPED: the table is of {compiler}, this build of {options.compiler}")
            sys.exit(SKIPPED)
    new = {shape: every for shape, (every,) in count(options.command, options.plugin).items()}
    if options.update:
        write(table, options.compiler, new)
        return
    wrong, fallen = compare(old, new)
    if fallen:
        print(f"fallen, so that a rise could pass: {', '.join(fallen)}")
    for line in wrong:
        print(f"FAILED {line}")
    if wrong or fallen:
        print(f"to renew the table: {options.renew}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
