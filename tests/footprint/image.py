"""A linked program: what it holds and where that came from."""
import re
import subprocess
from dataclasses import dataclass, field


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@dataclass
class Function:
    address: int
    size: int
    name: str                              # demangled and shortened
    symbols: set = field(default_factory=set)  # as the linker calls it; several for aliases


def short_name(name):
    """void headroom::detail::f<headroom::isa::(anonymous namespace)::Lanes>(int) -> f<Lanes>"""
    name = re.sub(r" ?\[clone [^\]]*\]", "", name).replace("(anonymous namespace)::", "")
    name = re.sub(r"headroom::(detail::|isa::)?", "", name)
    depth = 0
    for at, letter in enumerate(name):  # the first parenthesis outside <...> begins the arguments
        depth += (letter == "<") - (letter == ">")
        if letter == "(" and depth == 0 and at > 0:
            name = name[:at]
            break
    name = re.sub(r"^(?:bool|void|int|float|auto|\w+ const&|\w+) (?=\w)", "", name)
    return re.sub(r"<[^<>]{40,}>", "<...>", name)


def functions(nm, image):
    """By address."""
    order = ("-S", "-p", "--defined-only")
    raw = output_of(nm, *order, image).splitlines()
    plain = output_of(nm, *order, "-C", image).splitlines()
    found = {}
    for line, readable in zip(raw, plain):
        match = re.match(r"([0-9a-f]+) ([0-9a-f]+) [tTwW] (\S+)$", line)
        if not match:
            continue
        address, size = int(match[1], 16), int(match[2], 16)
        name = short_name(readable.split(" ", 3)[3])
        f = found.setdefault(address, Function(address, size, name))
        f.size = max(f.size, size)
        f.symbols.add(match[3])
    # Code by hand may have no size.
    for line in raw:
        match = re.match(r"([0-9a-f]+) [tTwW] (\S+)$", line)
        if match and not match[2].startswith("$"):
            f = found.setdefault(int(match[1], 16), Function(int(match[1], 16), 0, match[2]))
            f.symbols.add(match[2])
    return found


def variables(nm, image):
    """Name and size of what lies in writable memory."""
    lines = output_of(nm, "-S", "--defined-only", image).splitlines()
    found = [re.match(r"[0-9a-f]+ ([0-9a-f]+) [bBdD] (\S+)$", line) for line in lines]
    return {m[2]: int(m[1], 16) for m in found if m}


@dataclass
class Instruction:
    address: int
    name: str
    operands: str


def instructions(objdump, image):
    """In the order of addresses, data between the code left out; and what a shared C library will
    bring, by address."""
    found, imported = [], {}
    for line in output_of(objdump, "-d", "--no-show-raw-insn", image).splitlines():
        match = re.match(r" *([0-9a-f]+):\t([^\t]+)\t?(.*)$", line)
        if match and not match[2].startswith("."):
            operands = re.sub(r"(?:^|\s+)(?:@|//|;).*$", "", match[3]).strip()
            name, _, rest = match[2].strip().partition(" ")
            found.append(Instruction(int(match[1], 16), name, (rest + " " + operands).strip()))
        # The stub itself, or the A32 code four bytes into it, which T32 code calls.
        match = re.search(r"\b([0-9a-f]+) <(.+)@plt(?:\+0x4)?>:?$", line)
        if match:
            imported[int(match[1], 16)] = match[2]
    return found, imported


# Section of an input file: kind. Others (debugging, the dynamic linker's tables) are not counted.
KINDS = ((r"\.text", "code"), (r"\.rodata|\.data\.rel\.ro", "constants"),
         (r"\.ARM\.ex|\.eh_frame", "unwinding"), (r"\.(init|fini)_array|\.[cd]tors", "start"),
         (r"\.t?data|\.t?bss|COMMON", "variables"))


def origin(path):
    archive = re.search(r"lib([^/]+)\.a\(", path)
    if not archive:
        return "program"
    known = {"headroom": "library", "gcc": "compiler"}
    return known.get(archive[1], "C library")


def contributions(map_file):
    """(origin, kind, input section, bytes) of everything that was linked."""
    with open(map_file, encoding="utf-8") as file:
        text = file.read().split("Linker script and memory map", 1)[1]
    # The name of a section of the image stands at the margin, what it is made of is indented.
    line = re.compile(r"^( ?)(\.\S+|COMMON|\*fill\*)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)(?: (\S.*))?$",
                      re.M)
    kind_around = None
    for indent, section, size, path in line.findall(text):
        kind = next((k for pattern, k in KINDS if re.match(pattern, section)), None)
        if not indent:
            kind_around = kind
        elif section == "*fill*" and kind_around not in (None, "variables"):
            yield "linker", "padding", section, int(size, 16)
        elif kind and int(size, 16) > 0:
            yield origin(path), kind, section, int(size, 16)
