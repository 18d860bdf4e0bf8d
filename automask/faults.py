"""What goes wrong in a plugin, told with its name: what it raises, and answers that are none.

A plugin is the code of somebody else: one that gives bytes for a mask would otherwise fail far from
where the mistake is, as a bug of automask, or write a mask that is wrong. automask's own strategies
and filters are held to the same by their tests, and are not looked at here.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, TypeVar

import numpy as np

from automask.errors import AutomaskError, PluginError
from automask.registry import described, foreign_modules, is_built_in
from automask.types import Bits, Box, Region, bounding_box

T = TypeVar("T")


@contextmanager
def blamed(part: Any) -> Iterator[None]:
    """Tell what goes wrong inside as a fault of `part`, where that comes from a plugin.

    What a plugin prints goes to stderr: stdout holds results alone. Only in the main thread, since
    two threads that change it would each put back what the other has set; the command of a batch
    sees to its threads.

    Raises
    ------
    PluginError
        In place of what a plugin raises, unless that is an error of automask's own kind.
    """
    if is_built_in(type(part)):
        yield
        return
    try:
        if threading.current_thread() is threading.main_thread():
            with redirect_stdout(sys.stderr):
                yield
        else:
            yield
    except (AutomaskError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        said = " ".join(str(error).split())
        what = f"{type(error).__name__}: {said}" if said else type(error).__name__
        raise PluginError(f"{described(part)} failed with {what}") from error


def regions(part: Any, answer: Any, shape: tuple[int, int]) -> list[Region]:
    """`answer` of the strategy or filter `part` as a list of regions of an image of `shape` (H, W).

    Raises
    ------
    PluginError
        If it is none, and comes from a plugin.
    """
    if is_built_in(type(part)):
        return list(answer)
    if isinstance(answer, np.ndarray) or not isinstance(answer, Iterable):
        raise _fault(part, f"{_shown(answer)} where a list of regions is wanted")
    found = list(answer)
    for region in found:
        if wrong := region_fault(region, shape):
            raise _fault(part, f"a region that is none: {wrong}")
    return found


def pixels(part: Any, answer: Any, shape: tuple[int, int]) -> Bits:
    """`answer` of the strategy `part` as pixels of an image of `shape` (H, W).

    Raises
    ------
    PluginError
        If it is none, and comes from a plugin.
    """
    if not is_built_in(type(part)) and (wrong := pixels_fault(answer, shape)):
        raise _fault(part, wrong)
    selected: Bits = answer
    return selected


def answer(part: Any, given: Any, wanted: type[T]) -> T:
    """What the provider `part` has `given`, as the type that is `wanted`.

    Raises
    ------
    PluginError
        If it is of another.
    """
    if not isinstance(given, wanted):
        raise _fault(part, f"{_shown(given)} where {wanted.__name__} is wanted")
    return given


def pictures(part: Any, given: Iterable[Any]) -> tuple[bytes, ...]:
    """The encoded pictures that the provider `part` has `given`; read inside of `blamed`.

    Raises
    ------
    PluginError
        If one is something else.
    """
    return tuple(answer(part, one, bytes) for one in given)


def culprit(error: BaseException) -> str:
    """Whose code `error` comes from: the package of a plugin, else "automask"."""
    owners = foreign_modules()
    found, trace = "automask", error.__traceback__
    while trace:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        found = owners.get(module.partition(".")[0], found)
        trace = trace.tb_next
    return found


def pixels_fault(answer: Any, shape: tuple[int, int]) -> str:
    """Why `answer` is no bool array of `shape`; "" where it is.

    >>> pixels_fault(np.ones((2, 3)), (2, 3))
    'float64 of shape (2, 3) where bool of shape (2, 3) is wanted'
    """
    if isinstance(answer, np.ndarray) and answer.dtype == np.bool_ and answer.shape == shape:
        return ""
    return f"{_shown(answer)} where bool of shape {shape} is wanted"


def region_fault(region: Any, shape: tuple[int, int]) -> str:
    """What `region` lacks of what `automask.types.Region` promises, in an image of `shape`.

    >>> region_fault(Region(np.ones((2, 3), bool), Box(0, 0, 3, 2)), (9, 9))
    ''
    >>> region_fault(Region(np.ones((2, 3), np.uint8), Box(0, 0, 3, 2)), (9, 9))
    'a mask is bool of shape (2, 3), as its box, not uint8 of shape (2, 3)'
    """
    if not isinstance(region, Region):
        return f"{_shown(region)} is not a Region"
    box = region.box
    if not isinstance(box, Box) or not all(type(edge) is int for edge in box):
        return f"the box {box!r} is not a Box of four plain ints"
    if box.area <= 0 or box != box.clipped(shape):
        return f"{box} is not inside the image, which is {shape[1]} x {shape[0]}"
    return _mask_fault(region) or _words_fault(region)


def _mask_fault(region: Region) -> str:
    box, mask = region.box, region.mask
    wanted = box.height, box.width
    if pixels_fault(mask, wanted):
        return f"a mask is bool of shape {wanted}, as its box, not {_shown(mask)}"
    if bounding_box(mask) != (0, 0, box.width, box.height):
        return f"{box} is larger than the selected pixels need; `Region.of` trims it"
    if region.area != np.count_nonzero(mask):
        return f"an area of {region.area} is not what its mask has"
    return ""


def _words_fault(region: Region) -> str:
    score: Any = region.score
    if not isinstance(score, (int, float)) or not 0 <= score <= 1:
        return f"a score is 0 to 1, a plain float, not {score!r}"
    for name in ("label", "source"):
        if not isinstance(getattr(region, name), str):
            return f"the {name} {getattr(region, name)!r} is not text"
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} of shape {value.shape}"
    return "None" if value is None else f"a {type(value).__name__}"


def _fault(part: Any, wrong: str) -> PluginError:
    return PluginError(f"{described(part)} gave {wrong}; its author has to mend that.")
