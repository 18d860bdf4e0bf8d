"""Stand-ins for files that are too large or too far away for tests: their contracts in small.

Each takes and gives what the published file does: names, shapes, which of them are fixed, the order
and the range of the colours, what is inside of the file (a sigmoid, the mean of ImageNet) and what
is not. The things that they find are patches of a pure colour. Written from the sources that the
cards in `models` name, and not from the decoders, whose opposites are in `tests.networks.coding`.
"""

import itertools

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RED, GREEN, BLUE = (230, 0, 0), (0, 230, 0), (0, 0, 230)
BGR_MEAN, BGR_SPREAD = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)
IMAGENET_MEAN, IMAGENET_SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Graph:
    """Nodes and constants that are written down one after the other."""

    def __init__(self):
        self.nodes, self.fixed, self.names = [], [], (f"t{i}" for i in itertools.count())

    def const(self, value, dtype=np.float32):
        name = next(self.names)
        self.fixed.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def add(self, operator, *inputs, out="", **attributes):
        out = out or next(self.names)
        self.nodes.append(helper.make_node(operator, inputs, [out], **attributes))
        return out

    def channels(self, values):
        return self.const(np.reshape(values, (1, -1, 1, 1)))

    def cells(self, levels, stride, count):
        """The mean colour of each cell of a grid, of shape (1, count, 3)."""
        shape = {"kernel_shape": [stride, stride], "strides": [stride, stride]}
        pooled = self.add("AveragePool", levels, **shape)
        flat = self.add("Reshape", pooled, self.const([1, 3, count], np.int64))
        return self.add("Transpose", flat, perm=[0, 2, 1])

    def same_in_each(self, cells, numbers):
        """`numbers` in each cell, of shape (1, count, len(numbers))."""
        nothing = self.add("MatMul", cells, self.const(np.zeros((3, len(numbers)))))
        return self.add("Add", nothing, self.const(numbers))

    def save(self, path, inputs, outputs, opset=13):
        """Write the file; inputs and outputs are {name: shape}, whole numbers {name: (shape,)}."""

        def told(values):
            for name, shape in values.items():
                whole = isinstance(shape[0], tuple)
                kind = TensorProto.INT64 if whole else TensorProto.FLOAT
                yield helper.make_tensor_value_info(name, kind, shape[0] if whole else shape)

        graph = helper.make_graph(self.nodes, "tiny", [*told(inputs)], [*told(outputs)], self.fixed)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8
        )
        onnx.checker.check_model(model)
        onnx.save(model, path)


def classes_of_bgr(red, green, blue):
    """Weights from cells in BGR, 0 to 255, to scores of 80 classes: a full pure colour gives .9."""
    weights = np.zeros((3, 80), np.float32)
    for number, channel in ((blue, 0), (green, 1), (red, 2)):
        weights[:, number] = -1
        weights[channel, number] = 1
    return weights * 0.9 / 230


def nanodet(path):
    """Three grids; red is a person in the finest, green a cat in the next, blue a car in the last.

    Boxes reach two strides to the sides of the cell's centre, one up and three down.
    """
    graph, outputs = Graph(), {}
    bgr = graph.add(
        "Add", graph.add("Mul", "data", graph.channels(BGR_SPREAD)), graph.channels(BGR_MEAN)
    )
    for stride, wanted in ((8, 0), (16, 15), (32, 2)):
        count = (416 // stride) ** 2
        cells = graph.cells(bgr, stride, count)
        weights = classes_of_bgr(0, 15, 2)
        weights[:, np.arange(80) != wanted] = 0
        names = [f"{kind}_pred_stride_{stride}" for kind in ("cls", "dis")]
        likely = graph.add("MatMul", cells, graph.const(weights))
        graph.add("Clip", likely, graph.const(0.001), graph.const(1), out=names[0])
        bins = np.full((4, 8), -30.0)
        bins[[0, 1, 2, 3], [2, 1, 2, 3]] = 30
        graph.add("Identity", graph.same_in_each(cells, bins.ravel()), out=names[1])
        outputs |= {names[0]: (1, count, 80), names[1]: (1, count, 32)}
    graph.save(path, {"data": (1, 3, 416, 416)}, outputs)


def yolox(path):
    """One table; red is a person, green a cat, blue a car, in cells of 32 pixels, each half likely.

    Boxes are two cells wide and one high, their centres a quarter and three quarters into the cell.
    """
    graph, tables = Graph(), []
    for stride in (8, 16, 32):
        cells = graph.cells("images", stride, (640 // stride) ** 2)
        box = graph.same_in_each(cells, [0.25, 0.75, np.log(2), 0, 0.5])
        weights = classes_of_bgr(0, 15, 2) * (stride == 32)
        likely = graph.add("MatMul", cells, graph.const(weights))
        scores = graph.add("Clip", likely, graph.const(0), graph.const(1))
        tables.append(graph.add("Concat", box, scores, axis=2))
    graph.add("Concat", *tables, out="output", axis=1)
    graph.save(path, {"images": (1, 3, 640, 640)}, {"output": (1, 8400, 85)})


def lpd(path):
    """Red in a cell of 8 pixels is a plate of 40 x 10 around it, by the third prior of the cell."""
    graph = Graph()
    cells = graph.cells("input", 8, 30 * 40)
    weights = np.zeros((3, 3), np.float32)
    weights[:, 2] = -1 / 230, -1 / 230, 1 / 230
    likely = graph.add("MatMul", cells, graph.const(weights))
    fine = graph.add("Clip", likely, graph.const(0), graph.const(1))
    fine = graph.add("Reshape", fine, graph.const([3600, 1], np.int64))
    plate = graph.add("Concat", fine, graph.const(np.zeros((785, 1))), axis=0)
    nobody = graph.add("Sub", graph.const(1), plate)
    graph.add("Concat", nobody, plate, out="conf", axis=1)
    nothing = graph.add("Mul", plate, graph.const(0))
    graph.add("Add", nothing, graph.const(1.2), out="iou")
    across, down = 20 / 24 / 0.1, 5 / 24 / 0.1
    loc = [9, 9, 9, 9, -across, -down, across, -down, 9, 9, across, down, -across, down]
    graph.add("Add", nothing, graph.const(np.tile(loc, (4385, 1))), out="loc")
    outputs = {"loc": (4385, 14), "conf": (4385, 2), "iou": (4385, 1)}
    graph.save(path, {"input": (1, 3, 240, 320)}, outputs)


def efficientsam(path):
    """Disks of 40, 80 and 160 pixels around the mean of the marked points, where it is red.

    The second is the surest. The lower right corner of a box counts three times, and what is marked
    with nothing that the authors know not at all.
    """
    side = 1024
    graph = Graph()
    marks = graph.add("Reshape", "batched_point_labels", graph.const([1, 6], np.int64))
    known = [graph.add("Equal", marks, graph.const(mark)) for mark in (1, 2, 3)]
    point, start, end = (graph.add("Cast", each, to=TensorProto.FLOAT) for each in known)
    thrice = graph.add("Mul", end, graph.const(3))
    weights = graph.add("Add", graph.add("Add", point, start), thrice)
    column = graph.add("Reshape", weights, graph.const([1, 6, 1], np.int64))
    points = graph.add("Reshape", "batched_point_coords", graph.const([1, 6, 2], np.int64))
    axis = graph.const([1], np.int64)
    total = graph.add("ReduceSum", graph.add("Mul", points, column), axis, keepdims=0)
    centre = graph.add("Div", total, graph.add("ReduceSum", weights, axis, keepdims=1))
    apart = []
    for axis, shape in (([1], [0]), (1, 1, 1, side)), (([0], [1]), (1, 1, side, 1)):
        at = graph.add("MatMul", centre, graph.const(axis))
        at = graph.add("Reshape", at, graph.const([1, 1, 1, 1], np.int64))
        grid = graph.const(np.arange(side).reshape(shape) + 0.5)
        away = graph.add("Sub", grid, at)
        apart.append(graph.add("Mul", away, away))
    far = graph.add("Sqrt", graph.add("Add", *apart))
    disks = graph.add("Sub", graph.channels([40, 80, 160]), far)
    mean, spread = graph.channels(IMAGENET_MEAN), graph.channels(IMAGENET_SPREAD)
    seen = graph.add("Div", graph.add("Sub", "batched_images", mean), spread)
    red = graph.add("Conv", seen, graph.channels([1, 0, 0]))
    enough = graph.add("Mul", graph.add("Sub", red, graph.const(0.1)), graph.const(1e4))
    masks = graph.add("Min", disks, enough)
    graph.add("Reshape", masks, graph.const([1, 1, 3, side, side], np.int64), out="output_masks")
    nothing = graph.add("Mul", graph.add("ReduceMean", marks, axes=[1], keepdims=1), graph.const(0))
    likely = graph.add("Add", nothing, graph.const([[0.5, 0.9, 0.7]]))
    graph.add("Reshape", likely, graph.const([1, 1, 3], np.int64), out="iou_predictions")
    inputs = {
        "batched_images": (1, 3, side, side),
        "batched_point_coords": (1, 1, 6, 2),
        "batched_point_labels": (1, 1, 6),
    }
    outputs = {"output_masks": (1, 1, 3, side, side), "iou_predictions": (1, 1, 3)}
    graph.save(path, inputs, outputs)


def lama(path):
    """What is not masked as it is, 0 to 255; the hole in the mean of the red around it alone."""
    graph = Graph()
    kept = graph.add("Sub", graph.const([1]), "mask")
    seen = graph.add("Mul", "image", kept)
    means = (graph.add("ReduceMean", each, axes=[2, 3], keepdims=1) for each in (seen, kept))
    red = graph.add("Mul", graph.add("Div", *means), graph.channels([1, 0, 0]))
    both = graph.add("Add", seen, graph.add("Mul", "mask", red))
    graph.add("Mul", both, graph.const([255]), out="output")
    shapes = {"image": (1, 3, 512, 512), "mask": (1, 1, 512, 512)}
    graph.save(path, shapes, {"output": (1, 3, 512, 512)})


def pphumanseg(path):
    """Two planes that add up to 1: the second is high where there is more than half of all red."""
    graph = Graph()
    weights = np.zeros((2, 3, 1, 1), np.float32)
    weights[1, 0] = 10
    planes = graph.add("Conv", "x", graph.const(weights))
    out = "save_infer_model/scale_0.tmp_1"
    graph.add("Softmax", planes, out=out, axis=1)
    graph.save(path, {"x": (1, 3, 192, 192)}, {out: (1, 2, 192, 192)})


def ppocr3(path):
    """A map of two axes, high where the picture is blue and not red; any size."""
    graph = Graph()
    # the mean of ImageNet's red is that of the first plane, which is blue
    weights = np.float32([-1, 0, 1]) * np.float32(IMAGENET_SPREAD) * -20
    level = graph.add("Conv", "x", graph.const(weights.reshape(1, 3, 1, 1)))
    offset = -20 * (IMAGENET_MEAN[2] - IMAGENET_MEAN[0]) - 10
    sure = graph.add("Sigmoid", graph.add("Add", level, graph.const(offset)))
    graph.add("Squeeze", sure, graph.const([0, 1], np.int64), out="4")
    graph.save(path, {"x": (1, 3, "h", "w")}, {"4": ("h", "w")})
