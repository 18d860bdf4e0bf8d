"""Masks that are unlike the others of their rule come first, and usual ones are left in peace."""

import numpy as np
import pytest

from automask.batch.report.unusual import Usual


def facts(share=0.1, regions=1, box=(10, 10, 50, 50)):
    return {"width": 100, "height": 100, "area": share * 10_000, "box": box, "regions": regions}


def usual(*others, count=40, spread=0.1, **how):
    found, random = Usual(), np.random.default_rng(6)
    for _ in range(count):
        share = how.get("share", 0.1) * float(np.exp(random.normal(0, spread)))
        found.add(facts(**how | {"share": share}))
    for other in others:
        found.add(other)
    return found


def test_a_mask_like_the_others_is_not_unusual():
    assert usual().remarks(facts(0.11)) == {}
    assert usual(spread=0).remarks(facts(0.1)) == {}


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.8, "8.0 times the usual area"), (0.005, "1/20 of the usual area")],
)
def test_an_area_far_from_the_others_is_named(share, words):
    odd = facts(share)
    assert words in usual(odd, spread=0).remarks(odd)


def test_the_farther_the_first():
    near, far = facts(0.03), facts(0.002)
    found = usual(near, far)
    assert sum(found.remarks(far).values()) > sum(found.remarks(near).values()) > 0


def test_where_areas_differ_anyway_a_larger_one_is_nothing():
    assert usual(spread=1.0).remarks(facts(0.5)) == {}


def test_the_border_counts_only_where_others_keep_off_it():
    odd = facts(box=(0, 10, 50, 50))
    assert usual(odd).remarks(odd).keys() == {"touches the border"}
    assert usual(box=(0, 0, 100, 50)).remarks(odd) == {}  # a sky, say


def test_many_regions():
    odd = facts(regions=60)
    assert usual(odd).remarks(odd).keys() == {"60 regions (usual: 1)"}
    assert usual(regions=50).remarks(odd) == {}


def test_of_two_kinds_that_are_common_neither_is_unusual():
    other = facts(0.6, regions=900)
    assert len(usual(other).remarks(other)) == 2
    mixed = usual(*[other] * 20)  # beside 40 of a tenth and one region
    assert mixed.remarks(other) == mixed.remarks(facts()) == {}


def test_a_few_masks_say_nothing_of_what_is_usual():
    found = Usual()
    found.add(facts(0.5))
    assert found.remarks(facts(0.5)) == {}
    found = usual(count=5)
    assert found.remarks(facts(0.01)) == {}
    assert found.remarks(facts(0.0005)).keys() == {"very small"}


def test_a_picture_without_a_mask_has_no_remarks():
    assert usual().remarks({"width": 10, "height": 10}) == {}
    assert usual().remarks({}) == {}
    assert Usual().remarks(facts()) == {}
