"""Writes small ONNX files by hand: just enough of its protobuf for a few nodes and constants."""

import numpy as np

FLOAT = 1


def network(nodes, inputs, outputs, constants):
    """The bytes of a model.

    `nodes` are (operator, inputs, output, attributes), inputs and outputs {name: shape}, constants
    {name: float array}; an attribute is a whole number or a list of them.
    """
    graph = b"".join(_held(1, _node(*node)) for node in nodes)
    graph += _held(2, b"tiny")
    graph += b"".join(_held(5, _tensor(name, array)) for name, array in constants.items())
    graph += b"".join(_held(11, _value(name, shape)) for name, shape in inputs.items())
    graph += b"".join(_held(12, _value(name, shape)) for name, shape in outputs.items())
    return _whole(1, 6) + _held(7, graph) + _held(8, _held(1, b"") + _whole(2, 9))


def _node(operator, inputs, output, attributes):
    parts = b"".join(_held(1, name.encode()) for name in inputs) + _held(2, output.encode())
    parts += _held(3, output.encode()) + _held(4, operator.encode())
    return parts + b"".join(_held(5, _attribute(*item)) for item in attributes.items())


def _attribute(name, value):
    if isinstance(value, int):
        return _held(1, name.encode()) + _whole(3, value) + _whole(20, 2)
    return _held(1, name.encode()) + b"".join(_whole(8, v) for v in value) + _whole(20, 7)


def _tensor(name, array):
    sizes = b"".join(_whole(1, size) for size in array.shape)
    return (
        sizes + _whole(2, FLOAT) + _held(8, name.encode()) + _held(9, array.astype("<f4").tobytes())
    )


def _value(name, shape):
    sizes = b"".join(_held(1, _whole(1, size)) for size in shape)
    return _held(1, name.encode()) + _held(2, _held(1, _whole(1, FLOAT) + _held(2, sizes)))


def _whole(field, value):
    return _varint(field << 3) + _varint(value)


def _held(field, content):
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def efficientsam(radius_px=200.0, side_px=1024):
    """A network of EfficientSAM's contract: its masks and scores depend on what it is asked.

    It offers two masks, a disk around the first point and a disk around the second, both without
    what is black in the picture; and it is surest of the one whose point has the higher mark.
    """
    grid = np.arange(side_px, dtype=np.float32)
    nodes, halves = [], []
    for point in (0, 1):
        names = [f"{axis}{point}" for axis in "xy"]
        for axis, name in enumerate(names):
            cut = {"axes": [2, 3], "starts": [point, axis], "ends": [point + 1, axis + 1]}
            nodes += [
                ("Slice", ["batched_point_coords"], name, cut),
                ("Sub", [f"grid_{'xy'[axis]}", name], f"d{name}", {}),
                ("Mul", [f"d{name}"] * 2, f"q{name}", {}),
            ]
        nodes += [
            ("Add", [f"q{name}" for name in names], f"far{point}", {}),
            ("Sub", ["square", f"far{point}"], f"disk{point}", {}),
            ("Sub", [f"disk{point}", "dark"], f"mask{point}", {}),
        ]
        halves.append(f"mask{point}")
    nodes = [
        ("Slice", ["batched_images"], "red", {"axes": [1], "starts": [0], "ends": [1]}),
        ("Sub", ["one", "red"], "black", {}),
        ("Relu", ["black"], "shade", {}),
        ("Mul", ["shade", "much"], "dark", {}),
        *nodes,
        ("Concat", halves, "output_masks", {"axis": 1}),
        ("Slice", ["batched_point_labels"], "iou_predictions",
         {"axes": [2], "starts": [0], "ends": [2]}),
    ]  # fmt: skip
    return network(
        nodes,
        {
            "batched_images": (1, 3, side_px, side_px),
            "batched_point_coords": (1, 1, 6, 2),
            "batched_point_labels": (1, 1, 6, 1),
        },
        {"output_masks": (1, 2, side_px, side_px), "iou_predictions": (1, 1, 2, 1)},
        {
            "grid_x": grid.reshape(1, 1, 1, -1),
            "grid_y": grid.reshape(1, 1, -1, 1),
            "square": np.full((1, 1, 1, 1), radius_px**2, np.float32),
            "one": np.full((1, 1, 1, 1), 0.01, np.float32),
            "much": np.full((1, 1, 1, 1), 1e9, np.float32),
        },
    )
