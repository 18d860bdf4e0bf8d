"""split and merge."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automask.filters import group
from automask.testing import check_regions
from automask.types import Region
from tests.filters.stage import Stage, a_box, scene, whole
from tests.maskops import brute

LISTS = st.lists(
    st.tuples(brute.masks(most=(6, 8)), st.integers(0, 6), st.integers(0, 8)), max_size=4
).map(lambda made: [part for mask, y, x in made for part in Region.of(mask, (x, y), label="thing")])
STAGE = Stage(12, 16)


def test_split_keeps_the_parts_where_their_region_stood():
    stage, regions = scene("""
        a..b..a
        ..bb...
        .b...aa
    """)
    parts = group.Split().apply(regions, stage)
    assert [(r.label, tuple(r.box)) for r in parts] == [
        ("a", (0, 0, 1, 1)),
        ("a", (6, 0, 7, 1)),
        ("a", (5, 2, 7, 3)),
        ("b", (1, 0, 4, 3)),
    ]


@given(LISTS)
def test_split_then_merge_is_merge(regions):
    parts = group.Split().apply(regions, STAGE)
    check_regions(parts, STAGE.image)
    assert np.array_equal(whole(parts, (12, 16)), whole(regions, (12, 16)))
    assert len(parts) == sum(len(brute.parts(r.mask, brute.EIGHT)) for r in regions)
    again = group.Split().apply(parts, STAGE)
    assert again == parts
    merged, merged_parts = (group.Merge().apply(some, STAGE) for some in (regions, parts))
    assert len(merged) == len(merged_parts) == bool(regions)
    assert np.array_equal(whole(merged, (12, 16)), whole(merged_parts, (12, 16)))
    check_regions(merged, STAGE.image)


def test_what_a_merged_region_is_called():
    cup = [a_box(0, 0, label="cup", score=0.9, source="object"),
           a_box(4, 0, label="cup", score=0.6, source="object")]  # fmt: skip
    (merged,) = group.Merge().apply(cup, STAGE)
    assert (merged.label, merged.score, merged.source) == ("cup", 0.6, "object")
    (mixed,) = group.Merge().apply([*cup, a_box(7, 2, label="mug", source="object")], STAGE)
    assert (mixed.label, mixed.score, mixed.source) == ("", 0.6, "object")
    assert group.Merge().apply(cup[:1], STAGE) == cup[:1]
    assert group.Merge().apply([], STAGE) == []
