"""Follows a function from its first instruction along every path: how deep the stack gets, and how
deep it is at each call.

That the depths agree wherever paths meet, and are the entry's at every return, shows that no
instruction was misread.
"""
from dataclasses import dataclass, field

from machine import Unknown


@dataclass
class Frame:
    depth: int = 0
    # (depth at the call, "direct" or "indirect", address or None, is it a tail call?)
    calls: set = field(default_factory=set)
    problems: list = field(default_factory=list)


class Walk:
    def __init__(self, machine, instructions, functions, imported):
        self.machine = machine
        self.list = instructions
        self.index = {i.address: n for n, i in enumerate(instructions)}
        self.functions = functions
        self.imported = imported  # what lies in a shared library

    def frame(self, function):
        """The frame of one function. It may go on in another: hand-written code does."""
        frame, depths, tables, saved = Frame(), {}, set(), {}
        if function.address not in self.index:
            frame.problems.append("has no instructions")
            return frame
        work = [(self.index[function.address], self.machine.entry)]
        while True:
            while work:
                at, depth = work.pop()
                if at in depths:
                    if depths[at] != depth:
                        frame.problems.append(f"paths of different depth meet at "
                                              f"{self.list[at].address:x}: {depths[at]}, {depth}")
                    continue
                depths[at] = depth
                self.step(function, frame, at, depth, work, tables, saved)
                if len(frame.problems) > 3:
                    return frame
            lost = self.only_by_table(function, depths) if tables else None
            if lost is None:
                return frame
            if len(tables) > 1:
                frame.problems.append(f"switches at different depths: {sorted(tables)}")
                return frame
            work.append((lost, next(iter(tables))))

    def step(self, function, frame, at, depth, work, tables, saved):
        here = self.list[at]
        try:
            step = self.machine.read(here, self.list[max(at - 8, 0):at], saved, depth)
        except Unknown as what:
            frame.problems.append(f"moves the stack pointer by an unknown amount: {what}")
            return
        if step.block:
            self.conditional(function, frame, at, depth, work, tables, saved, step.block)
            return
        depth += step.move
        frame.depth = max(frame.depth, depth + step.below)
        self.leave(function, frame, step, depth, work, tables)
        if step.next and at + 1 < len(self.list):
            work.append((at + 1, depth))

    def leave(self, function, frame, step, depth, work, tables):
        """Calls, jumps and returns of one instruction."""
        for kind, where, tail in step.calls:
            frame.calls.add((depth, kind, where, tail))
            if tail and depth != self.machine.entry:
                left = depth - self.machine.entry
                frame.problems.append(f"jumps away with {left} bytes on the stack")
        if step.table:
            tables.add(depth)
        if step.returns and depth != self.machine.entry:
            frame.problems.append(f"returns with {depth - self.machine.entry} bytes on the stack")
        for where in step.jumps:
            elsewhere = where in self.functions and where != function.address
            if elsewhere or where in self.imported or where not in self.index:
                frame.calls.add((depth, "direct", where, True))
            else:
                work.append((self.index[where], depth))

    def conditional(self, function, frame, at, depth, work, tables, saved, letters):
        """Thumb's IT: of the next instructions either those marked T happen, or those marked E."""
        for happens in "TE":
            now, ended = depth, False
            for n, letter in enumerate(letters, 1):
                if letter != happens:
                    continue
                one = self.list[at + n]
                try:
                    step = self.machine.read(one, self.list[at:at + n], saved, now)
                except Unknown as what:
                    frame.problems.append(f"moves the stack pointer by an unknown amount: {what}")
                    return
                now += step.move
                frame.depth = max(frame.depth, now)
                # Inside the block a branch is taken whenever it happens.
                self.leave(function, frame, step, now, work, tables)
                ended = ended or not step.next or bool(step.jumps)
            if not ended:
                work.append((at + len(letters) + 1, now))

    def only_by_table(self, function, depths):
        """The first instruction of the function that no path has reached."""
        n = self.index[function.address]
        end = function.address + function.size
        while n < len(self.list) and self.list[n].address < end:
            if n not in depths and not self.list[n].name.startswith(("nop", "udf", "data", "xchg")):
                return n
            n += 1
        return None
