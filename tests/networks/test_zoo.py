"""Models that nobody could run here, from the file to the mask, by stand-ins of their contracts.

`tests.networks.zoo` has the stand-ins. They are found, checked and loaded as the real ones are.
"""

import dataclasses
import sys
import types

import cv2
import numpy as np
import pytest

import automask
from automask import weights
from automask.networks import efficientsam, portrait
from automask.providers.base import Job, provider_of
from automask.types import Image
from automask.weights.source import sha256_of
from tests.networks import zoo

GRAY, SKIN = (90, 90, 90), (230, 0, 0)


@pytest.fixture
def held(tmp_path, monkeypatch):
    """``held(name, write)``: the file of a model in a folder of `AUTOMASK_MODELS`, and its hash."""
    rows = dict(weights.facts())
    module = sys.modules["automask.weights.facts"]  # the package has a function of its name
    monkeypatch.setattr(module, "facts", lambda: types.MappingProxyType(rows))
    monkeypatch.setenv("AUTOMASK_MODELS", str(tmp_path))

    def put(name, write):
        place = tmp_path / rows[name].file
        write(place)
        rows[name] = dataclasses.replace(
            rows[name], sha256=sha256_of(place), bytes=place.stat().st_size
        )
        return weights.get(name)

    return put


def painted(width, height, *patches, ground=GRAY):
    """A picture with patches (colour, x0, y0, x1, y1)."""
    rgb = np.full((height, width, 3), ground, np.uint8)
    for colour, x0, y0, x1, y1 in patches:
        rgb[y0:y1, x0:x1] = colour
    return Image(rgb)


def assert_boxes(picture, rule, wanted):
    """The regions are those of `wanted`, {label: box}; boxes are rounded outwards."""
    found = {region.label: tuple(region.box) for region in automask.regions(picture, rule)}
    assert set(found) == set(wanted)
    for label, box in wanted.items():
        assert np.allclose(found[label], box, atol=1), label


def test_nanodet_of_three_grids(held):
    held("nanodet_plus", zoo.nanodet)
    # half as large in the square of the network, with 52 black rows above it
    picture = painted(
        832, 624,
        (zoo.RED, 320, 152, 336, 168),  # one cell of 8 pixels: columns 160, rows 128 there
        (zoo.GREEN, 512, 88, 544, 120),  # of 16: 256, 96
        (zoo.BLUE, 128, 408, 192, 472),  # of 32: 64, 256
    )  # fmt: skip
    wanted = {
        "person": (328 - 32, 160 - 16, 328 + 32, 160 + 48),
        "cat": (528 - 64, 104 - 32, 528 + 64, 104 + 96),
        "car": (160 - 128, 440 - 64, 160 + 128, 624),  # cut by the picture's border
    }
    assert_boxes(picture, "object(score=40%)", wanted)


def test_nanodet_is_not_taken_in_by_blue_for_red(held):
    held("nanodet_plus", zoo.nanodet)
    picture = painted(832, 624, (zoo.BLUE, 128, 408, 192, 472))
    assert {region.label for region in automask.regions(picture, "object")} == {"car"}


def test_yolox(held):
    held("yolox_s", zoo.yolox)
    # half as large at the top left; cells of 64 pixels here
    picture = painted(
        1280, 960, (zoo.RED, 320, 192, 384, 256), (zoo.BLUE, 1024, 704, 1088, 768)
    )  # fmt: skip
    wanted = {
        "person": (336 - 64, 240 - 32, 336 + 64, 240 + 32),
        "car": (1040 - 64, 752 - 32, 1040 + 64, 752 + 32),
    }
    assert_boxes(picture, 'object(score=40%, model="yolox_s")', wanted)
    scores = [region.score for region in automask.regions(picture, 'object(model="yolox_s")')]
    assert scores == pytest.approx([0.45, 0.45])
    upright = painted(480, 640, (zoo.RED, 320, 192, 352, 224))
    assert_boxes(upright, 'object(model="yolox_s")', {"person": (296, 200, 360, 232)})


def test_plates(held):
    held("lpd_yunet", zoo.lpd)
    picture = painted(640, 300, (zoo.RED, 320, 160, 336, 176), (zoo.BLUE, 100, 100, 160, 160))
    (plate,) = automask.regions(picture, "plate")
    # the cell's centre is (164, 84) there, twice that here; 40 x 10 around it
    assert tuple(plate.box) == (288, 158, 368, 178)
    assert plate.area == 80 * 20


@pytest.mark.parametrize(("width", "height"), [(300, 200), (1024, 1024), (640, 1500)])
def test_the_thing_at_a_point_and_in_a_box(held, width, height):
    found = held("efficientsam_ti", zoo.efficientsam)
    edge = round(0.42 * width)
    picture = painted(width, height, (GRAY, edge, 0, width, height), ground=SKIN)
    down, across = np.mgrid[:height, :width] + 0.5
    far = np.hypot((across / width - 0.4) * 1024, (down / height - 0.6) * 1024)
    truth = (far <= 80) & (across < edge)
    mask = automask.mask(picture, "point(40%, 60%)")
    assert mask.models == (found.record,)
    box = 0.1 * width, 0.3 * height, 0.5 * width, 0.7 * height  # three quarters on: the same place
    for selected in (mask.array, efficientsam.in_box(picture, box, found)):
        assert (selected & truth).sum() / (selected | truth).sum() > 0.93


def test_boxes_of_a_detector_are_cut_out(held):
    held("nanodet_plus", zoo.nanodet)
    held("efficientsam_ti", zoo.efficientsam)
    picture = painted(832, 832, (zoo.RED, 256, 256, 272, 272), ground=(150, 80, 80))
    assert_boxes(picture, 'object("person", score=20%)', {"person": (232, 248, 296, 312)})


@pytest.mark.parametrize("shape", [(300, 300), (400, 150), (90, 200)])
def test_the_person_of_a_portrait(held, shape):
    found = held("pphumanseg", zoo.pphumanseg)
    rgb = np.full((*shape, 3), (20, 20, 230), np.uint8)
    rgb[: shape[0] // 3, shape[1] // 2 :] = SKIN
    seen = portrait.person_map(rgb, found)
    assert seen[:60, 100:].min() > 0.95
    assert max(seen[70:].max(), seen[:, :90].max()) < 0.05


def test_people_by_a_detector_and_pphumanseg(held):
    held("nanodet_plus", zoo.nanodet)
    held("pphumanseg", zoo.pphumanseg)
    picture = painted(832, 624, (SKIN, 320, 152, 336, 168), ground=(20, 20, 60))
    mask = automask.mask(picture, 'person(model="pphumanseg")')
    assert mask.array[152:168, 320:336].mean() > 0.9
    assert mask.area < 1000


@pytest.mark.parametrize(("width", "height"), [(900, 600), (333, 777), (2600, 2000)])
def test_lettering_of_any_size(held, width, height):
    held("ppocr3_en", zoo.ppocr3)
    line = width // 4, height // 2, width // 4 + 150, height // 2 + 12
    other = line[0], line[1] + 60, line[2], line[3] + 60
    picture = painted(width, height, (zoo.BLUE, *line), (zoo.RED, *other), ground=(250, 250, 250))
    (region,) = automask.regions(picture, 'text(model="ppocr3_en")')
    grown_px = 2.0 * 150 * 12 / (2 * (150 + 12))  # as far as the zoo's demo unclips
    assert np.allclose(region.box, np.add(line, np.multiply(grown_px, (-1, -1, 1, 1))), atol=3)


@pytest.mark.skipif(cv2.__version__ < "5", reason="the real network needs OpenCV 5")
def test_a_hole_is_filled(held):
    held("lama", zoo.lama)
    rgb = np.full((700, 900, 3), (180, 40, 90), np.uint8)
    mask = np.zeros((700, 900), np.uint8)
    cv2.circle(mask, (400, 300), 60, 255, -1)
    rgb[mask > 0] = 255
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    png = [cv2.imencode(".png", plane)[1].tobytes() for plane in (mask, bgr)]
    engine, job = provider_of("lama"), Job("zoo", png[0], "", png[1])
    assert engine.check(job) == []
    (answer,) = engine.progress(engine.submit(job)).pictures
    made = cv2.imdecode(np.frombuffer(answer, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.abs(made[300, 400].astype(int) - (180, 0, 0)).max() <= 1
    assert (made[0] == (180, 40, 90)).all()
