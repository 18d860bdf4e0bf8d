"""Batches that are stopped between two steps of one picture, and gone on with by another rule."""

import numpy as np
import pytest

from automask.batch.items import Item, Options
from automask.batch.record import Record
from automask.batch.run import Run
from automask.images import encode
from tests.trees import contents

ONE, OTHER = (Options(rule=f"rect({x}0%, 10%, 10%, 50%)") for x in (1, 4))
REVIEW = Options(rule="none")


class Killed(BaseException):
    """Nothing after it is done, as after a kill."""


@pytest.fixture
def item(tmp_path):
    place = tmp_path / "photo.png"
    place.write_bytes(encode.encode_picture(np.zeros((60, 90, 3), np.uint8), ".png"))
    return [Item("photo.png", str(place))]


def kill_at(monkeypatch, owner, name):
    def killed(*_):
        raise Killed

    monkeypatch.setattr(owner, name, killed)


def masks(out):
    return {k: v for k, v in contents(out).items() if not k.startswith("ledger")}


def test_a_mask_of_the_same_size_by_a_rule_that_was_killed_is_not_taken_for_done(
    tmp_path, item, run_items, monkeypatch
):
    run_items(tmp_path / "a", item, ONE)
    before = masks(tmp_path / "a")
    kill_at(monkeypatch, Record, "keep")
    with pytest.raises(Killed):
        run_items(tmp_path / "a", item, OTHER)
    monkeypatch.undo()
    after = masks(tmp_path / "a")
    assert after != before
    assert list(map(len, after.values())) == list(map(len, before.values()))  # else it is no test
    run_items(tmp_path / "a", item, ONE)
    assert masks(tmp_path / "a") == before


def test_a_picture_that_changes_and_is_put_back_has_its_own_mask_again(
    tmp_path, item, run_items, monkeypatch
):
    """Also where the run that saw the change was killed after it had written another mask."""
    picture, rule = tmp_path / "photo.png", Options(rule="bright")
    pixels = np.zeros((60, 90, 3), np.uint8)
    pixels[10:20, 10:20] = 255
    old, new = (encode.encode_picture(p, ".png") for p in (pixels, pixels[:, ::-1].copy()))
    picture.write_bytes(old)
    run_items(tmp_path / "a", item, rule)
    before = masks(tmp_path / "a")
    picture.write_bytes(new)
    kill_at(monkeypatch, Record, "keep")
    with pytest.raises(Killed):
        run_items(tmp_path / "a", item, rule)
    monkeypatch.undo()
    after = masks(tmp_path / "a")
    assert after != before
    assert list(map(len, after.values())) == list(map(len, before.values()))  # else it is no test
    picture.write_bytes(old)
    run_items(tmp_path / "a", item, rule)
    assert masks(tmp_path / "a") == before


@pytest.mark.parametrize("at", [(Record, "keep"), (Run, "_clear"), (Run, "_keep")])
@pytest.mark.parametrize("rules", [(ONE, REVIEW), (REVIEW, ONE)])
def test_nothing_of_an_older_rule_stays_whenever_the_newer_was_killed(
    tmp_path, item, run_items, monkeypatch, at, rules
):
    run_items(tmp_path / "a", item, rules[0])
    kill_at(monkeypatch, *at)
    with pytest.raises(Killed):
        run_items(tmp_path / "a", item, rules[1])
    monkeypatch.undo()
    progress, _ = run_items(tmp_path / "a", item, rules[1])
    assert progress.over == 1
    run_items(tmp_path / "b", item, rules[1])
    assert masks(tmp_path / "a") == masks(tmp_path / "b")
