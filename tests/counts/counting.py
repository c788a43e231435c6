"""Runs a program under QEMU with count_plugin.cpp."""
import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77


def count(command, plugin, functions=()):
    """Shape -> what the plugin counts, in the program's order: all instructions, and for each of
    `functions` its own, then its fused multiply-adds."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        # Paths without blanks, whatever the folder of the build is called.
        here = os.path.relpath(folder)
        link = os.path.join(here, "plugin.so")
        os.symlink(os.path.abspath(plugin), link)
        out = os.path.join(here, "counts")
        environment = dict(os.environ)
        # The first is for the emulator of boards, the others are what QEMU for Linux programs
        # reads; its processor decides which memcpy the C library takes.
        arguments = ",".join([f"./{link},out={out}", *(f"in={name}" for name in functions)])
        environment["HEADROOM_EMULATOR_OPTIONS"] = f"-plugin {arguments}"
        environment["QEMU_PLUGIN"] = arguments
        environment.setdefault("QEMU_CPU", "cortex-a72")
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if "requires API version" in ran.stderr:
            print(f"SKIPPED: the plugin is of another version than this QEMU: {ran.stderr}")
            sys.exit(SKIPPED)
        if ran.returncode != 0:
            print(ran.stdout, ran.stderr, sep="")
            sys.exit(f"counting: the program ended with {ran.returncode}")
        rows = pathlib.Path(out).read_text(encoding="utf-8").splitlines()
    counts = [[int(number) for number in row.split()] for row in rows]
    lines = [line for line in ran.stdout.splitlines() if line and not line.startswith("#")]
    shapes = [line.split()[0] for line in lines if not line.startswith("shape ")]
    if not shapes or len(shapes) != len(counts) or len(set(shapes)) != len(shapes):
        sys.exit(f"{ran.stdout}counting: {len(shapes)} shapes, {len(counts)} counts")
    return dict(zip(shapes, counts))
