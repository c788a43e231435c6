#!/usr/bin/env python3
"""Whether the list of headroom_bits is the same everywhere: on every target, compiler, level of
optimisation and processor of legs.py. Each leg is the library and this one program, built in a
folder outside the source, and run; its list is compared with golden.txt.

    python3 tests/bits/matrix.py                      the whole matrix
    python3 tests/bits/matrix.py --other-levels       one build of each family of kernels, at a level
                                                      that no preset has: what goes with every change
    python3 tests/bits/matrix.py --only 'm7.*clang'   builds whose name matches
    python3 tests/bits/matrix.py --show               names them

A leg whose compiler or emulator is missing, or whose port this processor cannot run, is skipped,
which is a failure with --require-all. Exit codes: 0, 1 a list differs or a leg failed, 2 wrong usage.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # the source is left as it is
from legs import all_builds  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
GOLDEN = SOURCE / "tests/bits/golden.txt"
COLUMNS = "{:10} {:5} {:5} {:17} {:10} {:10} {:12} {:>5}  {}"


def listed(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def first_difference(golden, got):
    """In words, or nothing."""
    if got == golden:
        return ""
    wrong = [want for want, have in zip(golden, got) if want != have]
    if not wrong:
        return f"{len(got)} lines instead of {len(golden)}"
    return f"{len(wrong)} lines differ, first: {wrong[0]}"


def configure(build, folder, jobs):
    """Configures and builds; what went wrong, or nothing."""
    alone = build.ports != "" or build.board != ""
    small = build.level == "s" and not alone
    command = ["cmake", "-G", "Ninja", "-S", SOURCE, "-B", folder, "-DHEADROOM_BUILD_TOOLS=OFF",
               "-DCMAKE_BUILD_TYPE=" + ("MinSizeRel" if small else "Release"),
               "-DHEADROOM_PORTS=" + build.ports, "-DHEADROOM_BOARD=" + build.board,
               "-DCMAKE_EXE_LINKER_FLAGS=" + build.link_flags]
    if not small:
        command += [f"-DCMAKE_CXX_FLAGS_RELEASE=-O{build.level} -DNDEBUG {build.flags}"]
    if build.toolchain:
        command += ["--toolchain", SOURCE / build.toolchain]
    else:
        names = {"gcc": ("gcc", "g++"), "clang": ("clang", "clang++")}[build.compiler]
        command += ["-DCMAKE_C_COMPILER=" + names[0], "-DCMAKE_CXX_COMPILER=" + names[1]]
    for step in [command, ["cmake", "--build", folder, "--target", "headroom_bits", "-j", jobs]]:
        done = subprocess.run([str(word) for word in step], capture_output=True, text=True)
        if done.returncode != 0:
            (folder / "log.txt").write_text(done.stdout + done.stderr)
            lines = (done.stdout + done.stderr).splitlines()
            # CMake's last line, "Configuring incomplete, errors occurred!", says nothing.
            errors = [line for line in lines if "rror" in line and "incomplete" not in line]
            errors = errors or lines[-1:]
            return f"does not build: {errors[0][:120]}"
    return ""


def run(run_of, program, folder, golden):
    """(verdict, in words): identical, DIFFERS, skipped or FAILED."""
    if run_of.emulator:
        names = [word for word in run_of.emulator if word.startswith("qemu-")]
        if not names:
            names = ["qemu-system-arm"]
        if shutil.which(names[0]) is None:
            return "skipped", f"no {names[0]}"
    command = [*run_of.emulator, str(program), "--port", run_of.port]
    done = subprocess.run(command, capture_output=True, text=True, cwd=SOURCE)
    log = folder / f"{run_of.port}-{run_of.cpu}.txt"
    log.write_text(done.stdout + done.stderr)
    if f"# {run_of.port} needs" in done.stdout:
        return "skipped", "this processor cannot run it"
    difference = first_difference(golden, listed(done.stdout))
    if done.returncode != 0 and not listed(done.stdout):
        said = (done.stdout + done.stderr).strip().splitlines()
        return "FAILED", f"code {done.returncode}: {said[-1] if said else 'no output'}"
    if difference:
        return "DIFFERS", difference
    if done.returncode != 0:
        return "FAILED", f"the list is identical, but the code is {done.returncode}"
    return "identical", ""


def legs_of(build, work, jobs, golden):
    """Yields (run, seconds, verdict, in words) for each leg of a build."""
    missing = [name for name in build.programs() if shutil.which(name) is None]
    if missing:
        for leg in build.runs:
            yield leg, 0, "skipped", f"no {missing[0]}"
        return
    folder = work / build.name
    folder.mkdir(parents=True, exist_ok=True)
    wrong = configure(build, folder, jobs)
    for leg in build.runs:
        start = time.monotonic()
        verdict, words = ("FAILED", wrong) if wrong else run(
            leg, folder / "tests/bits/headroom_bits", folder, golden)
        yield leg, time.monotonic() - start, verdict, words


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--other-levels", action="store_true", help="the few that go with each change")
    parser.add_argument("--only", metavar="REGEX", default="", help="builds whose name matches")
    parser.add_argument("--require-all", action="store_true", help="a skipped leg is a failure")
    parser.add_argument("--show", action="store_true", help="name the builds, and do nothing")
    parser.add_argument("--work", type=pathlib.Path, help="folder for the builds, kept; default: a "
                                                          "temporary one")
    parser.add_argument("--jobs", default=str(os.cpu_count() or 1), help="of the compiler")
    return parser.parse_args()


def main():
    arguments = parse()
    builds = [b for b in all_builds() if (b.other_level or not arguments.other_levels)
              and re.search(arguments.only, b.name)]
    if arguments.show:
        print("\n".join(build.name for build in builds))
        return 0
    if not builds:
        print("matrix: no build has such a name", file=sys.stderr)
        return 2
    golden = listed(GOLDEN.read_text())
    counts = {"identical": 0, "skipped": 0, "DIFFERS": 0, "FAILED": 0}
    print(COLUMNS.format("target", "with", "level", "library", "port", "processor", "emulator", "s",
                         "list"), flush=True)
    with tempfile.TemporaryDirectory(prefix="headroom-bits-") as temporary:
        work = (arguments.work or pathlib.Path(temporary)).resolve()
        for build in builds:
            for leg, seconds, verdict, words in legs_of(build, work, arguments.jobs, golden):
                counts[verdict] += 1
                emulator = next((w for w in leg.emulator if "qemu" in w or "mps" in w), "-")
                print(COLUMNS.format(build.target, build.compiler, "-O" + build.level,
                                     build.note or "-", leg.port, leg.cpu, emulator,
                                     f"{seconds:.0f}", f"{verdict} {words}".strip()), flush=True)
            if arguments.work is None:
                shutil.rmtree(work / build.name, ignore_errors=True)
    print(f"matrix: {len(builds)} builds, {sum(counts.values())} legs:",
          ", ".join(f"{n} {verdict}" for verdict, n in counts.items()))
    bad = counts["DIFFERS"] + counts["FAILED"] + (counts["skipped"] if arguments.require_all else 0)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
