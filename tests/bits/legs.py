"""The legs of the matrix: which library is built how, and on which processors its list is printed.

A build is a target, a compiler and a level of optimisation; it may be run on several ports and
processors. The level "s" of a library of several ports is CMake's MinSizeRel, where the ports that
use xsimd are compiled at -O2 (ports/ports.cmake); "s, alone" is -Os for everything, possible in a
library of one port.
"""
from dataclasses import dataclass, field

QEMU_ARM64 = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", "-cpu"]
QEMU_ARM = ["qemu-arm", "-L", "/usr/arm-linux-gnueabihf", "-cpu"]
BOARDS = {"cortex-m3": ("mps2_an385", "mps2-an385"), "cortex-m4f": ("mps2_an386", "mps2-an386"),
          "cortex-m7": ("mps2_an500", "mps2-an500"), "cortex-m55": ("mps3_an547", "mps3-an547")}
LEVELS = ["1", "2", "3", "s"]


@dataclass
class Run:
    port: str
    cpu: str
    emulator: list = field(default_factory=list)


@dataclass
class Build:
    target: str
    compiler: str
    level: str
    runs: list
    toolchain: str = ""
    ports: str = ""      # HEADROOM_PORTS
    flags: str = ""      # for every file
    link_flags: str = ""
    note: str = ""
    board: str = ""
    other_level: bool = False  # of the few that go with every change

    @property
    def name(self):
        parts = [self.target, self.compiler, "O" + self.level, self.note]
        return "_".join(p.replace(" ", "_") for p in parts if p)

    def programs(self):
        """What must be installed, emulators aside."""
        if self.target == "x86_64":
            return ["g++" if self.compiler == "gcc" else "clang++"]
        prefix = {"aarch64": "aarch64-linux-gnu", "armv7": "arm-linux-gnueabihf"}.get(
            self.target, "arm-none-eabi")
        return [prefix + "-g++"] + (["clang++"] if self.compiler == "clang" else [])


def native(*ports):
    return [Run(port, "native") for port in ports]


def x86():
    ports = ["scalar", "scalar_fma", "x86_avx2", "x86_avx512"]
    for compiler in ["gcc", "clang"]:
        for level in LEVELS:
            runs = native(*ports)
            if compiler == "gcc" and level == "2":
                runs.append(Run("scalar", "Nehalem", ["qemu-x86_64", "-cpu", "Nehalem"]))
                runs.append(Run("x86_avx2", "Haswell", ["qemu-x86_64", "-cpu", "Haswell"]))
            yield Build("x86_64", compiler, level, runs,
                        other_level=compiler == "gcc" and level == "1")
        for port in ["scalar", "x86_avx2", "x86_avx512"]:
            yield Build("x86_64", compiler, "s", native(port), ports=port, note="alone " + port)
    # With subnormal numbers flushed to zero: the list has none, so it is fit for hardware that does.
    yield Build("x86_64", "gcc", "2", native("x86_avx2"), ports="x86_avx2", link_flags="-ffast-math",
                note="flushes")


def arm64():
    def runs(*ports):
        return [Run(port, cpu, QEMU_ARM64 + [cpu]) for port in ports
                for cpu in ["max", "cortex-a53", "cortex-a72"]]
    for compiler in ["gcc", "clang"]:
        toolchain = ("toolchains/aarch64-linux-gnu.cmake" if compiler == "gcc" else
                     "tests/bits/clang/aarch64-linux-gnu.cmake")
        for level in LEVELS:
            yield Build("aarch64", compiler, level, runs("arm_neon", "scalar"), toolchain,
                        other_level=compiler == "gcc" and level == "1")
        yield Build("aarch64", compiler, "s", runs("arm_neon"), toolchain, ports="arm_neon",
                    note="alone arm_neon")


def arm32():
    def runs(*ports):
        return [Run(port, cpu, QEMU_ARM + [cpu]) for port in ports
                for cpu in ["max", "cortex-a15"]]
    toolchain = "toolchains/armv7-linux-gnueabihf.cmake"
    for level in LEVELS:
        yield Build("armv7", "gcc", level, runs("arm_neon32", "scalar"), toolchain,
                    other_level=level == "2")
    yield Build("armv7", "gcc", "s", runs("arm_neon32"), toolchain, ports="arm_neon32",
                note="alone arm_neon32")


def cortex_m():
    def build(target, level, of, compiler="gcc", **more):
        board, machine = BOARDS[target]
        folder = "toolchains" if compiler == "gcc" else "tests/bits/clang"
        emulator = ["sh", "toolchains/emulate_cortex_m.sh", machine]
        runs = [Run(port, target, emulator) for port in of]
        return Build(target, compiler, level, runs, f"{folder}/{target}.cmake", board=board, **more)
    for level in LEVELS:
        yield build("cortex-m3", level, ["scalar"])
        yield build("cortex-m4f", level, ["scalar"], other_level=level == "s")
        yield build("cortex-m7", level, ["scalar"])
        yield build("cortex-m7", level, ["scalar"], compiler="clang")
        yield build("cortex-m55", level, ["arm_mve"], other_level=level == "2", ports="arm_mve",
                    note="Helium")
        yield build("cortex-m55", level, ["scalar"], ports="scalar", note="no Helium",
                    flags="-mcpu=cortex-m55+nomve")
    yield build("cortex-m55", "3", ["arm_mve", "scalar"], note="table")


def all_builds():
    return [*x86(), *arm64(), *arm32(), *cortex_m()]
