#!/usr/bin/env python3
"""footprint.py [--build FOLDER] [--update] [--functions] TARGET...: bytes of flash, RAM and stack.

Builds the programs of this folder for each target as firmware would (-Os, one port), measures what
was linked, and compares with budgets/TARGET.json. Ends with 1 if a budget is exceeded or if
something cannot be measured, with 77 if a compiler is missing that HEADROOM_REQUIRE_TOOLCHAINS does
not name.

  --update      writes the budgets anew, from what is measured now, unless something is wrong
  --functions   prints every function, not only the largest
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

import budget
import calls
import image
import machine
import walk

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent
PROGRAMS = ("attention", "layer", "everything")
# Target: its port and a compiler of it. All but x86 have a file in toolchains/.
TARGETS = {"cortex-m3": ("scalar", "arm-none-eabi-g++"),
           "cortex-m4f": ("scalar", "arm-none-eabi-g++"),
           "cortex-m7": ("scalar", "arm-none-eabi-g++"),
           "cortex-m33": ("scalar", "arm-none-eabi-g++"),
           "cortex-m55": ("arm_mve", "arm-none-eabi-g++"),
           "cortex-m85": ("arm_mve", "arm-none-eabi-g++"),
           "aarch64-linux-gnu": ("arm_neon", "aarch64-linux-gnu-g++"),
           "armv7-linux-gnueabihf": ("arm_neon32", "arm-linux-gnueabihf-g++"),
           "x86": ("scalar", "g++")}
SKIPPED = 77


def build(target, folder):
    """The three programs, and the tools for them."""
    port, _ = TARGETS[target]
    where = [] if target == "x86" else ["--toolchain", str(TREE / f"toolchains/{target}.cmake")]
    compiler = {"CXX": "g++"} if target == "x86" else {}
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "build.log"
    with open(log, "w", encoding="utf-8") as out:
        for command in (["cmake", "-S", HERE, "-B", folder, "-G", "Ninja", *where,
                         "-DCMAKE_BUILD_TYPE=MinSizeRel", f"-DHEADROOM_PORTS={port}"],
                        ["cmake", "--build", folder]):
            if subprocess.run(command, stdout=out, stderr=out, check=False,
                              env={**os.environ, **compiler}).returncode:
                out.flush()
                sys.exit(f"{target}: the build failed\n{log.read_text(encoding='utf-8')}")
    lines = (folder / "tools.txt").read_text(encoding="utf-8").splitlines()
    tools = dict(line.split("=", 1) for line in lines)
    if (tools["port"], tools["build"]) != (port, "MinSizeRel"):
        sys.exit(f"{target}: {folder} is another build: {tools}; remove it")
    return tools


def measure_stack(tools, program, functions, notes, known):
    """{entry point: (bytes, way)}, what is wrong, and how many frames were compared."""
    code, imported = image.instructions(tools["objdump"], program)
    follow = walk.Walk(machine.family(tools["processor"]), code, functions, imported)
    graph = calls.Calls(functions, imported, follow, notes, known)
    entries = {f.name.removeprefix("entry_"): graph.deepest(a)
               for a, f in sorted(functions.items()) if f.name.startswith("entry_")}
    problems = list(dict.fromkeys(graph.problems))
    # What was not followed to its end has not met all that is listed.
    if program.name == "everything" and not problems:
        problems = list(graph.unused())
    return entries, problems, graph.compared


def measure(tools, program, notes, known):
    """All figures of one program."""
    functions = image.functions(tools["nm"], program)
    entries, problems, compared = measure_stack(tools, program, functions, notes, known)
    parts, library_variables = {}, 0
    for origin, kind, section, size in image.contributions(f"{program}.map"):
        if kind == "variables":
            library_variables += size if origin in ("library", "compiler") else 0
        elif section != ".text.startup.main":
            where = "calls" if origin == "program" else origin
            parts[where, kind] = parts.get((where, kind), 0) + size
    by_name = {}
    for f in functions.values():
        if f.name != "main" and f.size:
            by_name[f.name] = by_name.get(f.name, 0) + f.size
    arenas = {name.removeprefix("arena_"): size
              for name, size in image.variables(tools["nm"], program).items()
              if name.startswith("arena_")}
    return {"flash": sum(parts.values()), "parts": parts, "functions": by_name,
            "variables": library_variables, "arenas": arenas, "compared": compared,
            "problems": problems, "stack": {n: s for n, (s, _) in entries.items()},
            "ways": {n: w for n, (_, w) in entries.items()}}


def show(target, program, m, everything):
    """The report on one program."""
    print(f"\n{target}, {program}: flash {m['flash']:,} bytes, stack {max(m['stack'].values()):,}, "
          f"static data {m['variables']:,}")
    for (origin, kind), size in sorted(m["parts"].items(), key=lambda part: -part[1]):
        print(f"  {size:9,}  {origin}: {kind}")
    print("  by function:")
    ordered = sorted(m["functions"].items(), key=lambda f: (-f[1], f[0]))
    for name, size in ordered if everything else ordered[:12]:
        print(f"  {size:9,}  {name}")
    if not everything and len(ordered) > 12:
        print(f"  {sum(s for _, s in ordered[12:]):9,}  {len(ordered) - 12} others (--functions)")
    print("  arenas: " + ", ".join(f"{n} {s:,}" for n, s in sorted(m["arenas"].items())))
    print(f"  stack, by entry point ({m['compared']} frames agree with the compiler's):")
    for name, size in sorted(m["stack"].items(), key=lambda e: -e[1]):
        print(f"  {size:9,}  {name}")
    deepest = max(m["stack"], key=m["stack"].get)
    print(f"  the deepest, {deepest}: " + " > ".join(f"{n} {b}" for n, b in m["ways"][deepest]))


def undefined_symbols(tools, folder):
    """What the archive needs of others: the rule of the release archive, for this target."""
    script = TREE / "tests/checks/archive_symbols.sh"
    command = ["sh", script, tools["nm"], tools["objdump"], "headroom/src/libheadroom.a"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    print(done.stdout.strip() + done.stderr)
    return [] if done.returncode == 0 else ["the archive breaks the rules above"]


def check(target, options):
    """Problems with one target."""
    folder = pathlib.Path(options.build).resolve() / target
    tools = build(target, folder)
    if not tools["compiler"].startswith("GNU"):
        return [f"{target}: needs GCC, whose notes it reads; this is {tools['compiler']}"]
    print(f"\n== {target}: {tools['compiler']}, -Os, port {TARGETS[target][0]}")
    problems = undefined_symbols(tools, folder)
    notes = calls.compiler_notes(folder)
    known = json.loads((HERE / "indirect_calls.json").read_text(encoding="utf-8"))
    figures = {}
    for program in PROGRAMS:
        m = figures[program] = measure(tools, folder / program, notes, known)
        show(target, program, m, options.functions)
        problems += [f"{program}: {p}" for p in m["problems"]]
        if m["variables"]:
            problems.append(f"{program}: {m['variables']} bytes of static data, must be 0")
    file = HERE / "budgets" / f"{target}.json"
    if options.update and not problems:
        budget.write(file, tools["compiler"], figures)
    if not problems:  # else the figures are not to be trusted
        problems = budget.compare(file, tools["compiler"], figures)
    return [f"{target}, {p}" for p in problems]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("targets", nargs="+", choices=(*TARGETS, "all"), metavar="TARGET",
                        help="all, " + ", ".join(TARGETS))
    parser.add_argument("--build", default="build/footprint", help="folder to build in")
    parser.add_argument("--update", action="store_true", help="write the budgets anew")
    parser.add_argument("--functions", action="store_true", help="print every function")
    options = parser.parse_args()
    required = os.environ.get("HEADROOM_REQUIRE_TOOLCHAINS", "").split(",")
    problems, skipped = [], []
    for target in TARGETS if "all" in options.targets else options.targets:
        if shutil.which(TARGETS[target][1]):
            problems += check(target, options)
        elif target in required or "all" in required:
            problems.append(f"{target}: no {TARGETS[target][1]}")
        else:
            skipped.append(target)
            print(f"{target}: skipped, there is no {TARGETS[target][1]}")
    for problem in problems:
        print(f"FAILED: {problem}")
    sys.exit(1 if problems else SKIPPED if skipped else 0)


if __name__ == "__main__":
    main()
