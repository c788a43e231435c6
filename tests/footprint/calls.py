"""Who calls whom in an image, and how deep the stack gets below an entry point.

Direct calls and frames come from the disassembly of what was linked. The compiler's own notes
(-fcallgraph-info=su) say what the disassembly cannot: the name of the pointer of an indirect call.
They also check it: each frame must be at least what the compiler says, and hardly more.
"""
import pathlib
import re
from dataclasses import dataclass, field

# What the disassembly may find beyond the compiler's number: the arguments that a callee on ARM
# stores beside those on the stack; on x86 what aligning the stack costs at most, and the 128 bytes
# below the stack pointer that a function may use if it calls nothing.
BEYOND_COMPILER = 128


@dataclass
class Notes:
    """Of one function; several of the same name, in different files, are taken together."""
    frames: set = field(default_factory=set)
    dynamic: bool = False
    pointers: dict = field(default_factory=dict)  # name: where it is called


def pointer_at(location):
    """The name that is called at "file:line:column", a column inside or right behind it."""
    path, line, column = location.rsplit(":", 2)
    text = pathlib.Path(path).read_text(encoding="utf-8").split("\n")[int(line) - 1]
    at = int(column) - 1
    for match in re.finditer(r"\w+", text):
        if match.start() <= at <= match.end() and text[match.end():].lstrip().startswith("("):
            return match[0]
    return text.strip()


def compiler_notes(build):
    """By symbol, from all files that the compiler left in a build."""
    notes = {}
    for path in sorted(pathlib.Path(build).rglob("*.ci")):
        text = path.read_text(encoding="utf-8")
        node = r'node: \{ title: "([^"]*)" label: "[^"]*\\n(\d+) bytes \((\w[^)]*)\)"'
        for title, frame, kind in re.findall(node, text):
            note = notes.setdefault(title.rsplit(":", 1)[-1], Notes())
            note.frames.add(int(frame))
            # "dynamic,bounded" is also an argument that is pushed: the disassembly knows better.
            note.dynamic |= kind == "dynamic"
        edge = r'edge: \{ sourcename: "([^"]*)" targetname: "__indirect_call" label: "([^"]*)"'
        for source, location in re.findall(edge, text):
            note = notes.setdefault(source.rsplit(":", 1)[-1], Notes())
            note.pointers[pointer_at(location)] = location
    return notes


class Calls:
    def __init__(self, functions, imported, walk, notes, known):
        self.functions, self.imported, self.notes, self.known = functions, imported, notes, known
        self.frames = {address: walk.frame(f) for address, f in functions.items()}
        self.entry = walk.machine.entry
        self.problems, self.used, self.memory = [], set(), {}
        self.compared = 0

    def notes_of(self, function):
        found = [self.notes[s] for s in sorted(function.symbols) if s in self.notes]
        return found[0] if found else None

    def check(self, address):
        """What is wrong with one function, by itself."""
        function, frame = self.functions[address], self.frames[address]
        name = function.name
        for problem in frame.problems:
            self.problems.append(f"{name} {problem}")
        notes = self.notes_of(function)
        if notes is None or not notes.frames:
            return
        if notes.dynamic:
            self.problems.append(f"{name} has a frame whose size is not known when compiling "
                                 f"(alloca, or an array of variable length)")
        self.compared += 1
        if frame.problems or any(n <= frame.depth <= n + BEYOND_COMPILER for n in notes.frames):
            return
        self.problems.append(f"{name} has a frame of {frame.depth} bytes in the disassembly, and "
                             f"of {sorted(notes.frames)} in the compiler's notes")

    def targets(self, address):
        """Where the indirect calls of a function may go."""
        function, notes = self.functions[address], self.notes_of(self.functions[address])
        if notes is None or not notes.pointers:
            self.problems.append(f"{function.name} calls indirectly, and nothing says whom")
            return []
        found = []
        for pointer, location in notes.pointers.items():
            if pointer not in self.known:
                self.problems.append(f"{function.name} calls through `{pointer}`, which "
                                     f"indirect_calls.json does not list ({location})")
                continue
            self.used.add(pointer)
            for pattern in self.known[pointer]["reaches"]:
                found += [a for a, f in self.functions.items() if re.fullmatch(pattern, f.name)]
        return found

    def edges(self, address):
        """(depth of the caller's frame that stays, callee) for every call of a function."""
        for depth, kind, where, tail in sorted(self.frames[address].calls, key=str):
            kept = depth - (self.entry if tail else 0)
            if kind == "indirect":
                yield from ((kept, to) for to in self.targets(address))
            elif where in self.functions:
                yield kept, where
            elif where not in self.imported:
                name = self.functions[address].name
                self.problems.append(f"{name} calls {where}, which is no function")

    def deepest(self, address, above=()):
        """Bytes of stack below a function's entry, and the way there: [(function, bytes)]."""
        if address in above:
            ring = [self.functions[a].name for a in above[above.index(address):] + (address,)]
            problem = "recursion: " + " -> ".join(ring)
            if problem not in self.problems:
                self.problems.append(problem)
            return 0, []
        if address not in self.memory:
            self.check(address)
            name, most, way = self.functions[address].name, self.frames[address].depth, []
            for kept, callee in self.edges(address):
                below, path = self.deepest(callee, above + (address,))
                if kept + below > most:
                    most, way = kept + below, path
            self.memory[address] = most, [(name, self.frames[address].depth)] + way
        return self.memory[address]

    def unused(self):
        """Lines of the list that nothing in this image justifies."""
        for pointer, line in self.known.items():
            if pointer not in self.used:
                yield f"indirect_calls.json lists `{pointer}`, through which nothing is called"
            # What only some ports have need not be in each image.
            for pattern in line["reaches"] if "on" not in line else ():
                if not any(re.fullmatch(pattern, f.name) for f in self.functions.values()):
                    yield f"indirect_calls.json: no function is called {pattern} (`{pointer}`)"
