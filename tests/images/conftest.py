"""Pictures made at test time, none of them square."""

import io

import numpy as np
import pytest
from PIL import Image as Picture


def file_of(picture, format_, **options):
    stream = io.BytesIO()
    picture.save(stream, format_, **options)
    return stream.getvalue()


@pytest.fixture(scope="session")
def save():
    """The bytes of a PIL image in a format."""
    return file_of


@pytest.fixture(scope="session")
def rgb():
    """Smooth colours with four different corners: lossy formats keep it nearly as it is."""
    y, x = np.mgrid[:40, :60]
    return np.dstack([4 * x, 6 * y, 255 - 2 * x - 3 * y]).astype(np.uint8)


@pytest.fixture(scope="session")
def noise():
    """Noise: compresses badly, so that every part of a file carries pixels."""
    return np.random.default_rng(7).integers(0, 256, (61, 83, 3), np.uint8)


@pytest.fixture(scope="session")
def picture(rgb):
    return Picture.fromarray(rgb)
