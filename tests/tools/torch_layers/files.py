"""Files of tensors, written and read by hand: the formats are small, and Debian has no package."""

import json

import numpy
import torch

TYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.float64: "F64", torch.bool: "BOOL"}


def save_safetensors(path, tensors):
    """tensors: name -> tensor, written in this order."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
        start = len(data)
        data += raw.numpy().tobytes()
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [start, len(data)]}
    text = json.dumps(header).encode("ascii")
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def save_npy(path, tensor):
    numpy.save(path, tensor.numpy())
