"""Reads a weights file back, measures it on the held-out set, and can answer and dump.

With --dump it writes, for other implementations to compare with, cases.json: for each case
the sentence, its tokens, the answer, memory [length][width] (the encoder's output) and
logits [step][output token] of greedy decoding.
"""

import argparse
import json
import pathlib

import torch

import dates
import model as date_model
import weights_file

DEMO_FOLDER = pathlib.Path(__file__).resolve().parent.parent


def load_model(path):
    tensors, metadata = weights_file.load(path)
    net = date_model.DateModel()
    net.load_state_dict({name: torch.tensor(tensor) for name, tensor in tensors.items()})
    return net.eval(), metadata


def case(net, text):
    """One sentence alone, without padding."""
    tokens = date_model.source_tokens(text)
    with torch.no_grad():
        memory, _ = net.encode(torch.tensor([tokens]))
    letters, logits = date_model.answers(net, [text])
    return {"input": text, "tokens": tokens, "answer": letters[0],
            "memory": memory[0].tolist(), "logits": logits[0].tolist()}


def pick(examples, count):
    """count examples: the shortest, the longest, and one of each style in turn."""
    by_length = sorted(examples, key=lambda example: len(example.text))
    picked, styles = [by_length[0], by_length[-1]], set()
    for example in examples:
        if example.style not in styles and len(picked) < count:
            styles.add(example.style)
            picked.append(example)
    return picked


def main():
    parser = argparse.ArgumentParser(
        description="Measure date_model.safetensors on held_out.tsv, or answer sentences.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("sentences", nargs="*", help="sentences to answer")
    parser.add_argument("--folder", type=pathlib.Path, default=DEMO_FOLDER,
                        help="folder of the two files")
    parser.add_argument("--dump", type=pathlib.Path, help="folder to write cases.json to")
    parser.add_argument("--cases", type=int, default=20, help="number of cases to dump")
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    net, metadata = load_model(options.folder / "date_model.safetensors")
    for sentence in options.sentences:
        if 0 < len(sentence.encode("utf-8")) <= dates.MAX_INPUT:
            print(f"{date_model.answers(net, [sentence])[0][0]}  {sentence!r}")
        else:
            print(f"{sentence!r} is empty or longer than {dates.MAX_INPUT} bytes")
    if options.sentences:
        return

    examples = dates.read_table(options.folder / "held_out.tsv")
    wrong = date_model.wrong_answers(net, examples)
    print(f"{len(examples) - len(wrong)} of {len(examples)} exact: "
          f"{100 - 100 * len(wrong) / len(examples):.3f} % "
          f"(the file says {metadata['held_out_exact_percent']} %)")
    for example, got in wrong:
        print(f"  {example.text!r} is {example.answer}, not {got}  ({example.style})")

    if options.dump:
        options.dump.mkdir(parents=True, exist_ok=True)
        cases = [case(net, example.text) for example in pick(examples, options.cases)]
        (options.dump / "cases.json").write_text(json.dumps(cases), encoding="ascii")


if __name__ == "__main__":
    main()
