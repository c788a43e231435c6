"""Attention as PyTorch's documentation and the models' papers write it, in double precision."""

import math

import torch


def split_heads(tensor, heads):
    """[batch, tokens, heads * width] -> [batch, heads, tokens, width]."""
    batch, tokens, width = tensor.shape
    return tensor.view(batch, tokens, heads, width // heads).transpose(1, 2)


def attention(q, k, v, scale=None, bias=None):
    """Heads-first tensors; k and v may have fewer heads. -> [batch, tokens, heads * width]."""
    k, v = (part.repeat_interleave(q.shape[1] // part.shape[1], 1) for part in (k, v))
    scores = q @ k.transpose(2, 3) * (1 / math.sqrt(q.shape[3]) if scale is None else scale)
    if bias is not None:
        scores = scores + bias
    return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)


def causal_bias(tokens):
    """-inf for later tokens."""
    return window_bias(tokens, tokens, 0)


def window_bias(tokens, before, after):
    """-inf for tokens that are more than so many before or after."""
    distance = torch.arange(tokens)[None, :] - torch.arange(tokens)[:, None]
    hidden = (distance < -before) | (distance > after)
    return torch.zeros(tokens, tokens, dtype=torch.float64).masked_fill(hidden, -math.inf)


def rotate_half(x, base, factor=1.0):
    """Llama: element i pairs with i + width / 2."""
    half = x.shape[-1] // 2
    angles = _angles(x.shape[2], 2 * half, base, factor)
    cos, sin = angles.cos().repeat(1, 2), angles.sin().repeat(1, 2)
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin


def rotate_interleaved(x, dim, base):
    """GPT-J: element 2i pairs with 2i + 1, among the first `dim` only."""
    angles = _angles(x.shape[2], dim, base, 1.0)
    pairs = torch.view_as_complex(x[..., :dim].unflatten(-1, (dim // 2, 2)).contiguous())
    turned = torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)
    return torch.cat((turned, x[..., dim:]), -1)


def _angles(tokens, dim, base, factor):
    frequencies = base ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    return torch.arange(tokens, dtype=torch.float64)[:, None] / factor * frequencies


def t5_bias(table, queries, keys, bidirectional, largest=128):
    """The relative bias [1, heads, queries, keys] of a table [buckets, heads]."""
    relative = torch.arange(keys)[None, :] - torch.arange(queries)[:, None]
    buckets, found = table.shape[0], torch.zeros_like(relative)
    if bidirectional:
        buckets //= 2
        found = (relative > 0) * buckets
        distance = relative.abs()
    else:
        distance = (-relative).clamp(min=0)
    exact = buckets // 2
    more = torch.log(distance.float() / exact) / math.log(largest / exact) * (buckets - exact)
    far = (exact + more.clamp(min=0).long()).clamp(max=buckets - 1)
    found = found + torch.where(distance < exact, distance, far)
    return table.double()[found].permute(2, 0, 1)[None]
