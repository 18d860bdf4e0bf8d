"""People out of boxes and soft maps: where they lie, one apart from the other, at any size."""

import numpy as np
import pytest

from automask.segmentation import people
from automask.segmentation.people import Evidence, Person, View
from automask.types import Box

MAPS = Evidence(0, 1, 0, 0, (0, 0, 0, 0, 0, 0), 0.1)
SHAPE = (80, 120)
FULL = Box(0, 0, 120, 80)


def truth():
    """A map of the whole picture with a person in columns 40 to 59, rows 20 to 69."""
    shares = np.zeros(SHAPE, np.float32)
    shares[20:70, 40:60] = 1
    return shares


def selected(person):
    mask = np.zeros(SHAPE, bool)
    mask[person.window.slices] = person.odds > 0
    return mask


def test_a_view_is_put_where_it_was_taken():
    box = Box(30, 10, 70, 75)
    crop = View(box, truth()[box.slices])
    whole = View(FULL, truth())
    for view in (crop, whole):
        assert np.array_equal(
            selected(people.judged((38, 18, 62, 72), [view], MAPS, SHAPE)), truth()
        )


def test_nothing_is_selected_out_of_reach_or_where_no_view_looked():
    everything = View(FULL, np.ones((4, 4), np.float32))
    found = people.judged((20, 20, 40, 60), [everything], MAPS, SHAPE)
    assert found.window == Box(18, 16, 42, 64)
    left = View(Box(0, 0, 30, 80), np.ones((4, 4), np.float32))
    mask = selected(people.judged((20, 20, 40, 60), [left], MAPS, SHAPE))
    assert mask[30, 25]
    assert not mask[:, 30:].any()


def test_views_and_the_subject_are_weighed():
    views = [View(FULL, np.full((2, 2), p, np.float32)) for p in (0.9, 0.3)]
    evidence = Evidence(0.5, 2, 3, 0, (0, 0, 0, 0, 0, 0), 0)
    subject = np.full((2, 2), 0.6, np.float32)
    odds = people.judged((20, 20, 40, 60), views, evidence, SHAPE, subject=subject).odds
    logit = [np.log(p / (1 - p)) for p in (0.9, 0.3, 0.6)]
    assert np.allclose(odds, 0.5 + logit[0] + logit[1] + 3 * logit[2], atol=1e-4)


def test_specks_and_pinholes_are_no_parts_and_holes_of_a_person():
    shares = truth()
    shares[30:32, 50:52] = 0  # 4 of 1,000 pixels
    shares[24:27, 63:64] = 1
    shares[40:50, 45:55] = 0  # a tenth: between arm and body
    found = people.judged((38, 18, 66, 72), [View(FULL, shares)], MAPS, SHAPE)
    expected = truth()
    expected[40:50, 45:55] = 0
    assert np.array_equal(selected(found), expected)


def test_specks_that_another_one_has_cut_off_are_gone():
    odds = np.full(SHAPE, -1.0, np.float32)
    odds[20:70, 40:60] = 1
    odds[10:12, 80:82] = 1
    mask, box = people.enlarged(Person(FULL, odds, 1), (2, 2), (160, 240))
    assert (mask.sum(), box) == (4000, Box(0, 0, 240, 160))


def test_the_middle_of_a_box_is_likelier_than_its_corners():
    evidence = Evidence(1, 0, 0, 1, (-2, -1, 0, 0, 0, 0), 0.2)
    view = View(FULL, np.full((2, 2), 0.5, np.float32))
    odds = people.judged((40, 10, 60, 70), [view], evidence, SHAPE).odds
    assert odds[30, 12] > 0
    assert odds[1, 1] < 0
    assert np.allclose(odds, odds[:, ::-1], atol=1e-5)
    assert np.allclose(odds, odds[::-1], atol=1e-5)


def person(x0, x1, odds, score):
    return Person(Box(x0, 10, x1, 70), np.full((60, x1 - x0), odds, np.float32), score)


def test_each_pixel_is_left_to_who_is_likelier_there():
    kept = people.apart([person(10, 60, 1, 0.9), person(40, 100, 2, 0.5)], SHAPE)
    assert [p.score for p in kept] == [0.9, 0.5]
    a, b = (selected(p) for p in kept)
    assert not (a & b).any()
    assert a.any(0).nonzero()[0].max() == 39
    assert b.any(0).nonzero()[0].min() == 40


def test_a_part_joins_the_one_that_it_is_in():
    legs = person(20, 40, 3, 0.3)
    (alone,) = people.apart([legs, person(10, 60, 1, 0.9)], SHAPE)
    assert alone.window == Box(10, 10, 60, 70)
    assert alone.odds.max() == 3
    assert len(people.apart([legs._replace(score=0.8), person(10, 60, 1, 0.9)], SHAPE)) == 2


def test_enlarged_without_overlap():
    kept = people.apart([person(10, 60, 1, 0.9), person(40, 100, 2, 0.5)], SHAPE)
    shape = (320, 600)
    counts = np.zeros(shape, int)
    for one in kept:
        mask, box = people.enlarged(one, (5, 4), shape)
        counts[box.slices] += mask
    assert counts.max() == 1
    assert counts[160, 450] == 1


@pytest.mark.parametrize("box", [(5, 5, 5.2, 5.1), (-40, -40, 300, 300), (118, 79, 130, 90)])
def test_boxes_of_any_kind(box):
    view = View(FULL, np.ones((3, 3), np.float32))
    (found,) = people.apart([people.judged(box, [view], MAPS, SHAPE)], SHAPE)
    assert np.isfinite(found.odds).any()
    assert found.window == found.window.clipped(SHAPE)
