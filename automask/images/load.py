"""`load`: whatever a caller has (a path, bytes, an address, an array) to an `Image`."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np

from automask.errors import ArgumentError, ImageError
from automask.images import sources, stores
from automask.types import Image, Pixels

if TYPE_CHECKING:
    import PIL.Image

Source: TypeAlias = Union[
    str, os.PathLike[str], bytes, bytearray, memoryview, Pixels, "PIL.Image.Image", Image
]


def load(source: Source) -> Image:
    """The image that `source` is or names, upright, as 8-bit RGB with its alpha apart.

    Parameters
    ----------
    source : str, path, bytes, PIL image, ndarray or Image
        As str a path, "-" (the standard input) or an address: http(s), or with automask[cloud] one
        that fsspec knows (s3://, gs://, ...). Files and bytes are JPEG, PNG, WebP, TIFF, BMP or
        GIF, of which the first picture counts. An array is uint8 of shape (H, W), (H, W, 3) in RGB
        order, or (H, W, 4); it is not copied. An Image is given back.

    Raises
    ------
    ImageError
        If there is no image, or one that is damaged, cut short or too large; the message is one
        line that names the source.
    ArgumentError
        If `source` is something else, or an array of another kind.

    Notes
    -----
    Colour profiles are not applied. The pixel limit of files is 250 million; the environment
    variable AUTOMASK_MAX_PIXELS changes it.
    """
    if isinstance(source, Image):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return from_bytes(bytes(source), "")
    if isinstance(source, (str, os.PathLike)):
        return from_bytes(sources.read(source), _name(source))
    if _is_pillow(source):
        return _from_pillow(source)
    raise ArgumentError(
        f"An image cannot be of type {type(source).__name__}; give {_instead(source)}a path, an "
        "address, bytes, a PIL image or a uint8 RGB array."
    )


def _instead(source: object) -> str:
    """What to make of something that is nearly an image, as the first of what can be given."""
    if hasattr(source, "read"):
        return "what its read() gives, "
    if hasattr(source, "__array__") or hasattr(source, "__array_interface__"):
        return "numpy.asarray of it, "
    return ""


def _name(source: str | os.PathLike[str]) -> str:
    if sources.is_address(source) or stores.is_stored(source):
        from automask.images.fetch import public

        return public(str(source))
    return os.fspath(source)


def from_bytes(data: bytes, name: str, digest: str = "") -> Image:
    """The image in the bytes of a file; `name` is where they came from. Errors as of `load`.

    Who knows the sha256 of `data` gives it as `digest`, in hex.
    """
    from automask.images.decode import decode

    rgb, alpha, orientation = decode(data, name)
    return Image(rgb, alpha, name, orientation, digest or hashlib.sha256(data).hexdigest())


def _from_array(array: np.ndarray[Any, Any]) -> Image:
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or array.shape[2:] not in _CHANNELS:
        raise ArgumentError(
            f"An image array is uint8 of shape (H, W, 3), (H, W, 4) or (H, W), not {array.dtype} "
            f"of shape {array.shape}; convert it first."
        )
    if array.ndim == 2 or array.shape[2] == 1:
        gray = array.reshape(array.shape[:2])
        return Image(np.repeat(gray[..., None], 3, axis=2))
    alpha = np.ascontiguousarray(array[..., 3]) if array.shape[2] == 4 else None
    return Image(np.ascontiguousarray(array[..., :3]), alpha)


_CHANNELS = ((), (1,), (3,), (4,))


def _is_pillow(source: object) -> bool:
    pillow = sys.modules.get("PIL.Image")  # who holds such an image has imported it
    return pillow is not None and isinstance(source, pillow.Image)


def _from_pillow(image: PIL.Image.Image) -> Image:
    from automask.images.decode import from_pillow
    from automask.images.orient import upright

    name = str(getattr(image, "filename", ""))
    try:
        rgb, alpha = from_pillow(image)
    except ImageError as error:
        raise ImageError(f"{name or 'The PIL image'} {error}") from None
    except Exception as error:
        raise ImageError(
            f"{name or 'The PIL image'} cannot be decoded ({error}); get the file again."
        ) from error
    tag = image.getexif().get(274, 1)
    turn = tag if isinstance(tag, int) and 1 <= tag <= 8 else 1
    return Image(upright(rgb, turn), None if alpha is None else upright(alpha, turn), name, turn)
