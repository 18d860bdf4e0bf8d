"""contour and edges: shapes of known place are found there, each once, whatever they lie on."""

import cv2
import numpy as np
import pytest

from automask import maskops
from automask.errors import RuleError
from automask.segmentation.cells import cells
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.strategies.contour import Contour
from automask.strategies.edges import Edges
from automask.types import Image
from automask.values import Quantity

H, W, FINE = 300, 420, 8


def polygon(*corners):
    return lambda canvas: cv2.fillPoly(canvas, [np.array(corners, np.int32) * FINE], 1)


def turned(centre, size, degrees):
    return polygon(*cv2.boxPoints((centre, size, degrees)))


def ellipse(centre, axes, degrees=0):
    x, y = (FINE * c for c in centre)
    a, b = (FINE * c for c in axes)
    return lambda canvas: cv2.ellipse(canvas, (x, y), (a, b), degrees, 0, 360, 1, -1)


SHAPES = {
    "circle": ellipse((80, 70), (42, 42)),
    "ellipse": ellipse((330, 70), (65, 30), 25),
    "triangle": polygon((40, 270), (130, 250), (70, 170)),
    "rectangle": turned((220, 190), (110, 50), 30),
    "square": turned((345, 215), (70, 70), 10),
}
COLOURS = {
    "circle": (200, 60, 50),
    "ellipse": (60, 110, 190),
    "triangle": (235, 225, 90),
    "rectangle": (40, 40, 60),
    "square": (120, 190, 120),
}


def cover(draw):
    """How much of each pixel a shape covers, 0 to 1, drawn finer and averaged."""
    canvas = np.zeros((H * FINE, W * FINE), np.uint8)
    draw(canvas)
    return canvas.reshape(H, FINE, W, FINE).mean((1, 3))


COVERS = {name: cover(draw) for name, draw in SHAPES.items()}


def scene(ground, noise=0.0, names=tuple(SHAPES)):
    rgb = np.array(np.broadcast_to(ground, (H, W, 3)), np.float64)
    for name in names:
        rgb += COVERS[name][..., None] * (np.array(COLOURS[name]) - rgb)
    rgb += np.random.default_rng(5).normal(0, noise, rgb.shape)
    return Image(np.clip(np.round(rgb), 0, 255).astype(np.uint8))


def ramp():
    return np.linspace(110, 180, W)[None, :, None] + np.linspace(-15, 15, H)[:, None, None]


GROUNDS = {
    "plain": ((150, 150, 150), 0),
    "noise": ((150, 150, 150), 8),
    "ramp": (ramp(), 0),
    "noisy ramp": (ramp(), 6),
}


def full(region):
    return maskops.union([region], (H, W))


def jpeg(image, quality):
    _, data = cv2.imencode(".jpg", image.rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return Image(np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]))


@pytest.mark.parametrize("ground", GROUNDS)
def test_each_shape_once_and_in_place(ground):
    found = Contour().find(scene(*GROUNDS[ground]))
    assert len(found) == len(SHAPES)
    for name, share in COVERS.items():
        best = max(maskops.iou(full(region), share > 0.5) for region in found)
        assert best > (0.98 if GROUNDS[ground][1] == 0 else 0.96), name


def test_shapes_of_a_compressed_photo():
    found = Contour().find(jpeg(scene(*GROUNDS["noisy ramp"]), 75))
    assert len(found) == len(SHAPES)
    for name, share in COVERS.items():
        assert max(maskops.iou(full(region), share > 0.5) for region in found) > 0.95, name


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("circle", {"circle"}),
        ("ellipse", {"circle", "ellipse"}),
        ("triangle", {"triangle"}),
        ("square", {"square"}),
        ("rectangle", {"square", "rectangle"}),
        ("quad", {"square", "rectangle"}),
        ("any", set(SHAPES)),
    ],
)
def test_kind(kind, names):
    found = Contour(kind).find(scene(*GROUNDS["noise"]))
    matched = {
        name
        for name, share in COVERS.items()
        if any(maskops.iou(full(region), share > 0.5) > 0.9 for region in found)
    }
    assert matched == names
    assert len(found) == len(names)
    assert all(region.score >= 0.9 for region in found)


def test_slanted_box_is_a_quad_and_no_rectangle():
    share = cover(polygon((100, 80), (260, 60), (330, 220), (90, 190)))
    rgb = (40 + 170 * share[..., None] * np.ones(3)).astype(np.uint8)
    assert len(Contour("quad").find(Image(rgb))) == 1
    assert Contour("rectangle").find(Image(rgb)) == []


def test_nested_shapes_are_kept_apart():
    rgb = np.full((H, W, 3), 230, np.uint8)
    radii = (120, 80, 40)
    for radius, gray in zip(radii, (60, 200, 30), strict=True):
        cv2.circle(rgb, (210, 150), radius, (gray,) * 3, -1)
    found = sorted(Contour("circle").find(Image(rgb)), key=lambda r: -r.area)
    assert [region.area for region in found] == pytest.approx(
        [np.pi * r * r for r in radii], rel=0.03
    )


@pytest.mark.parametrize("width_px", [1, 2, 3])
def test_drawn_line_is_one_shape(width_px):
    rgb = np.full((H, W, 3), 240, np.uint8)
    cv2.rectangle(rgb, (60, 50), (340, 240), (20, 20, 20), width_px)
    (region,) = Contour().find(Image(rgb))
    assert region.area == pytest.approx(281 * 191, rel=0.04)
    assert region.area > 0.98 * region.box.area


def test_thick_frame_has_an_outside_and_an_inside():
    rgb = np.full((H, W, 3), 240, np.uint8)
    rgb[50:240, 60:340] = 20
    rgb[70:220, 80:320] = 240
    outside, inside = Contour("rectangle").find(Image(rgb))
    assert (outside.box, inside.box) == ((60, 50, 340, 240), (80, 70, 320, 220))


def test_colours_of_one_brightness():
    rgb = np.full((H, W, 3), (90, 140, 90), np.uint8)
    rgb[80:200, 100:300] = (200, 82, 108)
    assert abs(int(Image(rgb).gray[0, 0]) - int(Image(rgb).gray[100, 150])) <= 2
    (region,) = Contour("rectangle").find(Image(rgb))
    assert region.box == (100, 80, 300, 200)
    assert region.area >= 120 * 200 - 4  # corners are rounded by a pixel


def test_gap_is_bridged_up_to_its_width():
    rgb = np.full((H, W, 3), 240, np.uint8)
    cv2.rectangle(rgb, (100, 80), (300, 220), (20, 20, 20), 2)
    rgb[70:90, 196:204] = 240  # 8 px of the line are missing
    assert Contour("rectangle", gap=Quantity(4, "px")).find(Image(rgb)) == []
    (region,) = Contour("rectangle", gap=Quantity(10, "px")).find(Image(rgb))
    assert region.area == pytest.approx(201 * 141, rel=0.05)


def test_smallest_area():
    image = scene(*GROUNDS["plain"])
    areas = sorted(region.area for region in Contour().find(image))
    least = Quantity(areas[2], "px")
    assert sorted(r.area for r in Contour(min=least).find(image)) == areas[2:]


def test_larger_picture_follows_its_own_edges():
    """Outlines found in a reduced picture are brought back to every pixel of the full one."""
    rgb = np.full((1500, 2600, 3), (150, 140, 130), np.uint8)
    cv2.circle(rgb, (801, 703), 333, (40, 60, 150), -1)
    truth = np.any(rgb != rgb[0, 0], axis=2)
    (region,) = Contour("circle").find(Image(rgb))
    assert maskops.iou(maskops.union([region], truth.shape), truth) > 0.998


def test_noise_alone_has_no_shapes():
    rgb = np.random.default_rng(3).normal(128, 25, (H, W, 3))
    assert Contour().find(Image(np.clip(rgb, 0, 255).astype(np.uint8))) == []


def test_what_the_border_cuts_off_is_open():
    rgb = np.full((H, W, 3), 220, np.uint8)
    rgb[100:200, :150] = 40
    assert Contour().find(Image(rgb)) == []


def test_regions_in_reading_order_on_odd_images():
    for shape in ((1, 1), (1, 7), (9, 1), (2, 3), (40, 17)):
        rgb = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
        for region in Contour(min=Quantity(1, "px")).find(Image(rgb)):
            assert region.area >= 1
        assert Edges().select(Image(rgb)).shape == shape


def test_every_pixel_is_in_one_cell():
    rng = np.random.default_rng(8)
    rgb = rng.integers(0, 256, (60, 90, 3), np.uint8)
    for lines in (np.ones((60, 90), np.uint8), (rng.random((60, 90)) < 0.4).astype(np.uint8)):
        found = cells(rgb, lines, 2)
        assert found.labels.min() >= 1
        for number in np.unique(found.labels):
            ys, xs = np.nonzero(found.labels == number)
            assert found.box(number) == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)


def test_edges_lie_on_the_step():
    rgb = np.full((80, 120, 3), 90, np.uint8)
    rgb[:, 50:] = 140
    edges = Edges().select(Image(rgb))
    assert set(np.nonzero(edges)[1]) <= {49, 50}
    assert (edges.sum(1)[1:-1] == 1).all()


def test_edges_follow_sensitivity():
    rgb = np.full((90, 260, 3), 100, np.uint8)
    for i, step in enumerate((6, 12, 40, 120)):
        rgb[20:70, 20 + 60 * i : 50 + 60 * i] += np.uint8(step)
    found = [
        {int(x) // 60 for x in np.nonzero(Edges(s).select(Image(rgb)))[1]} for s in (0.25, 0.5, 1)
    ]
    assert found == [{3}, {2, 3}, {1, 2, 3}]


def test_edges_ignore_a_smooth_ramp():
    assert not Edges().select(scene(ramp(), 0, ())).any()


def test_rules_with_contour():
    image = scene(*GROUNDS["plain"])
    found = Evaluation(image).regions(parse("contour:solidity(>0.6):largest"))
    assert len(found) == 1
    with pytest.raises(RuleError, match="did you mean 'circle'"):
        parse("contour(circel)")
