#!/usr/bin/env python3
"""fused_share.py LEAST PLUGIN PROGRAM... SHAPE: at least the share LEAST of the instructions of the
score and value kernels are fused multiply-adds of whole vectors."""
import sys

from check_counts import count

KERNELS = ("score_", "value_")


def main():
    least, plugin, command = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
    for shape, (every, kernels, fused) in count(command, plugin, KERNELS).items():
        print(f"{shape}: {every} instructions, {kernels} in score and value kernels, {fused} of "
              f"them fused: {fused / max(kernels, 1):.3f}, at least {least} is asked for")
        if fused < least * kernels or kernels < every / 2:
            sys.exit("fused_share: too few, or the kernels have other names")


if __name__ == "__main__":
    main()
