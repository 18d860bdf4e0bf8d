"""Faces from boxes and landmarks: places and sizes that geometry decides, cuts on drawn faces."""

import math

import numpy as np
import pytest

from automask.segmentation.face import (
    Oval,
    eye_ovals,
    face_mask,
    face_oval,
    mouth_oval,
    turned,
)
from automask.types import Box

UPRIGHT = np.float32([[-20, -20], [20, -20], [0, 4], [-16, 24], [16, 24]])


def turned_by(degrees, at=(150, 120)):
    """The landmarks of a face whose top leans to the right by so much, and the box of its oval."""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    points = UPRIGHT @ np.float32([[cos, sin], [-sin, cos]]) + np.float32(at)
    across, down = 45, 45 * 1.28
    half = np.array([math.hypot(across * cos, down * sin), math.hypot(across * sin, down * cos)])
    return np.concatenate([at - half, at + half]).astype(np.float32), points.astype(np.float32)


@pytest.mark.parametrize("degrees", [0, 17, -30, 45, 90, -120, 180])
def test_the_oval_is_turned_with_the_face(degrees):
    box, points = turned_by(degrees)
    oval = face_oval(box, points)
    gap = (oval.turn - math.radians(degrees) + math.pi) % (2 * math.pi) - math.pi
    assert abs(gap) < 0.02
    assert (oval.x, oval.y) == pytest.approx((150, 120), abs=0.01)
    assert oval.across_px == pytest.approx(45, rel=0.02)
    assert oval.down_px == pytest.approx(45 * 1.28, rel=0.02)


def test_an_impossible_box_gives_a_face_of_sane_proportions():
    oval = face_oval(np.float32([0, 0, 100, 10]), UPRIGHT)
    assert oval.down_px / oval.across_px == pytest.approx(1.1)
    assert face_oval(np.float32([5, 5, 5, 5]), np.zeros((5, 2))).across_px > 0


@pytest.mark.parametrize("degrees", [0, 40, -75, 160])
def test_eyes_and_mouth_lie_in_the_face(degrees):
    box, points = turned_by(degrees)
    face = placed(face_mask(np.zeros((240, 1600, 3), np.uint8), box, points), (240, 1600))
    for part, near in zip((*eye_ovals(points), mouth_oval(points)), points[[0, 1, 3]], strict=True):
        mask = placed(part.mask(face.shape), face.shape)
        assert mask.any()
        assert not (mask & ~face).any()
        assert math.dist((part.x, part.y), near) < 20
        assert part.turn == pytest.approx(turned(points))


def test_sizes_go_with_the_distance_of_the_eyes():
    once, twice = eye_ovals(UPRIGHT)[0], eye_ovals(2 * UPRIGHT)[0]
    assert twice.across_px == pytest.approx(2 * once.across_px)
    assert mouth_oval(2 * UPRIGHT).down_px == pytest.approx(2 * mouth_oval(UPRIGHT).down_px)
    aside = UPRIGHT * np.float32([0.3, 1])
    assert eye_ovals(aside)[0].across_px < once.across_px
    assert eye_ovals(aside)[0].down_px == pytest.approx(once.down_px, rel=0.1)


def placed(found, shape):
    """A mask and its place as a mask of the whole picture."""
    mask, (x, y) = found
    whole = np.zeros(shape, bool)
    whole[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
    return whole


def test_a_cut_follows_hair_and_collar():
    """A drawn face under dark hair, above a blue collar, is cut at both."""
    rng = np.random.default_rng(3)
    rgb = np.full((300, 300, 3), (90, 110, 90), np.uint8)
    y, x = np.mgrid[:300, :300]
    head = ((x - 150) / 45) ** 2 + ((y - 120) / 58) ** 2 < 1
    hair = ((x - 150) / 62) ** 2 + ((y - 105) / 75) ** 2 < 1
    rgb[hair] = (40, 25, 20)
    rgb[head & (y >= 80)] = (220, 170, 140)
    rgb[y > 180] = (30, 40, 160)
    rgb = np.clip(rgb + rng.normal(0, 4, rgb.shape), 0, 255).astype(np.uint8)
    box, points = turned_by(0)
    face = placed(face_mask(rgb, box, points), (300, 300))
    skin = head & (y >= 80)
    assert (face & skin).sum() / (face | skin).sum() > 0.93


def test_small_faces_are_ovals_whatever_the_colours():
    box, points = turned_by(10)
    box, points = box / 8, points / 8
    rng = np.random.default_rng(5)
    one = face_mask(rng.integers(0, 256, (60, 80, 3), np.uint8), box, points)
    other = face_mask(np.zeros((60, 80, 3), np.uint8), box, points)
    assert np.array_equal(one[0], other[0])
    assert one[0].any()


@pytest.mark.parametrize("away", [(-900, 0), (0, 2000), (5000, 5000)])
def test_a_face_outside_the_picture_has_no_pixels(away):
    box, points = turned_by(0)
    moved = box + np.float32([*away, *away]), points + np.float32(away)
    assert not face_mask(np.zeros((240, 320, 3), np.uint8), *moved)[0].any()
    assert not eye_ovals(moved[1])[0].mask((240, 320))[0].any()


def test_places_of_a_reduced_box_are_those_of_the_box():
    oval = Oval(50, 30, 20, 25, 0.3)
    whole = oval.places(Box(10, 4, 90, 64))
    half = oval.places(Box(10, 4, 90, 64), 0.5)
    assert half[0].shape == (30, 40)
    for fine, coarse in zip(whole, half, strict=True):
        assert np.allclose(fine.reshape(30, 2, 40, 2).mean((1, 3)), coarse)
