import base64
import hashlib
import io

import numpy as np
import pytest
from PIL import Image as Picture

from automask.errors import PreflightError
from automask.imaginepro import masks


def png(bits):
    stream = io.BytesIO()
    Picture.fromarray(bits.astype(np.uint8) * 255).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def bits():
    mask = np.random.default_rng(3).random((61, 97)) < 0.3
    mask[20:40, 30:80] = True
    return mask


@pytest.mark.parametrize("kind", ["webp", "png"])
def test_what_is_sent_is_the_mask_with_two_values_and_nothing_else(bits, kind):
    sent = masks.prepared(png(bits), kind)
    data = base64.b64decode(sent.text, validate=True)
    picture = Picture.open(io.BytesIO(data))
    assert picture.format == kind.upper()
    assert picture.mode in ("L", "RGB")  # 8 bits a channel, opaque
    assert not picture.info.keys() & {"exif", "icc_profile", "xmp", "comment"}
    values = np.asarray(picture.convert("RGB"))
    assert set(np.unique(values).tolist()) == {0, 255}
    assert np.array_equal(values.min(axis=2) == 255, bits)
    assert np.array_equal(values.max(axis=2) == 255, bits)
    assert (sent.width, sent.height) == (97, 61)
    assert sent.coverage == pytest.approx(bits.mean())


def test_webp_is_lossless_and_png_has_eight_bits(bits):
    assert b"VP8L" in masks.prepared(png(bits), "webp").data[:32]
    assert masks.prepared(png(bits), "png").data[24] == 8


def test_people_see_the_mask_shortened(bits):
    sent = masks.prepared(png(bits), "webp")
    assert sent.shortened.startswith(sent.text[:20])
    assert f"({len(sent.text)} characters)" in sent.shortened
    assert len(sent.shortened) < 60
    facts = sent.facts()
    assert facts["sha256"] == hashlib.sha256(base64.b64decode(sent.text)).hexdigest()
    assert sent.text[:40] not in repr(sent)


@pytest.mark.parametrize("data", [b"", b"nothing", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_mask_is_refused(data):
    with pytest.raises(PreflightError, match="cannot be used"):
        masks.prepared(data, "webp")


def test_an_empty_mask_is_refused():
    with pytest.raises(PreflightError, match="selects nothing"):
        masks.prepared(png(np.zeros((5, 9), bool)), "webp")


def test_a_soft_mask_is_refused():
    stream = io.BytesIO()
    Picture.fromarray(np.full((5, 9), 100, np.uint8)).save(stream, "PNG")
    with pytest.raises(PreflightError, match="other values than 0 and 255"):
        masks.prepared(stream.getvalue(), "webp")


@pytest.mark.parametrize(
    ("mask", "parent", "said"),
    [
        ((1024, 1024), (1024, 768), "another shape"),
        ((768, 1024), (1024, 768), "another shape"),
        ((512, 384), (1024, 768), "scale it"),
        ((2048, 1537), (1024, 768), "scale it"),
    ],
)
def test_sizes_must_agree(mask, parent, said):
    masks.check_size(parent, parent)
    with pytest.raises(PreflightError, match=said):
        masks.check_size(mask, parent)


def test_advice_is_a_note():
    mask = np.zeros((40, 60), bool)
    mask[:2, :3] = True
    assert "advises" in masks.prepared(png(mask), "webp").notes()[0]
    mask[:, :20] = True
    assert masks.prepared(png(mask), "webp").notes() == []


def test_the_size_of_a_picture_is_that_of_the_upright_one():
    stream = io.BytesIO()
    exif = Picture.Exif()
    exif[274] = 6
    Picture.new("RGB", (60, 40)).save(stream, "JPEG", exif=exif)
    assert masks.size_of(stream.getvalue()) == (40, 60)
