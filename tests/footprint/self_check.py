#!/usr/bin/env python3
"""self_check.py: the footprint check fails on each fault of faults.cpp, for the reason expected,
and passes without one. Runs in an empty folder, with the compilers that are there."""
import contextlib
import io
import pathlib
import shutil
import subprocess
import sys

import budget
import calls
import footprint

HERE = pathlib.Path(__file__).resolve().parent
COMPILERS = {"x86": ("", []),
             "cortex-m7": ("arm-none-eabi-", ["-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=hard"]),
             "cortex-m3": ("arm-none-eabi-", ["-mcpu=cortex-m3", "-mthumb"]),
             "aarch64": ("aarch64-linux-gnu-", []), "armv7-a": ("arm-linux-gnueabihf-", [])}
KNOWN = {"known": {"reaches": ["plain_step", "other_step"]}}
FAULTS = {"NONE": None,
          "RECURSION": "recursion: work -> work",
          "ALLOCA": "work has a frame whose size is not known",
          "UNKNOWN_POINTER": "run_steps calls through `unknown`",
          "LARGER_ARRAY": "stack of work",
          "STATIC_DATA": "bytes of static data",
          "MORE_CODE": "flash",
          "DEEPER_TARGET": "other_step"}
MAIN = 'extern "C" int entry_work(int);\nint main() { return entry_work(3); }\n'


def build(prefix, flags, fault, folder):
    """The faulty library and a program that calls it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "main.cpp").write_text(MAIN, encoding="utf-8")
    common = [f"{prefix}g++", "-std=c++20", "-Os", "-ffunction-sections", "-fdata-sections",
              "-fno-exceptions", "-fcallgraph-info=su", "-fno-stack-protector", *flags]
    for command in ([*common, "-c", f"-DFAULT={fault}", HERE / "faults.cpp", "-o", "faults.o"],
                    [f"{prefix}gcc-ar", "rcs", "libheadroom.a", "faults.o"],
                    [*common, "main.cpp", "-L.", "-lheadroom", "-nostartfiles", "-static-libgcc",
                     "-Wl,--entry=main", "-Wl,--gc-sections", "-Wl,-Map=program.map", "-o",
                     "program"]):
        subprocess.run(command, cwd=folder, check=True)


def problems_of(target, prefix, folder, file, write):
    tools = {"nm": f"{prefix}nm", "objdump": f"{prefix}objdump", "processor": target}
    notes = calls.compiler_notes(folder)
    m = footprint.measure(tools, folder / "program", notes, KNOWN)
    if write:
        with contextlib.redirect_stdout(io.StringIO()):
            budget.write(file, "this", {"program": m})
    found = budget.compare(file, "this", {"program": m})
    if m["variables"]:
        found.append(f"{m['variables']} bytes of static data")
    return m["problems"] + found


def check(target, prefix, flags):
    failed = False
    folder, file = pathlib.Path(target).resolve(), pathlib.Path(f"{target}.json").resolve()
    file.unlink(missing_ok=True)
    for fault, expected in FAULTS.items():
        build(prefix, flags, fault, folder)
        found = problems_of(target, prefix, folder, file, fault == "NONE")
        right = any(expected in p for p in found) if expected else not found
        state = ("noticed" if expected else "passes") if right else "WRONG"
        print(f"{target}, {fault}: {state}" + "".join(f"\n    {p}" for p in found))
        failed |= not right
    return failed


def main():
    there = {t: c for t, c in COMPILERS.items() if shutil.which(f"{c[0]}g++")}
    wrong = [target for target, how in there.items() if check(target, *how)]
    print(f"checked with: {', '.join(there)}; wrong: {', '.join(wrong) or 'none'}")
    sys.exit(1 if wrong or not there else 0)


if __name__ == "__main__":
    main()
