"""Writes ONNX models of an attention task, one or several copies of it in series.

    onnx_models.py FOLDER COPIES NAME=VALUE...

The values are those of AttendTask and LayerTask (peer.hpp); model_dim is 0 for attention alone.
Each way to express the task, if it can, becomes FOLDER/<way>.1.onnx and FOLDER/<way>.<COPIES>.onnx,
in which a copy's output is the next one's query, or x. Inputs and outputs are named after the
tensors that the caller has; a name may end in a dot and a number, because names must differ.

Weights are the caller's files FOLDER/<name>.f32. They are constants of a model, which the runtime
may rearrange in advance, once for every copy; or, in the ways that end in _shared, inputs.
"""
import pathlib
import sys
from types import SimpleNamespace

import numpy
from onnx import TensorProto, helper, numpy_helper

OPSETS = [helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)]


class Impossible(Exception):
    """The task cannot be expressed in this way."""


class Graph:
    """A graph in the making: nodes, constants, inputs and outputs."""

    def __init__(self, task, folder, shared):
        self.task, self.folder, self.shared = task, folder, shared
        self.nodes, self.constants, self.inputs, self.outputs = [], {}, {}, {}

    def node(self, operator, inputs, outputs, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs[0]

    def microsoft(self, operator, inputs, outputs, **attributes):
        return self.node(operator, inputs, outputs, domain="com.microsoft", **attributes)

    def input(self, name, *sizes):
        self.inputs[name] = helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)
        return name

    def output(self, name, *sizes):
        self.outputs[name] = helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)
        return name

    def constant(self, name, array):
        self.constants[name] = numpy_helper.from_array(numpy.ascontiguousarray(array), name)
        return name

    def weight(self, name, rows, columns, part=None):
        """[rows][columns], or a vector if rows is 0; part: a slice of the columns."""
        sizes = (rows, columns) if rows else (columns,)
        if self.shared and part is None:
            return self.input(name, *sizes)
        if self.shared:
            raise Impossible
        array = numpy.fromfile(self.folder / f"{name}.f32", numpy.float32).reshape(sizes)
        if part is None:
            return self.constant(name, array)
        return self.constant(f"{name}_{part.start}", array[..., part])

    def linear(self, x, name, rows, columns, out):
        product = self.node("MatMul", [x, self.weight(f"{name}_weight", rows, columns)],
                            [f"{out}.product"])
        return self.node("Add", [product, self.weight(f"{name}_bias", 0, columns)], [out])

    def model(self):
        graph = helper.make_graph(self.nodes, "task", list(self.inputs.values()),
                                  list(self.outputs.values()), list(self.constants.values()))
        return helper.make_model(graph, opset_imports=OPSETS, ir_version=8)


# The ways to attend: each takes the graph, the query, the number of the copy, the name of its
# output, and perhaps keys and values as the layer has made them.

def multi_head(graph, query, copy, out, key=None, value=None, bias=""):
    t = graph.task
    if t.heads != t.kv_heads or (t.causal and t.position):
        raise Impossible
    return graph.microsoft("MultiHeadAttention", [query, key, value, bias], [out],
                           num_heads=t.heads, scale=t.scale, unidirectional=int(t.causal))


def multi_head_by_head(graph, query, copy, out):
    t = graph.task
    return multi_head(graph, query, copy, out, graph.input("key_by_head", *t.cache),
                      graph.input("value_by_head", *t.cache))


def multi_head_by_token(graph, query, copy, out):
    t = graph.task
    sizes = (1, t.keys, t.kv_heads * t.width)
    return multi_head(graph, query, copy, out, graph.input("key_by_token", *sizes),
                      graph.input("value_by_token", *sizes))


def standard(graph, query, copy, out):
    """The operator of the ONNX standard, on heads."""
    t = graph.task
    inputs = [query, graph.input("key_by_head", *t.cache), graph.input("value_by_head", *t.cache)]
    if t.causal and t.position:
        seen = numpy.tri(t.tokens, t.keys, t.position, dtype=bool)
        inputs.append(graph.constant("seen", seen))
    return graph.node("Attention", inputs, [out], scale=t.scale,
                      is_causal=int(t.causal and not t.position))


def grouped(graph, query, copy, out, key=None, value=None):
    """Appends the call's own keys and values to the cache, in place; the query may hold them."""
    t = graph.task
    if not t.causal and t.tokens > 1:
        raise Impossible
    if key is None:
        new = (1, t.tokens, t.kv_heads * t.width)
        key, value = graph.input("new_key_by_token", *new), graph.input("new_value_by_token", *new)
    caches = [graph.input("key_by_head", *t.cache), graph.input("value_by_head", *t.cache)]
    after = [graph.output(f"{name}.{copy}", *t.cache) for name in caches]
    last = graph.constant("last", numpy.array([t.keys - 1], numpy.int32))
    total = graph.constant("total", numpy.array(t.keys, numpy.int32))
    return graph.microsoft("GroupQueryAttention", [query, key, value, *caches, last, total],
                           [out, *after], num_heads=t.heads, kv_num_heads=t.kv_heads, scale=t.scale)


# The ways to compute a layer: projections around one of those.

def merged_layer(graph, x, copy, out):
    """One operator projects and attends."""
    t = graph.task
    if t.heads != t.kv_heads or t.position:
        raise Impossible
    by_token = graph.microsoft(
        "Attention",
        [x, graph.weight("input_weight", t.model_dim, t.input_width),
         graph.weight("input_bias", 0, t.input_width)],
        [f"{out}.attended"], num_heads=t.heads, scale=t.scale, unidirectional=int(t.causal))
    return graph.linear(by_token, "output", t.model_dim, t.model_dim, out)


def multi_head_layer(graph, x, copy, out):
    """Three products; the operator adds the biases."""
    t = graph.task
    if t.heads != t.kv_heads or t.position:
        raise Impossible
    parts = [slice(i * t.model_dim, (i + 1) * t.model_dim) for i in range(3)]
    projected = [
        graph.node("MatMul", [x, graph.weight("input_weight", t.model_dim, t.input_width, part)],
                   [f"{out}.part_{part.start}"]) for part in parts]
    by_token = multi_head(graph, projected[0], copy, f"{out}.attended", *projected[1:],
                          graph.weight("input_bias", 0, t.input_width))
    return graph.linear(by_token, "output", t.model_dim, t.model_dim, out)


def grouped_layer(graph, x, copy, out):
    """One product for queries, keys and values, which the operator takes as they are."""
    t = graph.task
    packed = graph.linear(x, "input", t.model_dim, t.input_width, f"{out}.packed")
    by_token = grouped(graph, packed, copy, f"{out}.attended", "", "")
    return graph.linear(by_token, "output", t.model_dim, t.model_dim, out)


def standard_layer(graph, x, copy, out):
    """The operator of the ONNX standard, on tokens."""
    t = graph.task
    if t.position:
        raise Impossible
    packed = graph.linear(x, "input", t.model_dim, t.input_width, f"{out}.packed")
    widths = [t.model_dim, t.kv_heads * t.width, t.kv_heads * t.width]
    parts = [f"{out}.{name}" for name in ("query", "key", "value")]
    graph.node("Split", [packed, graph.constant("widths", numpy.array(widths, numpy.int64))], parts,
               axis=2)
    by_token = graph.node("Attention", parts, [f"{out}.attended"], scale=t.scale,
                          is_causal=int(t.causal), q_num_heads=t.heads, kv_num_heads=t.kv_heads)
    return graph.linear(by_token, "output", t.model_dim, t.model_dim, out)


ATTEND_WAYS = {
    "multi_head_by_head": (multi_head_by_head, "by_token"),
    "multi_head_by_token": (multi_head_by_token, "by_token"),
    "standard": (standard, "by_head"),
    "grouped": (grouped, "by_token"),
}
LAYER_WAYS = {
    "merged": merged_layer,
    "multi_head": multi_head_layer,
    "grouped": grouped_layer,
    "standard": standard_layer,
}


def write(task, folder, name, copies, add, ends, sizes, shared=False):
    """`ends` are the names of what goes in and comes out, of these sizes."""
    graph = Graph(task, folder, shared)
    current = graph.input(ends[0], *sizes)
    for copy in range(copies):
        out = ends[1] if copy == copies - 1 else f"step.{copy}"
        current = add(graph, current, copy, out)
    graph.output(ends[1], *sizes)
    (folder / f"{name}.{copies}.onnx").write_bytes(graph.model().SerializeToString())


def ways(task):
    """(name, function, names of its ends, sizes of its ends, whether weights are inputs)"""
    if task.model_dim:
        for name, add in LAYER_WAYS.items():
            for shared in (False, True):
                yield (name + "_shared" * shared, add, ("x", "y"),
                       (1, task.tokens, task.model_dim), shared)
        return
    sizes = {"by_head": (1, task.heads, task.tokens, task.width),
             "by_token": (1, task.tokens, task.heads * task.width)}
    for name, (add, layout) in ATTEND_WAYS.items():
        yield name, add, (f"query_{layout}", f"out_{layout}"), sizes[layout], False


def main():
    folder, copies = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    task = SimpleNamespace(**{name: float(value) if name == "scale" else int(value)
                              for name, value in (word.split("=") for word in sys.argv[3:])})
    task.position = task.keys - task.tokens
    task.causal = bool(task.causal) and task.tokens > 1  # one token sees all that is there
    task.input_width = (task.heads + 2 * task.kv_heads) * task.width
    task.cache = (1, task.kv_heads, task.keys, task.width)
    for name, add, ends, sizes, shared in ways(task):
        try:
            for count in (1, copies):
                write(task, folder, name, count, add, ends, sizes, shared)
        except Impossible:
            continue


main()
