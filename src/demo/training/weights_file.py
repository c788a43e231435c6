"""The safetensors format, written and read by hand: it is small, and Debian has no package.

    bytes 0..7   length of the header, little-endian
    header       JSON: name -> dtype, shape, [begin, end) in the data; "__metadata__" -> strings
    data         the tensors, little-endian f32, row-major, without gaps
"""

import json

import numpy


def save(path, tensors, metadata):
    """tensors: name -> f32 array, written in this order; metadata: name -> string."""
    header, at = {"__metadata__": metadata}, 0
    for name, tensor in tensors.items():
        assert tensor.dtype == numpy.float32
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [at, at + tensor.nbytes]}
        at += tensor.nbytes
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-(8 + len(text)) % 64)  # a mapped file has its data aligned
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        for tensor in tensors.values():
            file.write(numpy.ascontiguousarray(tensor).astype("<f4").tobytes())


def load(path):
    """Tensors and metadata as they were given to save."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = numpy.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])
    return tensors, metadata
