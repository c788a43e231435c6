#!/usr/bin/env python3
"""include_rules.py TREE: who may include what, where conditional code may stand, how long a line is.

Data flows one way: API -> attention -> kernels -> lanes -> ports. Public headers include <cstddef>
<cstdint> <span> and each other, those for C <stddef.h> <stdint.h> <stdbool.h> and each other.
Conditional compilation, a system's own headers, intrinsics and xsimd stand under ports/.
"""
import pathlib
import re
import sys

# What a portable library can use without a heap and without a C library's functions.
FREESTANDING = {"array", "atomic", "bit", "compare", "concepts", "cstddef", "cstdint", "cstring", "initializer_list",
                "limits", "new", "numbers", "ratio", "span", "tuple", "type_traits", "utility"}

class CppLibrary:
    """The headers of the C++ library; those of a system or of C end in .h."""

    def __contains__(self, name):
        return not name.endswith(".h")


# What a folder's conditional compilation may look like.
NONE, ANY, LANGUAGE = (re.compile(p) for p in (r"(?!)", "", r"#ifdef __cplusplus$|#endif$"))

# Folder or file: (standard headers or None for any, allowed roots of other includes, what #if it may
#                  hold, may it hold intrinsics and xsimd?). The longest that matches a file counts.
RULES = {
    "include/headroom": ({"cstddef", "cstdint", "span"}, ("headroom/",), NONE, False),
    "include/headroom/headroom.h": (set(), ("headroom/c/",), NONE, False),
    "include/headroom/c": ({"stdbool.h", "stddef.h", "stdint.h"}, ("headroom/c/",), LANGUAGE, False),
    "src/attention": (FREESTANDING, ("headroom/", "attention/", "kernels/"), NONE, False),
    "src/kernels": (FREESTANDING, ("headroom/", "kernels/"), NONE, False),
    "src/c": (FREESTANDING, ("headroom/", "c/"), NONE, False),
    "src/demo": (FREESTANDING, ("headroom/", "demo/"), NONE, False),
    "src/demo/firmware": (FREESTANDING, ("headroom/", "demo/", "board/"), NONE, False),
    "src/tools": (CppLibrary(), ("headroom/", "demo/", "tools/", "CLI/", "nlohmann/"), NONE, False),
    "ports": (None, ("headroom/", "kernels/", "shared/", "isa/", "board/", "os/", "xsimd/"), ANY, True),
    "ports/board": (None, ("headroom/", "shared/", "board/", "sys/"), ANY, True),
    "ports/os": (None, ("headroom/", "tools/", "sys/"), ANY, False),
    "tests": (None, None, ANY, False),
    "tests/counts": (None, None, ANY, True),
    "bench": (None, None, ANY, True),
}
CONDITIONAL = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
MACHINE = re.compile(r"\b(_mm\d*_\w+|__m(128|256|512)\w*|__builtin_(ia32|arm|neon|cpu)_\w+|xsimd\b|"
                     r"float32x\d\w*|v\w+q_f32|(__)?asm(__)?\s*(volatile\s*)?\(|\w*intrin\.h|arm_neon\.h|arm_mve\.h)")
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*")', re.S)


def without_comments(text):
    """The text with comments blanked, strings and line numbers kept."""
    return COMMENT.sub(lambda m: m.group(1) or "\n" * m.group().count("\n"), text)


def included(path, quote, name, rule, tree):
    standard, roots, _, machine = rule
    own = [root for root in ("include", "src", "ports", "tests", ".") if (tree / root / name).exists()]
    beside = (path.parent / name).exists()
    if path.parent.name == "yardstick" and name.startswith("bench_"):
        return None  # a file of the folder that HEADROOM_YARDSTICK names
    if quote == '"' and not own and not beside:
        return f'"{name}" is no file of the project'
    if not own and "/" not in name and not beside:
        if standard is not None and name not in standard:
            return f"<{name}> is not among the headers this folder may use"
        return None
    if roots is not None and not name.startswith(roots) and not (beside and machine):
        return f"{name} is against the direction of includes"
    return None


def violations(path, rule, tree):
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > 100:
            yield number, f"{len(line)} characters in a line, at most 100"
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        include = INCLUDE.match(line)
        if include:
            wrong = included(path, *include.groups(), rule, tree)
            if wrong:
                yield number, wrong
        elif CONDITIONAL.match(line) and not rule[2].match(line.strip()):
            yield number, f"conditional compilation outside ports/: {line.strip()}"
        if MACHINE.search(line) and not rule[3]:
            yield number, f"machine code outside ports/: {line.strip()}"


def rule_of(path, tree):
    name = path.relative_to(tree).as_posix()
    return max((r for r in RULES if name == r or name.startswith(r + "/")), key=len, default=None)


def main():
    tree = pathlib.Path(sys.argv[1])
    failed = False
    for folder, rule in RULES.items():
        below = sorted((tree / folder).rglob("*")) or [tree / folder]
        files = [p for p in below if p.suffix in (".hpp", ".cpp", ".h", ".c") and p.is_file()
                 and rule_of(p, tree) == folder]
        wrong = [(p, n, w) for p in files for n, w in violations(p, rule, tree)]
        print(f"{folder}: {len(files)} files, {len(wrong)} violations")
        for path, number, what in wrong:
            print(f"  {path.relative_to(tree)}:{number}: {what}")
        failed |= bool(wrong) or (not files and folder.startswith(("include", "src", "ports")))
    stray = [p for p in (tree / "src").glob("*/") if p.is_dir() and f"src/{p.name}" not in RULES]
    for path in stray:
        print(f"{path.relative_to(tree)}: no rule for this folder")
    sys.exit(failed or bool(stray))


if __name__ == "__main__":
    main()
