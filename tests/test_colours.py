"""The colour model: what people call colours, distances, and the tables that make it quick."""

import colorsys
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from automask import colours
from automask.colours import cells, names, words
from automask.colours.cells import SLACK, lab_of_cells, look_up, near, where
from automask.colours.cielab import lab_of
from automask.errors import ArgumentError
from automask.types import Image
from automask.values import Colour

GOLDEN = Path(__file__).parent / "golden" / "colour_names.txt"
LETTERS = dict(zip(names.BASIC, "KWRGYBNOPUE", strict=True))


def noise(height=60, width=83, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def chart(saturation):
    """Hues from left to right, lightness from white down to black: shape (16, 36, 3)."""
    rows = [
        [colorsys.hls_to_rgb(hue / 36, light, saturation) for hue in range(36)]
        for light in np.linspace(0.97, 0.03, 16)
    ]
    return np.round(np.array(rows) * 255).astype(np.uint8)


def one(rgb):
    return Image(np.array([[rgb]], np.uint8))


def has(rgb, text, tol=None):
    return bool(colours.select(one(rgb), Colour(text), tol)[0, 0])


def textbook_lab(rgb):
    """CIELAB by the formulas of IEC 61966-2-1 and CIE 15 in double precision, shape (..., 3)."""
    share = rgb / 255
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = light @ np.array(to_xyz).T / (0.9505, 1, 1.0890)
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


class TestNames:
    @pytest.mark.parametrize("word", [w for w in names.BASIC if w != "brown"])
    def test_css_point_of_a_word_has_that_name(self, word):
        assert has(words.rgb_of(Colour(word)), word)

    def test_css_brown_is_what_people_call_red(self):
        """The web's brown is a dark red; people's brown is a dark orange."""
        assert has((165, 42, 42), "red")
        assert has((110, 70, 30), "brown")
        assert has((165, 42, 42), "brown", tol=0.01)  # with a tolerance the web's point counts too

    def test_each_pixel_has_exactly_one_name(self):
        image = Image(noise())
        votes = sum(colours.select(image, Colour(word)).astype(int) for word in names.BASIC)
        assert (votes == 1).all()

    def test_word_covers_what_one_range_of_rgb_would_miss(self):
        for shade in [(255, 0, 0), (139, 0, 0), (200, 30, 40), (220, 20, 60), (178, 34, 34)]:
            assert has(shade, "red"), shade
        for shade in [(0, 0, 128), (30, 60, 220), (70, 130, 180), (135, 206, 235)]:
            assert has(shade, "blue"), shade

    def test_chart_is_named_as_before(self):
        drawn = []
        for percent in (100, 60, 30, 10):
            numbers = look_up(Image(chart(percent / 100)), names.table())
            letters = np.array([LETTERS[word] for word in names.BASIC])[numbers]
            drawn += [f"saturation {percent} %", *("".join(row) for row in letters)]
        assert "\n".join(drawn) + "\n" == GOLDEN.read_text("ascii")

    def test_gray_is_grey(self):
        assert has((128, 128, 128), "gray")
        assert has((128, 128, 128), "grey")

    def test_picture_is_classified_once_for_all_words(self, monkeypatch):
        calls = []
        monkeypatch.setattr(names, "look_up", lambda *args: calls.append(1) or look_up(*args))
        image = Image(noise())
        for word in ("red", "green", "gray"):
            colours.select(image, Colour(word))
        assert calls == [1]


class TestTolerance:
    def test_of_a_word_only_adds(self):
        image = Image(noise())
        alone = colours.select(image, Colour("red"))
        wider = colours.select(image, Colour("red"), 0.3)
        assert (wider | alone == wider).all()
        assert wider.sum() > alone.sum()
        assert (wider == alone | near(image, (255, 0, 0), 0.3)).all()

    def test_zero_keeps_a_word_as_it_is_and_a_point_a_point(self):
        image = Image(noise())
        word = Colour("brown")
        assert (colours.select(image, word, 0) == colours.select(image, word)).all()
        x, y = 40, 20
        rgb = tuple(image.rgb[y, x].tolist())
        assert (near(image, rgb, 0) == (image.rgb == rgb).all(axis=2)).all()

    def test_css_name_and_hex_have_one_unless_given(self):
        image = Image(noise())
        found = colours.select(image, Colour("teal"))
        assert (found == near(image, (0, 128, 128), colours.TOLERANCE)).all()
        assert (found == colours.select(image, Colour("#008080"))).all()
        assert 0 < found.mean() < 0.2

    @pytest.mark.parametrize("rgb", [(0, 0, 0), (255, 255, 255), (0, 0, 255), (12, 200, 40)])
    @pytest.mark.parametrize("tol", [0.02, 0.12, 0.4, 1])
    def test_distance_is_that_of_the_textbook(self, rgb, tol):
        pixels = noise(211, 307)
        apart = np.linalg.norm(textbook_lab(pixels) - textbook_lab(np.array(rgb)), axis=2)
        clear = np.abs(apart - 100 * tol) > 0.05  # the standard rounds its matrix to four places
        assert clear.mean() > 0.99
        assert (near(Image(pixels), rgb, tol) == (apart <= 100 * tol))[clear].all()

    def test_whole_is_from_black_to_white(self):
        pixels = np.array([[(0, 0, 0), (255, 255, 255)]], np.uint8)
        assert near(Image(pixels), (0, 0, 0), 1).tolist() == [[True, True]]
        assert near(Image(pixels), (0, 0, 0), 0.99).tolist() == [[True, False]]


class TestCells:
    def test_shortcut_gives_what_measuring_each_pixel_gives(self):
        pixels = noise(211, 307)
        for margin in (
            lambda lab: 30 + SLACK - lab[0],
            lambda lab: 10 + SLACK - np.hypot(lab[1], lab[2]),
            lambda lab: np.min([lab[0] - 40, 60 - lab[0], lab[1] + 20], axis=0),
        ):
            each = margin(lab_of(pixels.reshape(-1, 3))).reshape(pixels.shape[:2]) >= 0
            assert 0 < each.sum() < each.size
            assert (where(Image(pixels), margin) == each).all()

    @pytest.mark.parametrize("levels", [range(8), range(120, 128), range(248, 256)])
    def test_no_colour_of_a_cell_is_further_from_its_middle_than_its_spread(self, levels):
        for green in range(0, 256, 8):
            mixed = np.meshgrid(levels, range(green, green + 8), range(256), indexing="ij")
            rgb = np.stack(mixed, axis=-1).reshape(-1, 3).astype(np.uint8)
            cell = cells._cell_of(rgb[None])[0]
            apart = np.linalg.norm(lab_of(rgb) - lab_of_cells()[:, cell], axis=0)
            assert (apart < cells._spread()[cell]).all()

    def test_cell_numbers_are_red_green_blue(self):
        rgb = np.array([[(255, 0, 0), (0, 255, 0), (0, 0, 255), (8, 16, 24)]], np.uint8)
        assert cells._cell_of(rgb).tolist() == [[31 << 10, 31 << 5, 31, 1 << 10 | 2 << 5 | 3]]

    @pytest.mark.parametrize("shape", [(1, 70001), (70001, 1), (300, 407)])
    def test_strips_make_no_difference(self, shape, monkeypatch):
        image = Image(noise(*shape))
        monkeypatch.setattr(cells, "STRIP_PX", 1 << 12)
        striped = near(image, (200, 80, 40), 0.3), look_up(image, names.table())
        monkeypatch.setattr(cells, "STRIP_PX", 1 << 30)
        whole = near(image, (200, 80, 40), 0.3), look_up(image, names.table())
        assert all(map(np.array_equal, striped, whole))

    @pytest.mark.parametrize(
        "view", [np.s_[:, ::2], np.s_[::-1], np.s_[5:50, 7:60], np.s_[..., ::-1]]
    )
    def test_views_of_arrays_are_read_right(self, view):
        seen = noise()[view]
        copied = Image(np.ascontiguousarray(seen))
        for text in ("green", "#c85028"):
            found = colours.select(Image(seen), Colour(text), 0.2)
            assert (found == colours.select(copied, Colour(text), 0.2)).all()


class TestWords:
    def test_unknown_word_offers_the_nearest(self):
        with pytest.raises(ArgumentError, match=r'"yelow" is not .* did you mean "yellow"'):
            words.check(Colour("yelow"))
        with pytest.raises(ArgumentError, match=r'"octarine" is not .* black, white, .* #ff8800\.'):
            words.check(Colour("octarine"))

    def test_spaces_and_case_do_not_matter(self):
        assert words.rgb_of(Colour("Dark Olive-Green")) == words.rgb_of(Colour("darkolivegreen"))

    def test_opacity_is_refused_unless_it_is_none(self):
        with pytest.raises(ArgumentError, match=r"#ff880080 .* write #ff8800, .* alpha\("):
            words.check(Colour("#ff880080"))
        assert words.rgb_of(Colour("#ff8800ff")) == (255, 136, 0)

    def test_reading_a_css_name_elsewhere_changes_nothing(self):
        """Pillow replaces the texts of its colour table by tuples as they are used."""
        from PIL import ImageColor

        ImageColor.getrgb("teal")
        assert words.rgb_of(Colour("teal")) == (0, 128, 128)

    def test_basic_word_does_not_wait_for_pillow(self):
        code = (
            "import sys; from automask.selector.parse import parse; parse('color(\"red\")'); "
            "sys.exit('PIL' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
