"""run.py TOOL: `headroom layer` against PyTorch, for a file of each convention.

Each case within 1e-5 of the largest value; the same bytes on every port that this processor has,
and with the tokens in one call, one by one, or in threes. `--list` and `pack` must know each layer.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

from cases import make

TOLERANCE = 1e-5  # of the largest value


def call(tool, *arguments):
    """What the tool printed. Warnings are failures: nothing here deserves one."""
    result = subprocess.run([tool, *arguments], capture_output=True, text=True)
    if result.returncode != 0 or result.stderr:
        raise SystemExit(f"FAILED: {' '.join(arguments)}: exit code {result.returncode}: "
                         f"{result.stderr}")
    return result.stdout


def check_case(tool, ports, folder, case):
    failures = []
    outputs = {}
    for label, more in [(f"on {port}", ["--port", port]) for port in ports] + [
            ("one by one", ["--chunk", "1"]), ("in threes", ["--chunk", "3"])]:
        path = folder / "y.npy"
        printed = call(tool, "layer", *case["arguments"], *more, "--out", str(path))
        if f"read as {case['convention']}:" not in printed:
            failures.append(f"not read as {case['convention']}: {printed}")
        outputs[label] = path.read_bytes()
        path.unlink()
    first = f"on {ports[0]}"
    for label, output in outputs.items():
        if output != outputs[first]:
            failures.append(f"other bits {label} than {first}")

    (folder / "y.npy").write_bytes(outputs[first])
    got, want = numpy.load(folder / "y.npy"), numpy.load(case["want"])
    if got.shape != want.shape or got.dtype != numpy.float32:
        return [f"{got.dtype} {got.shape}, wanted {want.shape}"]
    error = numpy.abs(got - want).max() / numpy.abs(want).max()
    if not error <= TOLERANCE:
        failures.append("differs from PyTorch")
    print(f"{case['name']:12} {error:8.1e} of the largest value  {case['prefix']}")
    return failures


def check_pack(tool, folder, case):
    """The layer must be listed, and packed with what the blob cannot hold said."""
    weights = ["--weights", case["arguments"][1]]
    line = [line for line in call(tool, "layer", *weights, "--list").splitlines()
            if line.startswith(f'"{case["prefix"]}"')]
    if len(line) != 1 or f"  {case['convention']}  " not in line[0]:
        return [f"--list says {line}"]
    blob = folder / "layer.hrw"
    heads = [argument for option in ("--heads", "--head-dim") if option in case["arguments"]
             for argument in (option, case["arguments"][case["arguments"].index(option) + 1])]
    printed = call(tool, "pack", *weights, "--prefix", case["prefix"], *heads, "--out", str(blob))
    if case["note"] is not None and case["note"] not in printed:
        return [f"pack does not say {case['note']}: {printed}"]
    return []


def main():
    tool = sys.argv[1]
    ports = [port["name"] for port in json.loads(call(tool, "info", "--json"))["ports"]
             if port["supported"]]
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cases = make(folder)
        for case in cases:
            failures = check_case(tool, ports, folder, case) + check_pack(tool, folder, case)
            for failure in failures:
                print(f"FAILED: {case['name']} {' '.join(case['arguments'][2:])}: {failure}")
            failed += bool(failures)
    print(f"{len(cases) - failed} of {len(cases)} cases as PyTorch, on {', '.join(ports)}")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
