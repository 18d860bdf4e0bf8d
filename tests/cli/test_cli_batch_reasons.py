"""What makes many pictures fail for one reason: said once, before the work where it is known."""

import json
from pathlib import Path

import pytest

from automask.batch.items import Item, Options
from automask.batch.recipe import Recipes
from automask.networks import efficientsam
from automask.weights import Weights, model

RULE = 'color("red")'


@pytest.fixture
def pictures(paint, tmp_path, monkeypatch):
    """Three pictures, on a machine without models and without a network."""
    for name in ("x.png", "y.png", "z.png"):
        paint(f"in/{name}")
    monkeypatch.setenv("AUTOMASK_MODELS", "")
    monkeypatch.setenv("AUTOMASK_OFFLINE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["face"], 1, "The model yunet"),
        (['mask("none.png")'], 1, "none.png does not exist"),
        ([RULE, "--provider", "lama"], 1, "lama"),
        ([RULE, "--provider", "imaginepro", "--prompt", "a pond"], 2, "give message ids"),
    ],
)
@pytest.mark.parametrize("mode", [[], ["--dry-run"], ["--watch"]])
def test_what_would_make_each_picture_fail_is_said_before_anything_is_written(
    cli, pictures, arguments, code, words, mode
):
    rule, *rest = arguments
    result = cli("batch", rule, "in", "-o", "out", *rest, *mode, code=code)
    assert words in result.stderr
    assert result.stderr.count("automask: ") == 1
    assert not Path("out").exists()


def test_a_key_that_is_missing_is_said_before_the_jobs(cli, pictures, monkeypatch):
    monkeypatch.delenv("IMAGINEPRO_API_KEY", raising=False)
    monkeypatch.setattr("automask.providers.imaginepro.find_key", _no_key)
    Path("jobs.csv").write_text("message_id\nm1\nm2\n")
    paid = ("--provider", "imaginepro", "--prompt", "a pond")
    result = cli("batch", RULE, "--jobs-file", "jobs.csv", "-o", "out", *paid, code=2)
    assert result.stderr.count("There is no key") == 1
    assert json.loads(cli("status", "out", "--json").stdout)["states"] == {"planned": 2}


def _no_key():
    from automask.errors import SettingsError

    raise SettingsError("There is no key.")


def test_a_model_for_one_line_of_a_table_is_missed_before_the_others_are_done(cli, pictures):
    lines = ["image,rule", "in/x.png,all:shrink(5px)", "in/y.png,all:shrink(5px)", "in/z.png,face"]
    Path("jobs.csv").write_text("\n".join(lines))
    result = cli("batch", "--jobs-file", "jobs.csv", "-o", "out", code=1)
    assert result.stderr.count("The model yunet") == 1
    assert not Path("out/masks").exists()


def test_a_reason_that_many_share_is_told_once(cli, pictures):
    lines = [
        "image,rule",
        *(f'in/{n}.png,"mask(""{m}.png"")"' for n, m in zip("xyz", "aab", strict=True)),
    ]
    Path("jobs.csv").write_text("\n".join(lines))
    result = cli("batch", "--jobs-file", "jobs.csv", "-o", "out", code=4)
    assert "2 failed for one reason: " in result.stderr
    text = cli("status", "out", code=4).stderr
    assert text.count("does not exist") == 2
    assert "failed  x.png, y.png: " in text
    for number in range(30):
        Path(f"in/{number}.png").write_bytes(Path("in/x.png").read_bytes())
    cli("batch", "none", "in", "-o", "out", code=4)
    text = cli("status", "out", code=4).stderr
    assert "review  x.png, y.png, z.png and 30 more: The rule selects nothing." in text
    assert "30 are not named here: automask status out --json" in text


def test_the_models_of_filters_and_providers_and_their_settings_are_part_of_the_recipe(
    pictures, tmp_path, monkeypatch
):
    def recipe(rule=f"{RULE}:refine", provider=""):
        return Recipes(Options(rule=rule, provider=provider)).of(Item("x.png", "x.png"))

    plain, repainted = recipe(), recipe(RULE, "opencv")
    assert repainted == recipe(RULE, "opencv") != recipe(RULE)
    held = Weights(model("efficientsam_ti"), tmp_path / "sam.onnx", "f" * 64)
    monkeypatch.setattr(efficientsam, "here", lambda: held)
    assert recipe() != plain
    monkeypatch.setattr(efficientsam, "here", lambda: None)
    assert recipe() == plain
    Path("automask.toml").write_text('[providers.opencv]\nmethod = "telea"\n')
    assert recipe(RULE, "opencv") != repainted
