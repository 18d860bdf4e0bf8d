"""Masks as other tools look for them, read back the way that each of them reads."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageOps

import automask
from automask.batch import layouts
from automask.batch.items import Item, Options
from automask.batch.record import Record
from automask.batch.report import write
from automask.batch.report.annotations import ANNOTATIONS
from automask.errors import ArgumentError
from automask.images import rle

SAMPLES = Path(__file__).parents[2] / "samples"
RULE = "rect(0, 0, 50%, 25%) | rect(60%, 60%, 20%, 20%)"


def pixels(place):
    return np.array(Picture.open(place).convert("L")) == 255


@pytest.fixture
def turned(tmp_path):
    """A picture whose file holds it lying on its side."""
    place = tmp_path / "in" / "turned.jpg"
    place.parent.mkdir()
    exif = Picture.Exif()
    exif[0x112] = 6
    Picture.open(SAMPLES / "cat.jpg").resize((60, 40)).save(place, exif=exif, quality=95)
    return place


def items(*places, root):
    return [Item(p.relative_to(root).as_posix(), str(p)) for p in places]


def test_a_tool_that_does_not_turn_pictures_gets_the_mask_as_stored(turned, tmp_path, run_items):
    out, wanted = tmp_path / "out", Options(rule=RULE, layout="a1111,iopaint")
    run_items(out, items(turned, root=turned.parent), wanted)
    upright = automask.mask(turned, RULE).array
    stored = Picture.open(turned)
    iopaint = pixels(out / "iopaint" / "turned.png")
    assert iopaint.shape == np.array(stored).shape[:2] == (40, 60)
    assert np.array_equal(np.array(ImageOps.exif_transpose(stored)).shape[:2], upright.shape)
    assert np.array_equal(np.rot90(iopaint, -1), upright)
    assert np.array_equal(pixels(out / "a1111" / "turned.png"), upright)


def test_comfyui_reads_the_mask_from_the_transparency_and_finds_the_colours(
    turned, tmp_path, run_items
):
    out = tmp_path / "out"
    run_items(out, items(turned, root=turned.parent), Options(rule=RULE, layout="comfy"))
    read = Picture.open(out / "comfy" / "turned.jpg.png")
    mask = 1.0 - np.array(read.getchannel("A"), np.float32) / 255
    assert np.array_equal(mask == 1, automask.mask(turned, RULE).array)
    assert np.array_equal(np.array(read.convert("RGB")), automask.load(turned).rgb)


def copies(home, *names):
    """The folder `home`, with one picture under all of `names`."""
    home.mkdir()
    for name in names:
        shutil.copy(SAMPLES / "cat.jpg", home / name)
    return home


def test_twins_are_not_taken_for_each_other(tmp_path, run_items):
    home, out = copies(tmp_path / "in", "x.jpg", "x.jpeg", "x.y.jpg", "z.jpg"), tmp_path / "out"
    wanted = Options(rule=RULE, layout="iopaint")

    def made(*names):
        progress, _ = run_items(out, items(*(home / n for n in names), root=home), wanted)
        return progress, {p.name for p in (out / "iopaint").iterdir()}

    assert made("x.jpg", "x.y.jpg", "z.jpg")[1] == {"x.png", "x.y.png", "z.png"}
    progress, names = made("x.jpg", "x.y.jpg", "z.jpg", "x.jpeg")
    assert names == {"x.y.png", "z.png"}
    assert progress.unchanged == 2
    assert made("x.jpg", "x.y.jpg", "z.jpg", "x.jpeg")[0].unchanged == 4


def test_a_twin_that_comes_later_takes_the_mask_of_the_first_away(tmp_path, run_items):
    home, out = copies(tmp_path / "in", "x.jpg", "x.png", "x.png.jpg", "z.jpg"), tmp_path / "out"
    wanted = Options(rule=RULE, layout="iopaint")
    run_items(out, items(home / "x.jpg", home / "z.jpg", root=home), wanted)
    other = items(home / "z.jpg", root=home)
    run_items(out, other, Options(rule=RULE))  # of another wish: it stays as it was listed last
    progress, rows = run_items(out, items(home / "x.png", home / "x.png.jpg", root=home), wanted)
    assert (progress.total, progress.states) == (3, {"done": 3})
    assert {p.name for p in (out / "iopaint").iterdir()} == {"x.png.png"}
    assert rows["x.png.jpg"].outputs[1][0] == "iopaint/x.png.png"
    assert run_items(out, items(home / "x.png", root=home), wanted)[0].unchanged == 2


@pytest.mark.parametrize("ending", [b".jpeg", b".jp\xe9"])
def test_twins_whose_names_are_no_text(tmp_path, run_items, ending):
    home, out = tmp_path / "in", tmp_path / "out"
    home.mkdir()
    data = (SAMPLES / "cat.jpg").read_bytes()
    names = [os.fsdecode(b"caf\xe9.jpg"), "x.jpg"]
    names += [Path(name).stem + os.fsdecode(ending) for name in names]
    for name in (*names, "y.jpg"):
        (home / name).write_bytes(data)
    wanted = Options(rule=RULE, layout="iopaint,a1111,comfy,coco")
    progress, _ = run_items(out, items(*home.iterdir(), root=home), wanted)
    assert progress.states == {"done": 5}
    assert [p.name for p in (out / "iopaint").iterdir()] == ["y.png"]
    with Record(out, writing=False) as record:
        write(record, out, wanted)
    assert len(json.loads((out / "coco" / ANNOTATIONS).read_bytes())["images"]) == 5


def test_coco_has_the_regions_of_every_picture(turned, tmp_path, run_items):
    cat = turned.parent / "a" / "cat é.jpg"
    cat.parent.mkdir()
    shutil.copy(SAMPLES / "cat.jpg", cat)
    bad = turned.parent / "bad.jpg"
    bad.write_text("no picture")
    out, wanted = tmp_path / "out", Options(rule=RULE, layout="coco", on_empty="skip")
    every = items(turned, cat, bad, root=turned.parent)
    every.append(Item("empty.jpg", str(cat), rule="none"))
    run_items(out, every, wanted)
    with Record(out, writing=False) as record:
        write(record, out, wanted)
    told = json.loads((out / "coco" / ANNOTATIONS).read_bytes())
    assert [i["file_name"] for i in told["images"]] == ["turned.jpg", "a/cat é.jpg", "empty.jpg"]
    assert len({a["id"] for a in told["annotations"]}) == len(told["annotations"]) == 4
    assert {c["id"]: c["name"] for c in told["categories"]} == {1: "rect"}
    for image in told["images"][:2]:
        whole = np.zeros((image["height"], image["width"]), bool)
        for found in told["annotations"]:
            if found["image_id"] == image["id"]:
                part = rle.decode(found["segmentation"])
                x, y, w, h = found["bbox"]
                assert found["area"] == part.sum() == part[y : y + h, x : x + w].sum() > 0
                assert (found["category_id"], found["iscrowd"]) == (1, 0)
                whole |= part
        path = turned.parent / image["file_name"]
        assert np.array_equal(whole, automask.mask(path, RULE).array)


def test_the_run_lengths_of_a_region_are_those_of_the_whole_mask():
    random = np.random.default_rng(4)
    for turn in range(300):
        mask = random.random(random.integers(1, 9, 2)) < random.random()
        if turn % 7 == 0:
            mask[:] = True
        for region in automask.Region.of(mask):
            told = {"size": mask.shape, "counts": rle.counts(region.mask, region.box, mask.shape)}
            assert told["counts"] == json.loads(rle.encode(mask))["counts"]
            assert np.array_equal(rle.decode(told), mask)


def test_a_layout_is_part_of_the_recipe_and_goes_with_it(turned, tmp_path, run_items):
    out, every = tmp_path / "out", items(turned, root=turned.parent)
    for layout, unchanged in (("", 0), ("comfy", 0), ("comfy", 1), ("iopaint", 0)):
        progress, rows = run_items(out, every, Options(rule=RULE, layout=layout))
        assert progress.unchanged == unchanged
    assert not (out / "comfy" / "turned.jpg.png").exists()
    assert [place for place, _ in rows["turned.jpg"].outputs][1:] == ["iopaint/turned.png"]


def test_the_annotations_go_when_no_picture_is_wanted_in_them(turned, tmp_path, run_items):
    out, every = tmp_path / "out", items(turned, root=turned.parent)
    place = out / "coco" / ANNOTATIONS

    def there(layout, *more):
        wanted = Options(rule=RULE, layout=layout)
        run_items(out, [*every, *more], wanted)
        with Record(out, writing=False) as record:
            write(record, out, wanted)
        return place.exists() and len(json.loads(place.read_bytes())["annotations"])

    assert there("coco", Item("other.jpg", str(turned))) == 4
    assert there("") == 2  # other.jpg was not listed again and keeps its own
    assert there("", Item("other.jpg", str(turned))) is False


def test_pictures_in_review_have_no_mask_for_any_tool(turned, tmp_path, run_items):
    names = ",".join(layouts.LAYOUTS)
    out = tmp_path / "out"
    run_items(out, items(turned, root=turned.parent), Options(rule="none", layout=names))
    assert {p.name for p in out.iterdir() if p.is_dir()} == {"review"}


def test_a_layout_that_is_none():
    with pytest.raises(ArgumentError, match="no layout 'krita'; choose one of iopaint"):
        layouts.read(["coco", "krita"])
