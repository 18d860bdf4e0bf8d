import json
import shlex
from pathlib import Path

import pytest


def test_the_canonical_form(cli):
    assert cli("check", "grid(3,2):largest|none").stdout == "grid(3, 2):largest | none\n"


def test_named_rules_are_shown_both_ways(cli):
    Path("automask.toml").write_text("[rules]\nlogo = 'rect(0,0,5px,5px) | none'\n")
    assert cli("check", "@logo:largest").stdout == (
        "@logo:largest\n= (rect(0px, 0px, 5px, 5px) | none):largest\n"
    )
    assert json.loads(cli("check", "@logo", "--json").stdout) == {
        "rule": "@logo",
        "canonical": "@logo",
        "expanded": "rect(0px, 0px, 5px, 5px) | none",
        "scales": ["1/2", "1/4"],
        "why_not_smaller": "",
    }


def test_phrases_are_shown_as_what_they_stand_for(cli):
    result = cli("check", '"the face" | "a rusty gate"')
    assert result.stdout == '"the face" | "a rusty gate"\n= face | "a rusty gate"\n'
    assert "'a rusty gate' goes whole to the model of phrases: " in result.stderr
    assert ': "rusty" and "gate" are not in the vocabulary.' in result.stderr
    assert "did you mean" not in result.stderr
    assert cli("check", '"the red catt"').stderr == (
        "'the red catt' goes whole to the model of phrases: \"catt\" is not in the vocabulary; "
        "did you mean 'the red cat'?\n"
        "batch --scale: full size; phrase needs the whole picture.\n"
    )


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('color("red"):grow(8px)', "1/2 or 1/4"),
        ('color("red"):grow(3px)', "1/2; 3px is less than a pixel at 1/4."),
        ('color("red"):grow(1px)', "full size; 1px is less than a pixel at 1/2."),
        ("face:grow(10%)", "full size; face needs the whole picture."),
        ('color("red"):refine', "full size; refine needs the whole picture."),
    ],
)
def test_whether_it_can_be_computed_on_smaller_pictures_is_said(cli, rule, said):
    assert cli("check", rule).stderr == f"batch --scale: {said}\n"
    told = json.loads(cli("check", rule, "--json").stdout)
    scales = " or ".join(told["scales"]) or "full size"
    assert said == "; ".join(filter(None, [scales, told["why_not_smaller"]]))


def test_an_unknown_name_and_bad_settings_are_asked_wrongly(cli):
    assert "@logo" in cli("check", "@logo", code=2).stderr
    Path("automask.toml").write_text("[rules\n")
    assert "automask.toml" in cli("check", "@logo", code=2).stderr


@pytest.mark.parametrize(
    ("rule", "column", "offer"),
    [
        ("all:largets", 4, "largest"),
        ("all and none", 4, "|"),
        ("grid(3, 2", 4, ")"),
        ("rect(0, 0, 5furlongs, 1px)", 12, "px"),
    ],
)
def test_a_mistake_is_shown_with_a_caret_and_an_offer(cli, rule, column, offer):
    result = cli("check", rule, code=2)
    assert result.stdout == ""
    first, line, caret, *rest = result.stderr.splitlines()
    assert first.startswith("automask: ")
    assert line == f"  {rule}"
    assert caret == " " * (column + 2) + "^"
    assert offer in "".join([first, *rest])


def test_a_file_in_place_of_the_rule(cli, photo):
    for command in ("mask", "regions", "explain"):
        result = cli(command, photo, "all", code=2)
        assert "photo.png is an existing file" in result.stderr
        assert "the rule comes first" in result.stderr


@pytest.mark.parametrize(
    ("phrase", "quoted"),
    [
        ("the largest face", "\"'the largest face'\""),
        ("dogs", "\"'dogs'\""),
        ("the person's face", '"\\"the person\'s face\\""'),
    ],
)
def test_a_phrase_that_lost_its_quotes_to_the_shell(cli, phrase, quoted):
    result = cli("check", phrase, code=2)
    *_, said = result.stderr.splitlines()
    assert said == f"As a phrase it takes quotes inside those of the shell: {quoted}."
    assert shlex.split(quoted) in ([f"'{phrase}'"], [f'"{phrase}"'])
    assert cli("check", *shlex.split(quoted)).stdout


@pytest.mark.parametrize("rule", ["facce", "a rusty gate", "face:"])
def test_what_is_no_phrase_is_not_called_one(cli, rule):
    result = cli("check", rule, code=2)
    assert "As a phrase" not in result.stderr
