"""hsv, lab, luma, dark, bright, gray, skin, alpha: known colours, ends of ranges, bad arguments."""

import colorsys
from pathlib import Path

import numpy as np
import pytest

from automask.errors import RuleError
from automask.selector.build import rule
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image

GOLDEN = Path(__file__).parents[1] / "golden" / "colour_rules.txt"

RED, YELLOW, GREEN, BLUE, MAGENTA = (
    (255, 0, 0),
    (255, 255, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 0, 255),
)
BLACK, GREY, WHITE = (0, 0, 0), (119, 119, 119), (255, 255, 255)


def picks(text, *colours):
    """Which of `colours` the rule selects."""
    image = Image(np.array([colours], np.uint8))
    chosen = Evaluation(image).pixels(parse(text))[0]
    return [colour for colour, there in zip(colours, chosen, strict=True) if there]


def chart():
    """Hues from left to right, lightness from white down to black: shape (12, 48, 3)."""
    rows = [
        [colorsys.hls_to_rgb(hue / 48, light, 0.55) for hue in range(48)]
        for light in np.linspace(0.96, 0.04, 12)
    ]
    return Image(np.round(np.array(rows) * 255).astype(np.uint8))


def drawn(text):
    mask = Evaluation(chart()).pixels(parse(text))
    return ["".join(".#"[pixel] for pixel in row) for row in mask.astype(int)]


def test_chart_is_masked_as_before():
    lines = GOLDEN.read_text("ascii").splitlines()
    rules = [line for line in lines if line.strip(".#")]
    assert len(rules) == 8
    assert [line for text in rules for line in (text, *drawn(text))] == lines


class TestColor:
    def test_prints_as_it_is_written(self):
        assert str(rule.color("red", tol=0.12)) == 'color("red", tol=12%)'
        assert str(rule.color((255, 136, 0))) == "color(#ff8800)"
        assert str(parse("#F80")) == "color(#ff8800)"

    def test_word_is_the_name_of_a_region_and_hex_of_a_point(self):
        dark_red = (139, 0, 0)
        assert picks('color("red")', RED, dark_red, GREEN) == [RED, dark_red]
        assert picks("color(#ff0000)", RED, dark_red, GREEN) == [RED]

    def test_unknown_word_is_refused_where_it_is_written(self):
        with pytest.raises(RuleError, match="did you mean") as caught:
            parse('face | color("gren")')
        assert caught.value.position >= len("face | ")


class TestHsv:
    def test_range_of_hues_includes_its_ends(self):
        assert picks("hsv(h=60deg..120deg)", RED, YELLOW, GREEN, BLUE) == [YELLOW, GREEN]
        assert picks("hsv(h=>60deg)", RED, YELLOW, GREEN, BLUE) == [GREEN, BLUE]
        assert picks("hsv(h=<120deg)", RED, YELLOW, GREEN, BLUE) == [RED, YELLOW]

    @pytest.mark.parametrize(
        "hues", ["300deg..60deg", "-60deg..60deg", "300deg..420deg", "300..60"]
    )
    def test_hues_wrap_around(self, hues):
        found = picks(f"hsv(h={hues})", RED, YELLOW, GREEN, BLUE, MAGENTA)
        assert found == [RED, YELLOW, MAGENTA]

    @pytest.mark.parametrize("hues", ["0deg..360deg", "90deg..450deg", "0deg.."])
    def test_only_the_whole_circle_has_greys(self, hues):
        assert picks(f"hsv(h={hues})", RED, GREY, BLUE) == [RED, GREY, BLUE]
        assert picks("hsv(h=0deg..359deg)", RED, GREY, BLUE) == [RED, BLUE]

    def test_saturation_and_value_are_shares(self):
        pale, dim = (255, 127, 127), (51, 0, 0)
        assert picks("hsv(s=60%..)", RED, pale, dim, GREY) == [RED, dim]
        assert picks("hsv(v=20%..)", RED, pale, dim, BLACK) == [RED, pale, dim]
        assert picks("hsv(v=>20%)", RED, pale, dim, BLACK) == [RED, pale]
        assert picks("hsv(s=100%, v=100%)", RED, pale, dim, WHITE) == [RED]

    def test_agrees_with_the_formula(self):
        pixels = np.random.default_rng(2).integers(0, 256, (37, 53, 3), np.uint8)
        mask = Evaluation(Image(pixels)).pixels(parse("hsv(h=340deg..20deg, s=25%.., v=..80%)"))
        for rgb, there in zip(pixels.reshape(-1, 3), mask.reshape(-1), strict=True):
            h, s, v = colorsys.rgb_to_hsv(*(rgb / 255))
            near_hue = min(abs(360 * h - 360), 360 * h) <= 20
            assert there == (near_hue and s >= 0.25 and v <= 0.8), rgb

    def test_needs_a_range(self):
        with pytest.raises(RuleError, match=r"hsv\(\) got no range; write"):
            parse("hsv")


class TestLab:
    def test_ranges_are_in_cielab_units(self):
        """Red is (53.24, 80.09, 67.20) and blue (32.30, 79.19, -107.86) in CIELAB."""
        assert picks("lab(l=53.2..53.3, a=80..80.2, b=67.1..67.3)", RED, BLUE, GREY) == [RED]
        assert picks("lab(a=>70)", RED, BLUE, GREEN) == [RED, BLUE]
        assert picks("lab(b=<-100)", RED, BLUE, GREEN) == [BLUE]

    def test_ends_are_in_unless_open(self):
        assert picks("lab(l=..100)", WHITE) == [WHITE]
        assert picks("lab(l=<100)", WHITE) == []
        assert picks("lab(l=0)", BLACK) == [BLACK]
        assert picks("lab(l=>0)", BLACK) == []

    def test_needs_a_range_that_runs_forwards(self):
        with pytest.raises(RuleError, match=r"lab\(\) got no range; write"):
            parse("lab()")
        with pytest.raises(RuleError, match=r"60\.\.40 runs backwards; write 40\.\.60"):
            parse("lab(l=60..40)")


class TestLightness:
    def test_dark_and_bright_go_by_perceived_lightness(self):
        """Pure blue is darker to the eye than a grey of half its code; yellow is nearly white."""
        assert picks("dark(lightness=33%)", BLUE, GREY, YELLOW, BLACK) == [BLUE, BLACK]
        assert picks("bright", BLUE, GREY, YELLOW, WHITE) == [YELLOW, WHITE]

    def test_limits_are_in(self):
        """Grey 119 has L* 50.03."""
        assert picks("dark(lightness=50%) | bright(lightness=50.1%)", GREY) == []
        assert picks("dark(lightness=50.1%) & bright(lightness=50%)", GREY) == [GREY]
        assert picks("dark(lightness=0%) | bright(lightness=100%)", BLACK, GREY, WHITE) == [
            BLACK,
            WHITE,
        ]

    def test_gray_is_black_to_white(self):
        beige = (245, 245, 220)
        assert picks("gray", BLACK, GREY, WHITE, beige, RED) == [BLACK, GREY, WHITE]
        assert picks("gray(chroma=15%)", beige, RED) == [beige]
        assert picks("gray(chroma=0%)", BLACK, GREY, WHITE, (120, 119, 119)) == [BLACK, GREY, WHITE]


class TestLevels:
    def test_luma_is_that_of_bt_601(self):
        """Y' of pure red, green and blue: 29.9 %, 58.7 %, 11.4 %, in 256 levels."""
        assert picks("luma(29%..30%)", RED, GREEN, BLUE) == [RED]
        assert picks("luma(58%..59%)", RED, GREEN, BLUE) == [GREEN]
        assert picks("luma(11%..12%)", RED, GREEN, BLUE) == [BLUE]

    @pytest.mark.parametrize("percent", range(0, 101, 20))
    def test_ends_of_a_range_are_exact(self, percent):
        level = 255 * percent // 100
        gray = (level, level, level)
        assert picks(f"luma({percent}%)", gray) == [gray]
        assert picks(f"luma(>{percent}%) | luma(<{percent}%)", gray) == []

    def test_alpha_is_opacity(self):
        image = Image(
            np.zeros((2, 5, 3), np.uint8), np.tile(np.uint8([0, 51, 127, 128, 255]), (2, 1))
        )
        for text, expected in [
            ("alpha", [0, 0, 0, 1, 1]),
            ("alpha(opacity=..20%)", [1, 1, 0, 0, 0]),
            ("alpha(opacity=<20%)", [1, 0, 0, 0, 0]),
            ("alpha(opacity=0%..100%)", [1, 1, 1, 1, 1]),
        ]:
            found = Evaluation(image).pixels(parse(text)).astype(int).tolist()
            assert found == [expected] * 2, text

    def test_image_without_alpha_is_opaque(self):
        assert picks("alpha", RED, BLUE) == [RED, BLUE]
        assert picks("alpha(opacity=..50%)", RED, BLUE) == []


class TestSkin:
    def test_has_shades_of_skin_and_no_vivid_or_cold_colours(self):
        """Shades from light to dark, from the Fitzpatrick scale's usual drawings."""
        shades = [(224, 172, 140), (198, 134, 90), (141, 85, 54), (90, 56, 37), (241, 194, 167)]
        assert picks("skin", *shades) == shades
        assert picks("skin", GREEN, BLUE, MAGENTA, GREY, BLACK, WHITE, (70, 130, 180)) == []
