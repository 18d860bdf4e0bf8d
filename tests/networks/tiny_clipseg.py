"""A network of CLIPSeg's contract that knows three words: red, green and blue things.

Each token has a weight a channel; a place is warm where the weighted channels of the picture are.
"""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE_PX = 352
WORDS = {"red": 1, "green": 2, "blue": 3, "thing": 4}
VOCABULARY = 49408


def write_network(path):
    """Write the network to `path`."""
    table = np.zeros((VOCABULARY, 3), np.float32)
    for channel, word in enumerate(("red", "green", "blue")):
        table[WORDS[word]] = -0.25
        table[WORDS[word], channel] = 1.0
    fixed = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([1], np.int64), "one"),
        numpy_helper.from_array(np.array([2], np.int64), "two"),
        numpy_helper.from_array(np.array([0, 3, -1], np.int64), "flat"),
        numpy_helper.from_array(np.array([-1, SIDE_PX, SIDE_PX], np.int64), "square"),
    ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["counts"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["counts", "two"], ["column"]),
        helper.make_node("Mul", ["each", "column"], ["heard"]),
        helper.make_node("ReduceSum", ["heard", "one"], ["sum"], keepdims=1),
        helper.make_node("Reshape", ["pixel_values", "flat"], ["pixels"]),
        helper.make_node("MatMul", ["sum", "pixels"], ["warm"]),
        helper.make_node("Reshape", ["warm", "square"], ["logits"]),
    ]
    inputs = [
        helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["b", 3, 352, 352]),
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["b", "s"]),
        helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["b", "s"]),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", 352, 352])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, fixed)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)


def write_tokenizer(path):
    """Write a tokenizer that splits at spaces, and sets no tokens around a text."""
    words = {"[UNK]": 0, **WORDS}
    told = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"},
    }
    path.write_text(json.dumps(told), "utf-8")
