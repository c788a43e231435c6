#!/usr/bin/env python3
"""inner_loops.py --objdump OBJDUMP --mca LLVM_MCA ARCHIVE

Looks at the loops that attention spends its time in, in the archive as it is shipped for AArch64:
those of the score and value kernels of the port arm_neon.

    spills   an inner loop that multiplies and adds must not touch the stack
    cycles   for each FMLA of four lanes, in the loop with most of them (the widest tile), as
             llvm-mca predicts for some cores: it must stay below a mark

Prints a table; exit code 1 if a loop fails.
"""
import argparse
import re
import subprocess
import sys

PORT_TABLE = "arm_neon_kernels"  # what only this port's object defines
KERNELS = {"rows: scores, few queries' values": r"12add_productsILb1ELi(?!1E)",
           "panels: values, cached keys' scores": r"12add_productsILb0ELi(?!1E)"}
MARKS = {"cortex-a72": 1.05, "cortex-a53": 1.6, "cortex-a55": None}
ITERATIONS = 200

INSTRUCTION = re.compile(r"\s*([0-9a-f]+):\t(.*)")
JUMP = re.compile(r"(?:b|b\.\w+|cbn?z|tbn?z)\s+(?:[^<]*,\s*)?([0-9a-f]+) <")
FMLA = re.compile(r"fmla\s+v\d+\.4s")


class Function:
    """One function of the disassembly: its name and its instructions, (address, text)."""

    def __init__(self, name, lines):
        self.name = name
        found = (INSTRUCTION.match(line) for line in lines)
        self.instructions = [(int(m[1], 16), m[2].split("//")[0].strip()) for m in found if m]
        self.frame = any(re.match(r"(mov|add)\s+x29, sp", text) for _, text in self.instructions)

    def inner_loops(self):
        """Lists of instructions between a jump back and its target, without another jump back."""
        back = []
        for address, text in self.instructions:
            jump = JUMP.match(text)
            if jump and int(jump[1], 16) <= address:
                back.append((int(jump[1], 16), address))
        for start, end in back:
            if not any(start <= s and e <= end and (s, e) != (start, end) for s, e in back):
                yield [text for address, text in self.instructions if start <= address <= end]

    def touches_stack(self, text):
        return "[sp" in text or (self.frame and "[x29" in text)


def port_object(archive, objdump):
    """The functions of the archive's member that holds the port."""
    dump = subprocess.run([objdump, "-t", "-d", "--no-show-raw-insn", archive], check=True,
                          capture_output=True, text=True).stdout
    members = [m for m in re.split(r"\n(?=\S+:\s+file format)", dump)
               if re.search(rf"\.rodata.*{PORT_TABLE}|\.data\.rel\.ro.*{PORT_TABLE}", m)]
    if len(members) != 1:
        sys.exit(f"inner_loops: {len(members)} members of {archive} define {PORT_TABLE}, not one")
    for part in members[0].split("\n\n"):
        head = re.match(r"[0-9a-f]+ <(.*)>:\n", part.lstrip("\n"))
        if head:
            yield Function(head[1], part.split("\n"))


def cycles(loop, mca, core):
    """Of one turn of the loop, in the long run. Where a jump goes means nothing to llvm-mca."""
    text = "\n".join(re.sub(r"[0-9a-f]+ <.*>", ".", line) for line in loop) + "\n"
    command = [mca, "-mtriple=aarch64", f"-mcpu={core}", f"-iterations={ITERATIONS}"]
    said = subprocess.run(command, input=text, check=True, capture_output=True, text=True).stdout
    total = re.search(r"Total Cycles:\s+(\d+)", said)
    if not total:
        sys.exit(f"inner_loops: {mca} said nothing of cycles:\n{said}")
    return int(total[1]) / ITERATIONS


def check(kernel, functions, mca):
    """Prints the kernel's widest loops; returns what is wrong."""
    loops = [(function, loop) for function in functions for loop in function.inner_loops()
             if any(FMLA.match(text) for text in loop)]
    if not loops:
        return [f"{kernel}: no loop with FMLA"]
    wrong = []
    most = max(sum(bool(FMLA.match(text)) for text in loop) for _, loop in loops)
    for function, loop in loops:
        spills = sum(function.touches_stack(text) for text in loop)
        count = sum(bool(FMLA.match(text)) for text in loop)
        if spills:
            wrong.append(f"{kernel}: {spills} spills in a loop of {count} FMLA, {function.name}")
        if count != most:
            continue
        costs = {core: cycles(loop, mca, core) / count for core in MARKS}
        print(f"{kernel:<36}{count:>5}{len(loop):>6}{count / len(loop):>7.2f}{spills:>7}"
              + "".join(f"{cost:>12.3f}" for cost in costs.values()))
        wrong += [f"{kernel}: {costs[core]:.3f} cycles for each FMLA on {core}, mark {mark}"
                  for core, mark in MARKS.items() if mark and costs[core] > mark]
    print(f"{'':<36}{len(loops)} inner loops in {len(functions)} functions")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--mca", required=True)
    parser.add_argument("archive")
    options = parser.parse_args()

    functions = list(port_object(options.archive, options.objdump))
    print(f"{'widest loops':<36}{'FMLA':>5}{'of':>6}{'share':>7}{'spills':>7}"
          + "".join(f"{core:>12}" for core in MARKS))
    print(f"{'mark':<36}{'':>18}{0:>7}" + "".join(f"{mark or '-':>12}" for mark in MARKS.values()))
    wrong = []
    for kernel, pattern in KERNELS.items():
        those = [function for function in functions if re.search(pattern, function.name)]
        wrong += check(kernel, those, options.mca)
    for line in wrong:
        print(f"FAILED {line}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
