"""Silence of decoders belongs to all threads: it begins with the first, ends with the last."""

import threading
import warnings

import cv2.utils.logging as log
import PIL.Image

from automask.images import quiet

WAIT_S = 30


def test_it_ends_with_the_last_thread_that_leaves():
    before = log.getLogLevel()
    inside, leave = threading.Event(), threading.Event()

    def stay():
        with quiet.OPENCV:
            inside.set()
            leave.wait(WAIT_S)

    other = threading.Thread(target=stay)
    with quiet.OPENCV:
        other.start()
        assert inside.wait(WAIT_S)  # nobody waits for another to leave
    assert log.getLogLevel() == log.LOG_LEVEL_SILENT
    leave.set()
    other.join()
    assert log.getLogLevel() == before


def test_pillow_neither_warns_nor_limits_and_is_as_before_afterwards():
    limit, filters = PIL.Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    with quiet.PILLOW:
        assert PIL.Image.MAX_IMAGE_PIXELS is None
        warnings.warn("a tag that is cut short", stacklevel=1)
    assert limit == PIL.Image.MAX_IMAGE_PIXELS
    assert list(warnings.filters) == filters
