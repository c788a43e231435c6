"""What an instruction does to the stack pointer and to the flow of control, as objdump prints it.

Each processor family is a class with `entry`, the bytes that a call itself puts on the stack, and
`read(instruction, before, saved, depth)`, which gives a Step; `before` are the ones before
it, `saved` what earlier ones left for later ones. Depths count bytes from the stack pointer before
the call downwards.
"""
import re
from dataclasses import dataclass, field


class Unknown(Exception):
    """An instruction that moves the stack pointer by nobody knows how much."""


@dataclass
class Step:
    move: int = 0             # bytes pushed; negative: popped
    below: int = 0            # bytes used below the stack pointer
    # ("direct" or "indirect", address or None, is it a tail call?)
    calls: list = field(default_factory=list)
    jumps: list = field(default_factory=list)  # addresses where it may go on
    next: bool = True         # may the next instruction follow?
    table: bool = False       # a jump to an address that was computed
    returns: bool = False
    block: str = ""           # Thumb: the letters of IT: "TTE" for the next three instructions


def number(text):
    value = int(text, 0)
    return value - (1 << 64) if value >= 1 << 63 else value


def target(operands):
    """The address in "r0, 8a34 <name+0x10>"; None if it is in a register."""
    match = re.search(r"(?:^|[\s,])([0-9a-f]+) <[^>]+>$", operands)
    return int(match[1], 16) if match else None


def register_bytes(listed):
    """Of "{r4, r5, lr}", "{d8-d15}" or "{s16, s17}"."""
    total = 0
    for part in re.search(r"\{(.*)\}", listed)[1].split(","):
        ends = [e.strip() for e in part.split("-")]
        count = 1 if len(ends) == 1 else int(ends[1][1:]) - int(ends[0][1:]) + 1
        total += count * (8 if ends[0][0] == "d" else 4)
    return total


def computed(step, writers):
    """A jump to a register that `writers` wrote: of a switch if last by an addition."""
    step.next = False
    if writers and writers[-1].name == "add":
        step.table = True
    else:
        step.calls = [("indirect", None, True)]


class Thumb:
    """ARMv7 and ARMv8-M: also what calls a C library that holds A32 code."""
    entry = 0
    conditions = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"

    def stack_move(self, name, operands):
        base = re.sub(rf"(?:{self.conditions})?(?:\.[nw])?$", "", name)
        through_sp = operands.startswith("sp!")
        if base in ("push", "vpush") or base in ("stmdb", "vstmdb") and through_sp:
            return register_bytes(operands)
        if base in ("pop", "vpop") or base in ("ldmia", "vldmia") and through_sp:
            return -register_bytes(operands)
        match = re.match(r"sp, (?:sp, )?#(\d+)$", operands)
        if match and base in ("sub", "subw"):
            return int(match[1])
        if match and base in ("add", "addw"):
            return -int(match[1])
        match = re.search(r"\[sp, #(-?\d+)\]!$|\[sp\], #(-?\d+)$", operands)
        if match:
            return -int(match[1] or match[2])
        reads = base.startswith(("str", "vstr", "cmp", "cmn", "tst")) or \
            re.match(r"v?(stm|ldm)", base) and operands.startswith("sp,")
        if re.match(r"sp\b", operands) and not reads or re.search(r"\[sp.*\]!|\[sp\],", operands):
            raise Unknown(f"{name} {operands}")
        return 0

    def read(self, here, before, _saved, _depth):
        name, operands = here.name, here.operands
        if name.startswith("it") and re.fullmatch(r"it[te]*", name):
            return Step(block="T" + name[2:].upper())
        step = Step(move=self.stack_move(name, operands))
        where = target(operands)
        if re.fullmatch(rf"b(?:{self.conditions})?(?:\.[nw])?|cbn?z|le|letp|wls(tp\.\d+)?", name):
            step.jumps, step.next = [where], not re.fullmatch(r"b(\.[nw])?", name)
        elif re.match(r"blx?\b", name):
            step.calls = [("direct" if where is not None else "indirect", where, False)]
        elif re.fullmatch(rf"bx(?:{self.conditions})?", name):
            step.next = False
            if operands == "lr":
                step.returns = True
            else:
                step.calls = [("indirect", None, True)]
        elif re.match(r"(pop|ldmia).*", name) and re.search(r"\bpc\b", operands) \
                or re.match(r"ldr.* pc, \[sp\], #", f"{name} {operands}"):
            step.returns, step.next = True, False
        elif re.match(r"tb[bh]\b", name) or operands.startswith("pc,"):
            step.table, step.next = True, False
        elif name.startswith("udf"):
            step.next = False
        return step


class AArch64:
    entry = 0

    def stack_move(self, name, operands):
        match = re.search(r"\[sp, #(-?\d+)\]!$|\[sp\], #(-?\d+)$", operands)
        if match:
            return -int(match[1] or match[2])
        match = re.match(r"sp, sp, #(0x[0-9a-f]+)(, lsl #12)?$", operands)
        if match and name in ("sub", "add"):
            amount = int(match[1], 16) << (12 if match[2] else 0)
            return amount if name == "sub" else -amount
        writes = re.match(r"sp\b", operands) and name != "cmp"
        if writes or re.search(r"\[sp.*\]!|\[sp\],", operands):
            raise Unknown(f"{name} {operands}")
        return 0

    def read(self, here, before, _saved, _depth):
        name, operands = here.name, here.operands
        step = Step(move=self.stack_move(name, operands))
        where = target(operands)
        if name in ("cbz", "cbnz", "tbz", "tbnz") or name.startswith("b."):
            step.jumps = [where]
        elif name == "b":
            step.jumps, step.next = [where], False
        elif name in ("bl", "blr"):
            step.calls = [("direct" if name == "bl" else "indirect", where, False)]
        elif name == "br":
            computed(step, [b for b in before if b.operands.startswith(f"{operands},")])
        elif name == "ret":
            step.returns, step.next = True, False
        elif name in ("brk", "udf"):
            step.next = False
        return step


class X86:
    """Also follows the two registers by which a function with aligned variables finds back."""
    entry = 8

    def stack_move(self, name, operands, saved, depth):
        if name.startswith(("push", "pop")):
            return 8 if name.startswith("push") else -8
        match = re.match(r"\$(0x[0-9a-f]+),%rsp$", operands)
        if match and name in ("sub", "add"):
            return number(match[1]) * (1 if name == "sub" else -1)
        if match and name == "and":
            return -number(match[1]) - 8  # at most: the stack is aligned to 8 already
        match = re.match(r"(-?0x[0-9a-f]+)?\(%rsp\),(%r\w+)$", operands)
        if match and name == "lea":
            saved[match[2]] = depth - int(match[1] or "0", 16)
            return saved[match[2]] - depth if match[2] == "%rsp" else 0
        if (name, operands) == ("mov", "%rsp,%rbp"):
            saved["%rbp"] = depth
        match = re.match(r"(-?0x[0-9a-f]+)?\((%r\w+)\),%rsp$", operands)
        if match and name == "lea" and match[2] in saved:
            return saved[match[2]] - int(match[1] or "0", 16) - depth
        if (name, operands) == ("leave", "") and "%rbp" in saved:
            return saved["%rbp"] - 8 - depth
        if operands.endswith(",%rsp") and name not in ("cmp", "test") or name == "leave":
            raise Unknown(f"{name} {operands}")
        return 0

    def read(self, here, before, saved, depth):
        name, operands = here.name, here.operands
        prefix = re.compile(r"^(notrack|bnd|rep[zn]*|lock) ")
        name, operands = prefix.sub("", f"{name} {operands}").split(" ", 1)
        operands = operands.split("#")[0].strip()
        step = Step(move=self.stack_move(name, operands, saved, depth))
        # What calls nothing may use bytes below the stack pointer.
        red_zone = re.search(r"-0x([0-9a-f]+)\(%rsp[,)]", operands)
        if red_zone and name != "lea":
            step.below = int(red_zone[1], 16)
        where = target(operands)
        if name.startswith("call"):
            step.calls = [("indirect" if where is None else "direct", where, False)]
        elif name == "jmp" and where is None:
            computed(step, [b for b in before if b.operands.endswith(f",{operands.lstrip('*')}")])
        elif name.startswith("j"):
            step.jumps, step.next = [where], name != "jmp"
        elif name.startswith("ret"):
            step.returns, step.next = True, False
        elif name in ("ud2", "hlt"):
            step.next = False
        return step


def family(processor):
    if re.match(r"cortex-m|arm", processor):
        return Thumb()
    return AArch64() if processor in ("aarch64", "arm64") else X86()
