"""mask and diff: regions from another picture."""

import cv2
import numpy as np
import pytest
from PIL import Image as PILImage

from automask import maskops
from automask.errors import ImageError
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.strategies.files import Diff, MaskFile
from automask.types import Image

H, W = 90, 160


def photo(height=H, width=W):
    """Something like a photo: patches of colour, texture and soft noise."""
    rng = np.random.default_rng(7)
    patches = cv2.resize(rng.integers(30, 220, (6, 9, 3), np.uint8), (width, height))
    rough = cv2.GaussianBlur(rng.normal(0, 30, (height, width, 3)), (0, 0), 1.2)
    return np.clip(patches + rough, 0, 255).astype(np.uint8)


def blob():
    mask = np.zeros((H, W), bool)
    mask[20:50, 30:90] = True
    mask[60:80, 100:150] = True
    return mask


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def save(name, array, **options):
    PILImage.fromarray(array).save(name, **options)


def test_white_is_selected():
    save("m.png", blob().astype(np.uint8) * 255)
    assert np.array_equal(MaskFile("m.png").select(Image(photo())), blob())


def test_each_part_is_a_region():
    save("m.png", blob().astype(np.uint8) * 255)
    found = Evaluation(Image(photo())).regions(parse('mask("m.png")'))
    assert [region.box for region in found] == [(30, 20, 90, 50), (100, 60, 150, 80)]


def test_threshold_is_half():
    gray = np.full((H, W), 127, np.uint8)
    gray[:, 80:] = 128
    save("m.png", gray)
    selected = MaskFile("m.png").select(Image(photo()))
    assert selected[:, 80:].all()
    assert not selected[:, :80].any()


@pytest.mark.parametrize("mode", ["1", "P", "I;16"])
def test_kinds_of_files(mode):
    gray = PILImage.fromarray(blob().astype(np.uint8) * 255)
    if mode == "I;16":
        gray = PILImage.fromarray(blob().astype(np.uint16) * 65535)
    else:
        gray = gray.convert(mode)
    gray.save("m.png")
    assert np.array_equal(MaskFile("m.png").select(Image(photo())), blob())


def test_cut_out_is_selected_by_its_alpha():
    rgba = np.dstack([photo(), blob().astype(np.uint8) * 255])
    save("m.png", rgba)
    assert np.array_equal(MaskFile("m.png").select(Image(photo())), blob())


def test_opaque_alpha_says_nothing():
    white = np.repeat((blob().astype(np.uint8) * 255)[..., None], 3, axis=2)
    save("m.png", np.dstack([white, np.full((H, W), 255, np.uint8)]))
    assert np.array_equal(MaskFile("m.png").select(Image(photo())), blob())


def test_another_size_names_both_and_offers_to_fit():
    save("m.png", blob()[::2, ::2].astype(np.uint8) * 255)
    with pytest.raises(ImageError, match=r"80 x 45 .* 160 x 90.*fit=true"):
        MaskFile("m.png").select(Image(photo()))


def test_fit():
    save("m.png", blob()[::2, ::2].astype(np.uint8) * 255)
    selected = MaskFile("m.png", fit=True).select(Image(photo()))
    assert np.array_equal(selected, blob())


@pytest.mark.parametrize("fit", [False, True])
def test_another_shape_is_refused(fit):
    save("m.png", np.zeros((W, H), np.uint8))
    with pytest.raises(ImageError, match=r"90 x 160 .* 160 x 90, another shape") as caught:
        MaskFile("m.png", fit=fit).select(Image(photo()))
    assert "fit=true" not in str(caught.value)


@pytest.mark.parametrize("strategy", [MaskFile, Diff])
@pytest.mark.parametrize("path", ["nowhere.png", "-", "http://127.0.0.1:9/m.png", ""])
def test_only_files(strategy, path):
    """Not the standard input and no address: a rule reads files alone."""
    with pytest.raises(ImageError):
        strategy(path).select(Image(photo()))


def test_printed_rule_reads_back():
    for text in ('mask("m.png")', 'mask("m.png", fit=true)', 'diff("a b.png", tol=12%)'):
        assert str(parse(text)) == text


def changed(by):
    after = photo()
    after[blob()] = np.clip(after[blob()].astype(int) + by, 0, 255)
    return after


def test_same_picture_does_not_differ():
    save("before.png", photo())
    assert not Diff("before.png").select(Image(photo())).any()


def test_change_is_found_where_it_is():
    save("before.png", photo())
    found = Diff("before.png").select(Image(changed(60)))
    assert maskops.iou(found, blob()) > 0.9


@pytest.mark.parametrize("quality", [75, 90])
def test_compressed_again_is_the_same(quality):
    save("before.png", photo())
    save("after.jpg", photo(), quality=quality)
    again = np.asarray(PILImage.open("after.jpg"))
    assert Diff("before.png").select(Image(again.copy())).mean() < 0.002


def test_change_is_found_in_a_compressed_picture():
    save("before.png", photo())
    save("after.jpg", changed(60), quality=85)
    after = Image(np.asarray(PILImage.open("after.jpg")).copy())
    assert maskops.iou(Diff("before.png").select(after), blob()) > 0.85


def test_tolerance():
    """10 levels of gray are 4 % of the way from black to white, 40 levels are 16 %."""
    before = np.full((H, W, 3), 100, np.uint8)
    after = before.copy()
    after[:, 20:60] += 10
    after[:, 100:140] += 40
    save("before.png", before)
    image = Image(after)
    columns = [set(np.nonzero(Diff("before.png", t).select(image))[1]) for t in (0.02, 0.1, 0.2)]
    assert {30, 50, 110, 130} <= columns[0]
    assert columns[1] <= set(range(98, 142))
    assert {110, 130} <= columns[1]
    assert columns[2] == set()


def test_hue_alone_differs():
    before = np.full((H, W, 3), (90, 140, 90), np.uint8)
    after = before.copy()
    after[20:50, 30:90] = (200, 82, 108)  # as light as the ground
    save("before.png", before)
    assert maskops.iou(Diff("before.png").select(Image(after)), blob() & (np.arange(W) < 95)) > 0.9


def test_tall_picture_has_no_seams():
    """The strips that it is compared in do not show."""
    before = photo(700, 60)
    after = before.copy()
    after[200:600, 20:40] = 255 - after[200:600, 20:40]
    save("before.png", before)
    found = Diff("before.png", 0.2).select(Image(after))
    assert np.array_equal(found[300:], np.flipud(found_flipped(before, after))[300:])


def found_flipped(before, after):
    save("flipped.png", np.flipud(before).copy())
    return Diff("flipped.png", 0.2).select(Image(np.flipud(after).copy()))


def test_sizes_must_agree():
    save("before.png", photo(50, 70))
    with pytest.raises(ImageError, match=r"before.png has 70 x 50 .* 160 x 90"):
        Diff("before.png").select(Image(photo()))
