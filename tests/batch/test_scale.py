"""`--scale`: rules computed on smaller pictures, masks at full size."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

import automask
from automask import maskops
from automask.batch import report
from automask.batch.items import Item, Options
from automask.batch.record import Record
from automask.cli.app import app
from automask.errors import ArgumentError
from automask.images import encode
from automask.images.orient import as_stored
from automask.images.reduced import from_bytes
from automask.selector import syntax
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.selector.reduced import reduced
from automask.strategies.base import STRATEGIES
from automask.types import Region


@pytest.fixture
def disks(tmp_path):
    """A photo of odd sides with two red disks, and where it is."""
    rgb = np.full((603, 805, 3), 200, np.uint8)
    for centre, radius in (((250, 300), 120), ((600, 200), 60)):
        cv2.circle(rgb, centre, radius, (210, 25, 35), -1, cv2.LINE_AA)
    place = tmp_path / "photo.jpg"
    place.write_bytes(encode.encode_picture(rgb, ".png"))
    cv2.imwrite(str(place), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    return place


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize(
    "rule",
    [
        'color("red"):grow(8px)',
        'color("red"):area(>20000px)',
        'color("red"):near(rect(0, 0, 100px, 100px), 240px)',
        "ellipse(80px, 60px, 50%, 300px) - rect(200px, 100px, 40px, 40px)",
    ],
)
def test_a_rule_in_pixels_selects_the_same_at_a_part_of_the_size(disks, rule, scale):
    tree, data = parse(rule), disks.read_bytes()
    whole = Evaluation(automask.load(disks)).pixels(tree)
    small = from_bytes(data, "photo", "digest", scale)
    mask = small.enlarged(Evaluation(small.image).pixels(reduced(tree, scale)))
    assert mask.shape == whole.shape == small.shape
    assert maskops.iou(mask, whole) > 1 - 0.01 * scale


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_turned_pictures_of_odd_sides_keep_their_place(orientation, suffix):
    from PIL import Image as Picture

    seen = np.full((51, 37, 3), 255, np.uint8)
    seen[30:46, 20:36] = 0
    stored = as_stored(seen, orientation)
    exif = Picture.Exif()
    exif[274] = orientation
    file = BytesIO()
    kind = {".jpg": "JPEG", ".png": "PNG"}[suffix]
    Picture.fromarray(stored).save(file, kind, exif=exif, quality=95)
    small = from_bytes(file.getvalue(), "x", "", 2)
    mask = small.enlarged(small.image.gray < 100)
    assert small.shape == mask.shape == (51, 37)
    (found,), (wanted,) = Region.of(mask), Region.of(seen[..., 0] == 0)
    assert found.centroid == pytest.approx(wanted.centroid, abs=0.75)
    assert found.area == pytest.approx(wanted.area, rel=0.25)  # a side of 16 px, to a pixel


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1), (3, 2)])
def test_tiny_pictures_have_masks_of_their_size(shape):
    data = encode.encode_picture(np.zeros((*shape, 3), np.uint8), ".png")
    small = from_bytes(data, "x", "", 4)
    assert small.enlarged(np.ones(small.image.shape, bool)).all()
    assert small.enlarged(np.ones(small.image.shape, bool)).shape == shape


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ('mask("a.png")', "mask needs the whole picture"),
        ('color("red") & diff("a.png")', "diff needs the whole picture"),
        ('color("red"):expect(2)', "expect needs the whole picture"),
        ('color("red"):grow(1px)', "1px is less than a pixel at 1/2"),
        ('color("red"):despeckle(3px)', "3px is less than a pixel at 1/2"),
        ('color("red"):near(text, 9px)', "text needs the whole picture"),
        ("dark:leftmost", "leftmost needs the whole picture"),
        ("dark:first", "first needs the whole picture"),
        ("dark:inside(bright)", "inside needs the whole picture"),
        ("dark[0]", "an index counts regions"),
        ("sky | dark[1:]", "an index counts regions"),
        ("dark:limit(count=1..3)", "limit counts regions"),
        ("dark:top(2, by=x)", "top by x needs the whole picture"),
    ],
)
def test_what_means_something_else_on_a_smaller_picture_is_named(rule, why):
    with pytest.raises(ArgumentError, match=why):
        reduced(parse(rule), 2)


@pytest.mark.parametrize(
    "name", [n for n in STRATEGIES if STRATEGIES[n].reducible and not STRATEGIES[n].needs]
)
def test_strategies_that_say_so_find_about_the_same(name, picture_of):
    tree = parse(STRATEGIES[name].example)
    tree = tree.source if isinstance(tree, syntax.Item) else tree
    whole = Evaluation(automask.load(picture_of)).pixels(tree)
    small = from_bytes(encode.encode_picture(picture_of, ".png"), "x", "", 2)
    mask = small.enlarged(Evaluation(small.image).pixels(reduced(tree, 2)))
    assert maskops.iou(mask, whole) > 0.9 or (mask != whole).mean() < 0.01


@pytest.fixture
def picture_of():
    """A picture with colours, lights and a sky."""
    small = np.random.default_rng(3).integers(0, 256, (6, 9, 3), np.uint8)
    rgb = cv2.resize(small, (900, 600), interpolation=cv2.INTER_CUBIC)
    rgb[:200] = (120, 170, 230)
    return rgb


def test_a_batch_says_at_which_scale_and_looks_again_at_what_is_stopped(disks, tmp_path, run_items):
    out = tmp_path / "out"
    rules = {
        "small": 'color("red"):grow(8px)',
        "whole": 'color("red"):grow(1px)',
        "stopped": 'color("red"):limit(area=>80%)',
        "empty": 'color("blue")',
    }
    items = [Item(name, str(disks), rule=rule) for name, rule in rules.items()]
    options = Options(scale=2, format="cutout", preview=True)
    _, rows = run_items(out, items, options)
    told = {name: (row.state, row.facts["scale"]) for name, row in rows.items()}
    assert told["small"] == ("done", 2)
    assert told["whole"] == ("done", 1)
    assert told["stopped"] == ("review", 1)
    assert told["empty"] == ("review", 1)
    assert rows["small"].facts["regions"] == 2
    assert (rows["small"].facts["width"], rows["small"].facts["height"]) == (805, 603)
    cut = automask.load(out / "masks" / "small.png")
    assert cut.shape == (603, 805)
    assert cut.rgb[300, 250, 0] > 150  # the picture's own pixels, whole
    with Record(out, writing=False) as record:
        report.write(record, out, options)
    assert (out / "report.jsonl").read_text().count('"scale": 1') == 3


@pytest.mark.parametrize("scale", [2, 4])
def test_regions_are_counted_on_the_small_picture(tmp_path, run_items, scale):
    rgb = np.full((400, 600, 3), 200, np.uint8)
    for x0 in (40, 500, 560):  # the box around two of them lies beyond the small picture
        rgb[300:380, x0 : x0 + 30] = (210, 25, 35)
    place = tmp_path / "photo.png"
    place.write_bytes(encode.encode_picture(rgb, ".png"))
    (tmp_path / "right.png").write_bytes(encode.encode_picture(rgb[:, 450:], ".png"))
    below = np.concatenate([np.full_like(rgb, 200), rgb])
    (tmp_path / "below.png").write_bytes(encode.encode_picture(below, ".png"))
    items = [Item(name, str(tmp_path / name)) for name in ("photo.png", "right.png", "below.png")]
    _, rows = run_items(tmp_path / "out", items, Options(rule='color("red")', scale=scale))
    assert [row.facts["scale"] for row in rows.values()] == [scale] * 3
    assert [row.facts["regions"] for row in rows.values()] == [3, 2, 3]


def test_limits_are_of_the_whole_picture(disks, tmp_path, run_items):
    options = Options(rule='color("red")', scale=4, limit="area=50000px..60000px, width=600px..")
    _, rows = run_items(tmp_path / "out", [Item("x", str(disks))], options)
    assert rows["x"].state == "review"  # its width is 530px
    options = Options(rule='color("red")', scale=4, limit="area=50000px..60000px, width=500px..")
    _, rows = run_items(tmp_path / "out", [Item("x", str(disks))], options)
    assert (rows["x"].state, rows["x"].facts["scale"]) == ("done", 4)


def test_the_command_line_says_what_it_leaves_aside(disks, tmp_path):
    asked = ["batch", 'color("red"):expect(2)', str(disks), "-o", str(tmp_path / "out")]
    told = CliRunner().invoke(app, [*asked, "--scale", "1/2"])
    assert told.exit_code == 0
    assert "expect needs the whole picture" in told.stderr
