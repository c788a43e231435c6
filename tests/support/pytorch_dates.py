"""Writes pytorch_dates.hpp: what PyTorch computes from the date model's weights, for test_demo.cpp.

    /usr/bin/python3 src/demo/training/evaluate.py --dump DIR
    python3 tests/support/pytorch_dates.py DIR/cases.json > tests/support/pytorch_dates.hpp
"""

import json
import sys

CASES = 3  # of the longest sentences: in these most can go wrong

with open(sys.argv[1], encoding="ascii") as file:
    cases = sorted(json.load(file), key=lambda case: -len(case["input"]))[:CASES]

print("// Logits of the date model as PyTorch 1.13 computes them. Made by pytorch_dates.py: do not edit.")
print("#pragma once\n\nnamespace headroom::test {\n")
print("struct PytorchDate {\n    const char* text;\n    const char* answer;\n    float logits[10][11];\n};\n")
print("inline constexpr PytorchDate pytorch_dates[] = {")
for case in cases:
    print(f"    {{{json.dumps(case['input'])},\n     \"{case['answer']}\",\n     {{")
    for row in case["logits"]:
        numbers = [f"{value:#.7g}f" for value in row]
        print("         {" + ", ".join(numbers[:6]) + ",\n          " + ", ".join(numbers[6:]) + "},")
    print("     }},")
print("};\n\n}  // namespace headroom::test")
