import json

import pytest

from automask.cli import cards

KINDS = ("strategies", "filters", "providers")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", [[], ["list"]])
def test_the_list_has_everything_in_the_registry(cli, kind, word):
    _, *rows = cli(kind, *word).stdout.splitlines()
    listed = [row.split("(")[0].split()[0] for row in rows]
    assert sorted(listed) == cards.registry(kind).names()


@pytest.mark.parametrize("kind", KINDS)
def test_the_list_as_json(cli, kind):
    for arguments in ([kind, "--json"], [kind, "list", "--json"]):
        told = json.loads(cli(*arguments).stdout)
        assert sorted(card["name"] for card in told) == cards.registry(kind).names()
        assert all(card["summary"] and card["group"] for card in told)


@pytest.mark.parametrize("kind", KINDS)
def test_every_card_can_be_shown(cli, kind):
    for name in cards.registry(kind):
        shown = cli(kind, "show", name).stdout
        card = json.loads(cli(kind, "show", name, "--json").stdout)
        assert shown.startswith(card["signature"])
        assert card["summary"].split()[0] in shown
        for argument in card["arguments"]:
            assert f"  {argument['name']} " in shown
            assert argument["takes"] in shown


def test_a_card_tells_kinds_and_defaults(cli):
    shown = cli("strategies", "show", "border").stdout
    assert "border(width=5%)" in shown
    assert "a length such as 10px or 5%" in shown
    assert shown.count("5%") > 2
    assert "border(8px)" in shown


def test_groups_stand_together_in_the_order_of_the_documentation(cli):
    groups = [card["group"] for card in json.loads(cli("strategies", "--json").stdout)]
    first = [g for i, g in enumerate(groups) if g not in groups[:i]]
    assert groups == [g for wanted in first for g in groups if g == wanted]
    assert first.index("colour") < first.index("shape") < first.index("words")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["strategies", "show", "gird"], "did you mean 'grid'"),
        (["filters", "show", "xyzzy"], "`automask filters` lists them"),
        (["filters", "show"], "NAME"),
        (["strategies", "grid"], "grid"),
        (["plugins", "show", "nothing"], "There is no plugin 'nothing'"),
    ],
)
def test_wrong_names(cli, arguments, words):
    assert words in cli(*arguments, code=2).stderr


def test_plugins_are_listed_with_what_they_add_or_why_they_failed(cli, monkeypatch):
    from automask import registry

    good = registry.Plugin("stripes", "stripes", "automask-stripes", "1.2", ("stripes",))
    bad = registry.Plugin("broken", "broken", "automask-broken", "0.1", error="ImportError: no")
    monkeypatch.setattr(registry, "plugins", lambda: [good, bad])
    _, first, second = cli("plugins").stdout.splitlines()
    assert first.split() == ["stripes", "automask-stripes", "1.2", "stripes"]
    assert "failed: ImportError: no" in second
    assert [p["name"] for p in json.loads(cli("plugins", "--json").stdout)] == ["stripes", "broken"]
    assert "automask-broken" in cli("plugins", "show", "broken").stdout


def test_no_plugins_is_said_and_is_no_failure(cli, monkeypatch):
    from automask import registry

    monkeypatch.setattr(registry, "plugins", list)
    result = cli("plugins", "list")
    assert result.stdout == ""
    assert "no plugins" in result.stderr
    assert json.loads(cli("plugins", "list", "--json").stdout) == []
