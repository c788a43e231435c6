#!/usr/bin/env python3
"""known_counts.py PLUGIN PROGRAM...: the plugin counts the code of known_counts.cpp as its names
say."""
import sys

from counting import count


def main():
    counts = count(sys.argv[2:], sys.argv[1], ["known_fused", "known_unfused"])
    marks = counts["nothing=0"][0]
    failed = False
    for name, (every, *of_functions) in counts.items():
        expected = [int(number) for number in name.partition("=")[2].split("/")]
        counted = [every - marks, *of_functions][:len(expected)]
        print(f"{name}: {counted} counted")
        failed |= counted != expected
    sys.exit(failed)


if __name__ == "__main__":
    main()
