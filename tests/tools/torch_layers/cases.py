"""Small files with the tensor names and layouts of real models, and PyTorch's output for each.

A model is a file of weights with two layers and tensors that belong to none; a case is one layer of
it with inputs. Widths differ wherever a model lets them, so that no transposition passes unseen.
"""

import torch
from torch import nn
from torch.nn.functional import linear

from files import save_npy, save_safetensors
from formulas import (attention, causal_bias, rotate_half, rotate_interleaved, split_heads,
                      t5_bias, window_bias)

BATCH, TOKENS = 2, 19


class Model:
    """Tensors by name. Weights are read back as the file's type rounds them."""

    def __init__(self, name, dtype=torch.float32):
        self.name, self.dtype, self.tensors = name, dtype, {}

    def add(self, name, *shape, size=None):
        # Large enough for weights far from uniform: an error in a score must show.
        size = 1.5 / shape[-1] ** 0.5 if size is None else size
        self.tensors[name] = (torch.randn(*shape, dtype=torch.float64) * size).to(self.dtype)

    def linear(self, name, inputs, outputs, bias=True):
        self.add(f"{name}.weight", outputs, inputs)
        if bias:
            self.add(f"{name}.bias", outputs, size=0.3)

    def apply(self, name, x):
        bias = self.tensors.get(f"{name}.bias")
        weight = self.tensors[f"{name}.weight"].double()
        return linear(x, weight, None if bias is None else bias.double())

    def project(self, name, x, heads):
        return split_heads(self.apply(name, x), heads)


class Cases:
    def __init__(self, folder):
        self.folder, self.list = folder, []

    def add(self, model, prefix, convention, want, options="", note=None, **inputs):
        """inputs: name of a .npy option -> tensor; note: what `pack` must say, by a part of it."""
        name = f"{len(self.list):02}-{model.name}"
        arguments = ["--weights", str(self.folder / f"{model.name}.safetensors"),
                     "--prefix", prefix, *options.split()]
        for option, tensor in inputs.items():
            path = self.folder / f"{name}-{option}.npy"
            save_npy(path, tensor)
            arguments += ["--" + option.replace("_", "-"), str(path)]
        save_npy(self.folder / f"{name}-want.npy", want.detach())
        self.list.append({"name": name, "arguments": arguments, "prefix": prefix, "note": note,
                          "convention": convention,
                          "want": str(self.folder / f"{name}-want.npy")})

    def save(self, model):
        save_safetensors(self.folder / f"{model.name}.safetensors", model.tensors)


def tokens_of(width, tokens=TOKENS, batch=BATCH):
    """Values that every type of .npy file holds exactly."""
    return torch.randn(batch, tokens, width).half().double()


def torch_module(model, prefix, *arguments, **options):
    """nn.MultiheadAttention with random biases (its own are zero), its tensors under a prefix."""
    module = nn.MultiheadAttention(*arguments, batch_first=True, **options).double().eval()
    with torch.no_grad():
        for name, tensor in module.named_parameters():
            size = 0.3 if "bias" in name else 1.5 / tensor.shape[-1] ** 0.5
            tensor.copy_((torch.randn(tensor.shape) * size).to(model.dtype))
            model.tensors[f"{prefix}.{name}"] = tensor.to(model.dtype)
    return module


def pytorch(cases):
    model = Model("torch")
    first = torch_module(model, "encoder.layers.0.self_attn", 24, 4)
    second = torch_module(model, "encoder.layers.1.self_attn", 24, 4, bias=False)
    cross = torch_module(model, "decoder.cross", 24, 4, kdim=20, vdim=36, add_bias_kv=True,
                         add_zero_attn=True)
    model.linear("encoder.layers.0.linear1", 24, 48)
    cases.save(model)
    x, later = tokens_of(24), torch.ones(TOKENS, TOKENS, dtype=torch.bool).triu(1)
    lengths = torch.tensor([TOKENS, 5])
    padding = torch.arange(TOKENS)[None, :] >= lengths[:, None]

    def run(module, *inputs, **masks):
        return module(*inputs, need_weights=False, **masks)[0]

    names = {"model": model, "convention": "PyTorch"}
    cases.add(prefix="encoder.layers.0.self_attn", want=run(first, x, x, x), options="--heads 4",
              note="add_zero_attn", x=x.float(), **names)
    cases.add(prefix="encoder.layers.0.self_attn", want=run(first, x, x, x)[0],
              options="--head-dim 6", x=x[0].half(), **names)
    cases.add(prefix="encoder.layers.1.self_attn", want=run(second, x, x, x, attn_mask=later),
              options="--heads 4 --causal", x=x, **names)
    cases.add(prefix="encoder.layers.0.self_attn",
              want=run(first, x, x, x, key_padding_mask=padding), options="--heads 4",
              x=x.float(), valid_keys=lengths, **names)
    bias = torch.randn(BATCH * 4, TOKENS, TOKENS)
    cases.add(prefix="encoder.layers.0.self_attn",
              want=run(first, x, x, x, attn_mask=bias.double()), options="--heads 4",
              x=x.float(), mask=bias.view(BATCH, 4, TOKENS, TOKENS), **names)
    cases.add(prefix="encoder.layers.0.self_attn", want=run(first, x, x, x, attn_mask=later),
              options="--heads 4", x=x.float(), mask=~later, **names)
    key, value = tokens_of(20, 33), tokens_of(36, 33)
    cases.add(prefix="decoder.cross", want=run(cross, x, key, value),
              options="--heads 4 --zero-attn", x=x, context=key, context_values=value,
              model=model, convention="PyTorch, separate")


def bert_like(cases, name, inner, convention, dtype):
    model = Model(name, dtype)
    for layer in range(2):
        prefix = f"{name}.encoder.layer.{layer}.attention"
        for part in ("query", "key", "value"):
            model.linear(f"{prefix}.{inner}.{part}", 24, 24)
        model.linear(f"{prefix}.output.dense", 24, 24)
        if name == "bert":
            model.add(f"{prefix}.output.LayerNorm.weight", 24)
        model.linear(f"{name}.encoder.layer.{layer}.intermediate.dense", 24, 48)
    cases.save(model)
    x = tokens_of(24)
    for layer in range(2):
        prefix = f"{name}.encoder.layer.{layer}.attention"
        q, k, v = (model.project(f"{prefix}.{inner}.{part}", x, 3)
                   for part in ("query", "key", "value"))
        want = model.apply(f"{prefix}.output.dense", attention(q, k, v))
        cases.add(model, prefix, convention, want, "--heads 3", x=x.float())


def gpt2(cases):
    model = Model("gpt2")
    for layer in range(2):
        prefix = f"transformer.h.{layer}.attn"
        model.add(f"{prefix}.c_attn.weight", 24, 72, size=0.3)
        model.add(f"{prefix}.c_attn.bias", 72, size=0.3)
        model.add(f"{prefix}.c_proj.weight", 24, 24, size=0.3)
        model.add(f"{prefix}.c_proj.bias", 24, size=0.3)
        model.tensors[f"{prefix}.bias"] = torch.ones(1, 1, 32, 32, dtype=torch.bool).tril()
        model.tensors[f"{prefix}.masked_bias"] = torch.tensor(-1e4)
        model.add(f"transformer.h.{layer}.ln_1.weight", 24)
    cases.save(model)
    x, t = tokens_of(24), model.tensors
    for layer, later in ((0, True), (1, True), (1, False)):
        prefix = f"transformer.h.{layer}.attn"
        all_three = x @ t[f"{prefix}.c_attn.weight"].double() + t[f"{prefix}.c_attn.bias"].double()
        q, k, v = (split_heads(part, 3) for part in all_three.split(24, 2))
        heads = attention(q, k, v, bias=causal_bias(TOKENS) if later else None)
        want = heads @ t[f"{prefix}.c_proj.weight"].double() + t[f"{prefix}.c_proj.bias"].double()
        cases.add(model, prefix, "GPT-2", want, "--heads 3" + ("" if later else " --no-causal"),
                  note="how.causal = true", x=x.float())


def llama_like(cases, name, dtype, biases=(), base=10000.0, options="", window=None, factor=1.0):
    """6 heads of 10 on 2 key heads, 24 wide: no width is another one's multiple."""
    model = Model(name, dtype)
    for layer in range(2):
        prefix = f"model.layers.{layer}.self_attn"
        for part, inputs, outputs in (("q_proj", 24, 60), ("k_proj", 24, 20), ("v_proj", 24, 20),
                                      ("o_proj", 60, 24)):
            model.linear(f"{prefix}.{part}", inputs, outputs, part in biases)
        if name == "llama":
            model.add(f"{prefix}.rotary_emb.inv_freq", 5)
        model.linear(f"model.layers.{layer}.mlp.gate_proj", 24, 48, False)
    cases.save(model)
    x, prefix = tokens_of(24, 40), "model.layers.1.self_attn"
    q = rotate_half(model.project(f"{prefix}.q_proj", x, 6), base, factor)
    k = rotate_half(model.project(f"{prefix}.k_proj", x, 2), base, factor)
    v = model.project(f"{prefix}.v_proj", x, 2)
    seen = window_bias(40, window - 1, 0) if window else causal_bias(40)
    want = model.apply(f"{prefix}.o_proj", attention(q, k, v, bias=seen))
    cases.add(model, prefix, "Llama, Mistral, Qwen2", want, options, note="RotaryComputed",
              x=x.float())


def separate_modules(cases):
    """Names without a model's habits: CLIP's vision layers, and GPT-J's rotation on the same."""
    model = Model("clip", torch.float64)
    prefix = "vision_model.encoder.layers.0.self_attn"
    for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
        model.linear(f"{prefix}.{part}", 24, 24)
    model.linear("vision_model.encoder.layers.0.mlp.fc1", 24, 48)
    cases.save(model)
    x = tokens_of(24)
    q, k, v = (model.project(f"{prefix}.{part}", x, 2) for part in ("q_proj", "k_proj", "v_proj"))
    convention = "q_proj, k_proj, v_proj, out_proj"
    want = model.apply(f"{prefix}.out_proj", attention(q, k, v, scale=0.4))
    cases.add(model, prefix, convention, want, "--heads 2 --scale 0.4", x=x)
    q, k = (rotate_interleaved(part, 8, 500.0) for part in (q, k))
    want = model.apply(f"{prefix}.out_proj", attention(q, k, v, bias=causal_bias(TOKENS)))
    cases.add(model, prefix, convention, want, "--heads 2 --causal --rotary interleaved "
              "--rotary-dim 8 --rotary-base 500", x=x)
    # Both ways, by positions: what a token sees must not depend on the call that it comes with.
    q, k = (rotate_half(model.project(f"{prefix}.{part}", x, 2), 300.0)
            for part in ("q_proj", "k_proj"))
    near = window_bias(TOKENS, 5, 3)
    want = model.apply(f"{prefix}.out_proj", attention(q, k, v, bias=near))
    cases.add(model, prefix, convention, want, "--heads 2 --rotary half --rotary-base 300 "
              "--window-left 5 --window-right 3", x=x)


def whisper(cases):
    model = Model("whisper", torch.float16)
    for prefix in ("model.encoder.layers.0.self_attn", "model.decoder.layers.0.self_attn",
                   "model.decoder.layers.0.encoder_attn"):
        for part in ("k_proj", "v_proj", "q_proj", "out_proj"):
            model.linear(f"{prefix}.{part}", 24, 24, part != "k_proj")
    model.linear("model.encoder.layers.0.fc1", 24, 48)
    cases.save(model)
    x, encoded = tokens_of(24), tokens_of(24, 50)

    def run(prefix, source, bias=None):
        q = model.project(f"{prefix}.q_proj", x, 3)
        k, v = (model.project(f"{prefix}.{part}", source, 3) for part in ("k_proj", "v_proj"))
        return model.apply(f"{prefix}.out_proj", attention(q, k, v, bias=bias))

    prefix = "model.encoder.layers.0.self_attn"
    cases.add(model, prefix, "Whisper", run(prefix, x), "--heads 3", x=x.float())
    prefix = "model.decoder.layers.0.self_attn"
    cases.add(model, prefix, "Whisper", run(prefix, x, causal_bias(TOKENS)), "--heads 3",
              note="how.causal = true", x=x.float())
    prefix = "model.decoder.layers.0.encoder_attn"
    cases.add(model, prefix, "Whisper", run(prefix, encoded), "--heads 3", x=x.float(),
              context=encoded.float())


def t5(cases):
    """3 heads of 10, 24 wide; long enough that distances pass 128, where the last bucket begins."""
    model = Model("t5")
    names = {stack: [f"{stack}.block.{block}.layer.0.SelfAttention" for block in range(2)]
             for stack in ("encoder", "decoder")}
    cross = "decoder.block.0.layer.1.EncDecAttention"
    for prefix in (*names["encoder"], *names["decoder"], cross):
        for part, inputs, outputs in (("q", 24, 30), ("k", 24, 30), ("v", 24, 30), ("o", 30, 24)):
            model.linear(f"{prefix}.{part}", inputs, outputs, bias=False)
            model.tensors[f"{prefix}.{part}.weight"] *= 0.5 if part in "qk" else 1.0
    for prefix in (names["encoder"][0], names["decoder"][0], cross):
        model.add(f"{prefix}.relative_attention_bias.weight", 32, 3, size=2.0)
    model.add("shared.weight", 50, 24)
    cases.save(model)
    x, encoded = tokens_of(24, 150, batch=1), tokens_of(24, 30, batch=1)

    def run(prefix, source, bias):
        q = model.project(f"{prefix}.q", x, 3)
        k, v = (model.project(f"{prefix}.{part}", source, 3) for part in "kv")
        return model.apply(f"{prefix}.o", attention(q, k, v, scale=1.0, bias=bias))

    for stack, block in (("encoder", 0), ("encoder", 1), ("decoder", 0), ("decoder", 1)):
        table = model.tensors[f"{names[stack][0]}.relative_attention_bias.weight"]
        bias = t5_bias(table, 150, 150, stack == "encoder")
        if stack == "decoder":
            bias = bias + causal_bias(150)
        prefix = names[stack][block]
        cases.add(model, prefix, "T5", run(prefix, x, bias), note="ScoreBias", x=x.float())
    mask = torch.randn(150, 150)
    table = model.tensors[f"{names['encoder'][0]}.relative_attention_bias.weight"]
    bias = t5_bias(table, 150, 150, True, largest=64) + mask.double()
    cases.add(model, names["encoder"][1], "T5", run(names["encoder"][1], x, bias),
              "--relative-max-distance 64", x=x.float(), mask=mask)
    cases.add(model, cross, "T5", run(cross, encoded, None), "--heads 3", note="how.scale = 1",
              x=x.float(), context=encoded.float())


def make(folder):
    """Writes everything into a folder and returns what to try: a list of dictionaries."""
    torch.manual_seed(1979)
    cases = Cases(folder)
    with torch.no_grad():
        pytorch(cases)
        bert_like(cases, "bert", "self", "BERT", torch.float32)
        bert_like(cases, "vit", "attention", "ViT", torch.float16)
        gpt2(cases)
        llama_like(cases, "llama", torch.bfloat16)
        llama_like(cases, "mistral", torch.float32, window=7, options="--heads 6 --window-left 6")
        llama_like(cases, "qwen2", torch.bfloat16, ("q_proj", "k_proj", "v_proj"), 1e6,
                   "--heads 6 --kv-heads 2 --rotary-base 1000000")
        llama_like(cases, "longer", torch.float16, factor=4.0,
                   options="--heads 6 --rotary-scaling linear --rotary-factor 4")
        separate_modules(cases)
        whisper(cases)
        t5(cases)
    return cases.list
