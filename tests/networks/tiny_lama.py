"""A network of LaMa's contract that paints every hole in the mean colour of the rest."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def write_network(path):
    """Write the network to `path`."""
    fixed = [
        numpy_helper.from_array(np.array([1.0], np.float32), "whole"),
        numpy_helper.from_array(np.array([255.0], np.float32), "white"),
    ]
    nodes = [
        helper.make_node("Sub", ["whole", "mask"], ["kept"]),
        helper.make_node("Mul", ["image", "kept"], ["seen"]),
        helper.make_node("ReduceMean", ["seen"], ["light"], axes=[2, 3], keepdims=1),
        helper.make_node("ReduceMean", ["kept"], ["share"], axes=[2, 3], keepdims=1),
        helper.make_node("Div", ["light", "share"], ["mean"]),
        helper.make_node("Mul", ["mean", "mask"], ["painted"]),
        helper.make_node("Add", ["seen", "painted"], ["both"]),
        helper.make_node("Mul", ["both", "white"], ["output"]),
    ]
    inputs = [
        helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 512, 512]),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 1, 512, 512]),
    ]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3, 512, 512])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, fixed)
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
