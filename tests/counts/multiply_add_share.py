#!/usr/bin/env python3
"""multiply_add_share.py PLUGIN PROGRAM... SHAPE

Tells how many of the instructions that the score and value kernels execute for a shape are fused
multiply-adds of four floats: at least MARK of them must be. PROGRAM begins with its emulator.
"""
import sys

from counting import count

MARK = 0.6
# add_products: the inner loops of them all, with what calls cost them.
KERNELS = ("add_products", "score_", "value_")


def row(name, instructions, fused):
    print(f"{name:<24}{instructions:>12}{fused:>12}{fused / max(instructions, 1):>8.3f}")


def main():
    plugin, *program = sys.argv[1:]
    every, *numbers = count(program, plugin, KERNELS)[program[-1]]
    kernels = dict(zip(KERNELS, zip(numbers[::2], numbers[1::2])))
    instructions, fused = (sum(of[i] for of in kernels.values()) for i in (0, 1))

    print(f"{'':<24}{'instructions':>12}{'FMLA':>12}{'share':>8}")
    for name, of in kernels.items():
        row(name, *of)
    row("together", instructions, fused)
    print(f"{'the whole call':<24}{every:>12}")

    wrong = [f"no function {name}* was executed" for name, of in kernels.items() if of[0] == 0]
    if fused < MARK * instructions:
        wrong.append(f"{fused} of {instructions} instructions are FMLA, the mark is {MARK}")
    for line in wrong:
        print(f"FAILED {line}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
