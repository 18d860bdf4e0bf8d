"""Contract tests of providers that cost nothing and take any picture, for plugins to inherit.

::

    @pytest.mark.parametrize("name", ["painter"])
    class TestPainter(ProviderContract): ...
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np

from automask import images, pipeline
from automask.arguments import parameters
from automask.errors import NothingSelected, PreflightError
from automask.images import encode
from automask.providers.base import PROVIDERS, Job, Progress, Provider, State, provider_of
from automask.selection import mask
from automask.testing.contracts import NamedContract
from automask.testing.images import pictures
from automask.types import Bits, Image, Pixels
from automask.weights import Weights

RULE = "rect(30%, 30%, 30%, 30%)"
PATIENCE_S = 60.0


class ProviderContract(NamedContract):
    """The tests of a provider that is not paid, made by its name as the settings have it."""

    registry = PROVIDERS

    def test_name_alone_is_enough(self, name: str) -> None:
        """Each argument has a default."""
        for parameter in parameters(PROVIDERS[name]):
            assert not parameter.required, f"{name}({parameter.name}) has no default"

    def test_answers_are_of_their_types(self, name: str) -> None:
        """Notes are texts, a handle is a text, what is done brings the bytes of pictures."""
        engine = _free(name)
        job = _job(engine, pictures()["scene"])
        engine.ready()
        assert all(isinstance(weights, Weights) for weights in engine.weights())
        assert all(isinstance(note, str) for note in engine.check(job))
        assert engine.price(job) == 0
        handle = engine.submit(job)
        assert isinstance(handle, str)
        progress = _over(engine, handle)
        assert isinstance(progress, Progress)
        assert progress.state is State.DONE, progress.error
        assert engine.pictures(progress), f"{name} is done without a picture"
        assert all(isinstance(data, bytes) for data in engine.pictures(progress))

    def test_each_picture_comes_back_in_its_size(self, name: str) -> None:
        """Also degenerate ones, unless it refuses them before (`PreflightError`)."""
        for title, image in pictures().items():
            with suppress(NothingSelected, PreflightError):
                result = pipeline.run(image, RULE, provider=_free(name), prompt="a pond, für José")
                assert not any("resized" in note for note in result.notes), title
                assert result.rgb.shape == image.rgb.shape, title

    def test_jobs_at_once_are_not_mixed_up(self, name: str) -> None:
        """Of several jobs, submitted from several threads before one is asked for, each is told."""
        image = pictures()["scene"]
        given = [image, Image(255 - image.rgb), Image(image.rgb[::-1, ::-1])]
        engine, outside = _free(name), ~mask(image, RULE).array
        with ThreadPoolExecutor(len(given)) as pool:
            handles = list(pool.map(lambda one: engine.submit(_job(engine, one)), given))
        for own, handle in zip(given, handles, strict=True):
            result = images.load(engine.pictures(_over(engine, handle))[0]).rgb
            nearest = min(given, key=lambda one: _difference(result, one, outside))
            assert nearest is own, f"{name} gave one job the picture of another"

    def test_prints_nothing(self, name: str, capfd: Any) -> None:
        """Standard output is left to results; what there is to say goes to `logging`."""
        engine = _free(name)
        _over(engine, engine.submit(_job(engine, pictures()["scene"])))
        assert not capfd.readouterr().out


def _free(name: str) -> Provider:
    engine = provider_of(name)
    assert not engine.paid, f"{name} is paid; this contract would submit a dozen jobs"
    return engine


def _job(engine: Provider, image: Image) -> Job:
    hole = encode.encode(mask(image, RULE), "png")
    return Job(engine.name, hole, "a pond", encode.encode_picture(image.rgb, ".png"))


def _over(engine: Provider, handle: str) -> Progress:
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        progress = engine.progress(handle)
        if progress.state.final:
            return progress
        time.sleep(0.05)
    raise AssertionError(f"{engine.name} has not finished a small picture in {PATIENCE_S:g} s")


def _difference(rgb: Pixels, image: Image, where: Bits) -> float:
    return float(np.abs(rgb.astype(int) - image.rgb)[where].mean())
