#!/usr/bin/env python3
"""known_counts.py PLUGIN PROGRAM...: the plugin counts the code of known_counts.cpp as its names
say."""
import sys

from check_counts import count


def main():
    counts = count(sys.argv[2:], sys.argv[1])
    marks = counts["nothing=0"][0]
    failed = False
    for name, (number, _, _) in counts.items():
        expected = int(name.partition("=")[2])
        print(f"{name}: {number - marks} counted")
        failed |= number - marks != expected
    sys.exit(failed)


if __name__ == "__main__":
    main()
