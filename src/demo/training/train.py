"""Trains the date model and writes its weights and the held-out set.

The same seed, options, libraries and thread count give the same files. See README.md.
"""

import argparse
import collections
import math
import multiprocessing
import pathlib
import time

import numpy
import torch
from torch.nn import functional

import dates
import model as date_model
import weights_file

DEMO_FOLDER = pathlib.Path(__file__).resolve().parent.parent


def parse_options():
    parser = argparse.ArgumentParser(
        description="Train the date model; write date_model.safetensors and held_out.tsv.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--seed", type=int, default=1979, help="of data, weights and batches")
    parser.add_argument("--steps", type=int, default=4500, help="optimizer steps")
    parser.add_argument("--batch", type=int, default=256, help="sentences in a step")
    parser.add_argument("--rate", type=float, default=3e-3, help="largest learning rate")
    parser.add_argument("--warmup", type=int, default=300, help="steps to the largest rate")
    parser.add_argument("--decay", type=float, default=0.01, help="weight decay of matrices")
    parser.add_argument("--sentences", type=int, default=800000,
                        help="sentences of training data; used again when they run out")
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch and of the generator")
    parser.add_argument("--out", type=pathlib.Path, default=DEMO_FOLDER,
                        help="folder of the two files")
    return parser.parse_args()


def tokens_of_chunk(task):
    """One chunk of the training stream: sources [n][MAX_INPUT], lengths [n], targets [n][10]."""
    seed, chunk, held_out_keys = task
    examples = dates.training_chunk(seed, chunk, held_out_keys)
    sources = numpy.full((len(examples), dates.MAX_INPUT), date_model.PADDING, numpy.uint8)
    for row, example in zip(sources, examples):
        tokens = date_model.source_tokens(example.text)
        row[:len(tokens)] = tokens
    lengths = numpy.array([len(example.text) for example in examples])
    targets = numpy.array([date_model.target_tokens(example.answer) for example in examples],
                          numpy.uint8)
    return sources, lengths, targets


def training_data(options, held_out):
    keys = {dates.sentence_key(example.text) for example in held_out}
    tasks = [(options.seed, chunk, keys) for chunk in range(options.sentences // dates.CHUNK)]
    with multiprocessing.Pool(options.threads) as pool:
        chunks = pool.map(tokens_of_chunk, tasks, chunksize=1)
    return [numpy.concatenate(parts) for parts in zip(*chunks)]


def batches(rng, lengths, size):
    """Endless rows of batches. Sentences of similar length share a batch, so that little is
    padded: pools of 32 batches are sorted by length, cut, and the batches shuffled."""
    while True:
        order = rng.permutation(len(lengths))
        for start in range(0, len(order) - 32 * size + 1, 32 * size):
            pool = order[start:start + 32 * size]
            pool = pool[numpy.argsort(lengths[pool], kind="stable")].reshape(32, size)
            yield from pool[rng.permutation(32)]


def make_optimizer(net, options):
    """AdamW; matrices decay, vectors and embeddings do not. Warm-up, then half a cosine."""
    decays = [p for name, p in net.named_parameters()
              if p.dim() == 2 and "embedding" not in name and "position" not in name]
    known = set(map(id, decays))
    others = [p for p in net.parameters() if id(p) not in known]
    optimizer = torch.optim.AdamW([{"params": decays, "weight_decay": options.decay},
                                   {"params": others, "weight_decay": 0.0}],
                                  lr=options.rate, betas=(0.9, 0.98))

    def share_of_rate(step):
        if step < options.warmup:
            return (step + 1) / options.warmup
        done = (step - options.warmup) / max(options.steps - options.warmup, 1)
        return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share_of_rate)


def train(net, data, held_out, options):
    sources, lengths, targets = data
    optimizer, schedule = make_optimizer(net, options)
    rows_of_batches = batches(numpy.random.default_rng(options.seed), lengths, options.batch)
    begin = torch.full((options.batch, 1), date_model.BEGIN)
    start, losses = time.time(), []
    net.train()
    for step, rows in zip(range(1, options.steps + 1), rows_of_batches):
        source = torch.from_numpy(sources[rows, :lengths[rows].max()].astype(numpy.int64))
        target = torch.from_numpy(targets[rows].astype(numpy.int64))
        logits = net(source, torch.cat((begin, target[:, :-1]), 1))
        loss = functional.cross_entropy(logits.flatten(0, 1), target.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 250 == 0 or step == options.steps:
            line = f"step {step:5d}  loss {numpy.mean(losses):.5f}  {time.time() - start:4.0f} s"
            losses = []
            if step % 1000 == 0:
                line += f"  held-out {accuracy(net, held_out)[0]:.3f} %"
            print(line, flush=True)


def accuracy(net, examples):
    """Exact answers in percent, and the wrong ones."""
    net.eval()
    wrong = date_model.wrong_answers(net, examples)
    net.train()
    return 100 * (1 - len(wrong) / len(examples)), wrong


def metadata(options, parameters, percent):
    """What another implementation must know, as strings."""
    return {
        "model": "dates to ISO 8601: encoder-decoder transformer, pre-LayerNorm, ReLU",
        "alphabet": date_model.ALPHABET,
        "first_letter_token": str(date_model.FIRST_LETTER),
        "padding_token": str(date_model.PADDING),
        "unknown_token": str(date_model.UNKNOWN),
        "output_alphabet": date_model.OUTPUT_ALPHABET,
        "begin_token": str(date_model.BEGIN),
        "max_input": str(dates.MAX_INPUT),
        "output_length": str(date_model.OUTPUT_LENGTH),
        "width": str(date_model.WIDTH),
        "heads": str(date_model.HEADS),
        "encoder_layers": str(date_model.ENCODER_LAYERS),
        "decoder_layers": str(date_model.DECODER_LAYERS),
        "feed_forward": str(date_model.FEED_FORWARD),
        "layer_norm_epsilon": str(date_model.EPSILON),
        "two_digit_year_pivot": str(dates.PIVOT),
        "parameters": str(parameters),
        "seed": str(options.seed),
        "steps": str(options.steps),
        "held_out_sentences": str(dates.HELD_OUT),
        "held_out_exact_percent": f"{percent:.3f}",
    }


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(options.seed)

    held_out = dates.held_out(options.seed)
    start = time.time()
    data = training_data(options, held_out)
    print(f"{len(data[0])} training sentences in {time.time() - start:.0f} s, "
          f"the longest {data[1].max()} characters", flush=True)

    net = date_model.DateModel()
    parameters = sum(p.numel() for p in net.parameters())
    print(f"{parameters} parameters, {4 * parameters} bytes", flush=True)
    start = time.time()
    train(net, data, held_out, options)
    print(f"trained in {time.time() - start:.0f} s")

    percent, wrong = accuracy(net, held_out)
    print(f"held-out: {percent:.3f} % exact, {len(wrong)} wrong of {len(held_out)}")
    for style, count in collections.Counter(example.style for example, _ in wrong).items():
        print(f"  {count:3d} {style}")
    for example, got in wrong:
        print(f"  {example.text!r} is {example.answer}, not {got}")

    options.out.mkdir(parents=True, exist_ok=True)
    dates.write_table(options.out / "held_out.tsv", held_out)
    tensors = {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()}
    weights_file.save(options.out / "date_model.safetensors", tensors,
                      metadata(options, parameters, percent))


if __name__ == "__main__":
    main()
