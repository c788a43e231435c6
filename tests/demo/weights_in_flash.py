#!/usr/bin/env python3
"""weights_in_flash.py NM IMAGE ARCHIVE EXPECTED: the weights lie in the board's flash, and nowhere
else.

EXPECTED holds the text of the demonstration, with the bytes of memory and weights. The image's
weights must be in flash to the last byte; its memory, which the start-up fills or clears, must be
too small for another copy; and the demonstration, ARCHIVE, must not use the heap.
"""
import pathlib
import re
import subprocess
import sys

# The command line, the C library's variables and buffers, the stack of faults.
OTHER_MEMORY = 32 * 1024


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(nm, image):
    """(name, address) -> (bytes, kind); bytes is 0 where the image says nothing."""
    found = {}
    for line in output_of(nm, "-C", "-S", image).splitlines():
        match = re.match(r"([0-9a-f]+) (?:([0-9a-f]+) )?(\w) (.*)", line)
        if match:
            address, size, kind, name = match.groups()
            found.setdefault((name, int(address, 16)), (int(size or "0", 16), kind))
    return found


def bytes_in(text, what):
    return int(re.search(rf"^  {what} +(\d+) bytes", text, re.M).group(1))


def main():
    nm, image, archive, expected = sys.argv[1:]
    text = pathlib.Path(expected).read_text(encoding="utf-8")
    memory, weights = bytes_in(text, "memory"), bytes_in(text, "weights")
    found = symbols(nm, image)

    def address_of(name):
        return next(address for (symbol, address) in found if symbol == name)

    flash = range(address_of("board_code_begin"), address_of("board_code_end"))
    # The generated arrays' names end with an underscore, and no others' do.
    in_flash = sum(size for (name, address), (size, kind) in found.items()
                   if re.fullmatch(r"headroom::demo::\(anonymous namespace\)::\w+_", name)
                   and kind in "rR" and address in flash and address + size <= flash.stop)
    copied = address_of("board_data_end") - address_of("board_data_begin")
    cleared = address_of("board_bss_end") - address_of("board_bss_begin")
    print(f"flash {flash.start:#x} to {flash.stop:#x}: {in_flash} bytes of weights, "
          f"{weights} expected")
    print(f"memory: {copied} bytes copied at start, {cleared} cleared; the model's is {memory}")
    failed = []
    if in_flash != weights:
        failed.append("not all weights are in flash")
    if copied + cleared > memory + OTHER_MEMORY:
        failed.append("there is memory that is not the model's")
    needed = output_of(nm, "-u", archive)
    if re.search(r"\b(malloc|calloc|realloc|_Zn[wa]\w*|_sbrk)\b", needed):
        failed.append("the demonstration uses the heap")
    for reason in failed:
        print(f"weights_in_flash: {reason}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
