"""A network of CLIPSeg's contract that knows red, green and blue, and a tokenizer of CLIP's.

Each token has a weight a channel; a place is warm where the weighted channels of the picture are.
As in the published file, a text is what was heard up to its first end token (the largest number of
a row), whatever follows, and the map of a single text has no axis for texts.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE_PX = 352
VOCABULARY = 49408
START, END = 49406, 49407
MERGES = "r e, re d/, g re, gre e, gree n/, b l, bl u, blu e/, t h, th i, thi n, thin g/"


def vocabulary():
    """CLIP's: the bytes, the bytes that end a word, what is merged, the two marks."""
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    merges = [tuple(pair.split()) for pair in MERGES.replace("/", "</w>").split(", ")]
    words = [*letters, *(letter + "</w>" for letter in letters), *map("".join, merges)]
    numbers = {word: number for number, word in enumerate(words)}
    return {**numbers, "<|startoftext|>": START, "<|endoftext|>": END}, merges


def write_network(path):
    """Write the network to `path`."""
    numbers, _ = vocabulary()
    table = np.zeros((VOCABULARY, 3), np.float32)
    for channel, word in enumerate(("red", "green", "blue")):
        table[numbers[f"{word}</w>"]] = -0.25
        table[numbers[f"{word}</w>"], channel] = 1.0
    whole = {"one": 1, "two": [2], "flat": [0, 3, -1], "thrice": [1, 1, 3]}
    whole["square"] = [-1, 1, SIDE_PX, SIDE_PX]
    fixed = [numpy_helper.from_array(np.array(v, np.int64), name) for name, v in whole.items()]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["counts"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["counts", "two"], ["column"]),
        helper.make_node("Mul", ["each", "column"], ["counted"]),
        helper.make_node("CumSum", ["counted", "one"], ["heard"]),
        helper.make_node("Cast", ["input_ids"], ["narrow"], to=TensorProto.INT32),
        helper.make_node("ArgMax", ["narrow"], ["end"], axis=1, keepdims=1),
        helper.make_node("Unsqueeze", ["end", "two"], ["ends"]),
        helper.make_node("Tile", ["ends", "thrice"], ["places"]),
        helper.make_node("GatherElements", ["heard", "places"], ["sum"], axis=1),
        helper.make_node("Reshape", ["pixel_values", "flat"], ["pixels"]),
        helper.make_node("MatMul", ["sum", "pixels"], ["warm"]),
        helper.make_node("Reshape", ["warm", "square"], ["maps"]),
        helper.make_node("Squeeze", ["maps"], ["logits"]),
    ]
    inputs = [
        helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["b", 3, 352, 352]),
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["b", "s"]),
        helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["b", "s"]),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", 352, 352])]
    fixed.append(numpy_helper.from_array(table, "table"))
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, fixed)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)


def write_tokenizer(path):
    """Write CLIP's tokenizer with a few words: byte pairs of small letters, between two marks."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    numbers, merges = vocabulary()
    tokenizer = Tokenizer(models.BPE(numbers, merges, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    words = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", END), ("<|startoftext|>", START), trim_offsets=False
    )
    tokenizer.add_special_tokens(["<|startoftext|>", "<|endoftext|>"])
    tokenizer.save(str(path))
