"""Names to classes: what plugins add, what is refused, what a broken one leaves behind.

Plugins are made as installed packages are found: a module and a ``.dist-info`` in a folder on the
path of a fresh process. Nothing is installed.
"""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from automask import registry
from automask.errors import PluginError
from automask.filters.base import FILTERS
from automask.registry import Registry
from automask.strategies.base import STRATEGIES, Strategy

STRATEGY = """
    from dataclasses import dataclass
    from automask.strategies.base import STRATEGIES, Strategy

    @STRATEGIES.register({name!r})
    @dataclass(frozen=True)
    class Found{number}(Strategy):
        '''Nothing.'''
        def find(self, image):
            return []
"""


def strategy(name, number=1):
    return textwrap.dedent(STRATEGY.format(name=name, number=number))


@pytest.fixture
def plugin_folder(tmp_path):
    """A function that puts a plugin on the path of `ask`: its package, module and code."""

    def put(package, module, code, point="plug"):
        (tmp_path / f"{module}.py").write_text(code, "utf-8")
        info = tmp_path / f"{package.replace('-', '_')}-1.2.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        points = info / "entry_points.txt"
        old = points.read_text() if points.exists() else "[automask.plugins]\n"
        points.write_text(f"{old}{point} = {module}\n")
        return tmp_path

    return put


def ask(folder, code):
    """What `code` prints as JSON in a fresh process that sees `folder`'s plugins, and stderr."""
    path = os.pathsep.join([str(folder), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


LISTED = """
    import dataclasses, json
    from automask.registry import plugins
    from automask.strategies.base import STRATEGIES
    print(json.dumps([[dataclasses.asdict(p) for p in plugins()], list(STRATEGIES)]))
"""


def test_a_plugin_adds_its_names(plugin_folder):
    folder = plugin_folder("nice-plugin", "nice", strategy("nice_one") + strategy("nice_two", 2))
    (plugins, names), stderr = ask(folder, LISTED)
    mine = next(p for p in plugins if p["package"] == "nice-plugin")
    assert mine == {
        "name": "plug", "module": "nice", "package": "nice-plugin", "version": "1.2",
        "added": ["nice_one", "nice_two"], "error": "",
    }  # fmt: skip
    assert {"nice_one", "nice_two", "rect"} <= set(names)
    assert stderr == ""


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("raise RuntimeError('no such luck')", "RuntimeError: no such luck"),
        ("import a_package_that_is_not_there", "ModuleNotFoundError: No module named"),
        ("def broken(:", "SyntaxError: "),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_reported_and_left_out(plugin_folder, code, error):
    begun = code if code.startswith("def") else strategy("half_done") + code
    folder = plugin_folder("bad-plugin", "bad", begun)
    plugin_folder("good-plugin", "good", strategy("still_here"))
    (plugins, names), stderr = ask(folder, LISTED)
    bad = next(p for p in plugins if p["package"] == "bad-plugin")
    assert bad["error"].startswith(error)
    assert bad["added"] == []
    assert "half_done" not in names
    assert {"still_here", "rect"} <= set(names)
    assert "plugin plug (bad-plugin) was left out" in stderr


def test_a_plugin_cannot_take_a_built_in_name(plugin_folder):
    folder = plugin_folder("greedy", "greedy_module", strategy("mine") + strategy("rect", 2))
    (plugins, names), stderr = ask(folder, LISTED)
    assert "The strategy name 'rect' is taken by automask, so greedy cannot use it" in stderr
    assert "taken by automask" in next(p for p in plugins if p["package"] == "greedy")["error"]
    assert "mine" not in names
    (owner, module), _ = ask(
        folder,
        """
        import json
        from automask.strategies.base import STRATEGIES
        print(json.dumps([STRATEGIES.owner("rect"), STRATEGIES["rect"].__module__]))
        """,
    )
    assert (owner, module) == ("automask", "automask.strategies.geometry")


def test_two_plugins_that_want_one_name(plugin_folder):
    folder = plugin_folder("first-plugin", "first", strategy("shared"), point="a_first")
    plugin_folder("second-plugin", "second", strategy("shared"), point="b_second")
    (plugins, names), _ = ask(folder, LISTED)
    errors = {p["package"]: p["error"] for p in plugins}
    assert errors["first-plugin"] == ""
    assert errors["second-plugin"] == (
        "PluginError: The strategy name 'shared' is taken by first-plugin, so second-plugin cannot "
        "use it; rename it in second-plugin."
    )
    assert "shared" in names


def test_one_package_with_two_plugins_of_which_one_is_broken(plugin_folder):
    folder = plugin_folder("two-fold", "whole", strategy("whole_one"), point="a_whole")
    plugin_folder("two-fold", "half", strategy("half_one") + "1/0", point="b_half")
    (plugins, names), _ = ask(folder, LISTED)
    added = {p["name"]: p["added"] for p in plugins if p["package"] == "two-fold"}
    assert added == {"a_whole": ["whole_one"], "b_half": []}
    assert "whole_one" in names
    assert "half_one" not in names


def test_a_plugin_imported_by_hand_first(plugin_folder):
    folder = plugin_folder("nice-plugin", "nice", strategy("nice_one"))
    (owner, added, both), _ = ask(
        folder,
        """
        import json
        import nice
        from automask.registry import plugins
        from automask.strategies.base import STRATEGIES
        (mine,) = [p for p in plugins() if p.package == "nice-plugin"]
        print(json.dumps([STRATEGIES.owner("nice_one"), mine.added, "rect" in STRATEGIES]))
        """,
    )
    assert (owner, added, both) == ("nice", ["nice_one"], True)


def test_a_greedy_plugin_imported_by_hand_is_refused_and_spoils_nothing(plugin_folder):
    folder = plugin_folder("greedy", "greedy_module", strategy("rect"))
    (message, module), _ = ask(
        folder,
        """
        import json
        from automask.errors import PluginError
        try:
            import greedy_module
        except PluginError as error:
            message = str(error)
        from automask.strategies.base import STRATEGIES
        print(json.dumps([message, STRATEGIES["rect"].__module__]))
        """,
    )
    assert "'rect' is taken by automask, so greedy_module cannot use it" in message
    assert module == "automask.strategies.geometry"


def test_a_plugin_may_write_rules_while_it_is_imported(plugin_folder):
    code = "from automask.selector.parse import parse\nRULE = str(parse('all - border'))\n"
    folder = plugin_folder("ruler", "ruler", code + strategy("ruler_one"))
    (plugins, names), _ = ask(folder, LISTED)
    assert next(p for p in plugins if p["package"] == "ruler")["error"] == ""
    assert "ruler_one" in names


def test_a_built_in_module_that_fails_fails_every_time():
    """A half loaded registry must not pass for a whole one."""
    answers, _ = ask(
        ".",
        """
        import importlib, json
        from automask import registry
        from automask.strategies.base import STRATEGIES
        real, answers = importlib.import_module, []
        def failing(name):
            if name == "automask.filters":
                raise ImportError("no filters today")
            return real(name)
        importlib.import_module = failing
        for _ in range(2):
            try:
                answers.append(list(STRATEGIES))
            except ImportError as error:
                answers.append(str(error))
        importlib.import_module = real
        answers.append("rect" in STRATEGIES)
        print(json.dumps(answers))
        """,
    )
    assert answers == ["no filters today", "no filters today", True]


def test_loading_from_several_threads_at_once():
    counts, _ = ask(
        ".",
        """
        import json
        from concurrent.futures import ThreadPoolExecutor
        from automask.strategies.base import STRATEGIES
        with ThreadPoolExecutor(8) as pool:
            counts = list(pool.map(lambda _: len(list(STRATEGIES)), range(8)))
        print(json.dumps(counts))
        """,
    )
    assert len(set(counts)) == 1
    assert counts[0] > 10


@pytest.fixture
def shelf(monkeypatch):
    """An empty registry that is not one of automask's own."""
    monkeypatch.setattr(registry, "_registries", [])
    return Registry("gadget", "automask.strategies")


@pytest.mark.parametrize("name", ["", "my-name", "2nd", "a b", "_x", "a:b", "face()"])
def test_a_name_has_to_be_one_that_rules_can_write(shelf, name):
    with pytest.raises(PluginError, match="cannot be written in a rule"):
        shelf.register(name)(type("Gadget", (), {}))


def test_registering_the_same_class_again_is_no_clash(shelf):
    gadget = type("Gadget", (), {})
    assert shelf.register("gadget")(gadget) is gadget
    shelf.register("gadget")(gadget)
    assert gadget.name == "gadget"
    with pytest.raises(PluginError, match="gadget name 'gadget' is taken by tests"):
        shelf.register("gadget")(type("Another", (), {}))


def test_names_are_sorted_and_asked_for_like_a_mapping():
    names = list(STRATEGIES)
    assert names == sorted(names) == STRATEGIES.names()
    assert "rect" in STRATEGIES
    assert "largest" not in STRATEGIES
    assert "largest" in FILTERS
    assert issubclass(STRATEGIES["rect"], Strategy)
    assert STRATEGIES.owner("rect") == "automask"
    with pytest.raises(KeyError):
        STRATEGIES["nope"]


def test_the_nearest_name():
    assert STRATEGIES.nearest("facce") == "face"
    assert STRATEGIES.nearest("RECT") == "rect"
    assert STRATEGIES.nearest("qqqqqqq") is None


def test_every_class_has_a_file_of_the_folder_it_belongs_to():
    for found in (STRATEGIES, FILTERS):
        for name in found:
            if found.owner(name) == "automask":
                assert found[name].__module__.startswith(f"{found.folder}.")


def test_two_plugins_in_one_namespace_have_each_its_own_release(plugin_folder, tmp_path):
    (tmp_path / "acme").mkdir()
    for number, name in enumerate(["dots", "bars"]):
        folder = plugin_folder(f"acme-{name}", f"acme.{name}", "", name)
        (folder / "acme" / f"{name}.py").write_text(strategy(name, number), "utf-8")
    told = tmp_path / "acme_bars-1.2.dist-info" / "METADATA"
    told.write_text(told.read_text().replace("1.2", "1.3"))
    code = """
        import json
        from automask.registry import release
        from automask.strategies.base import STRATEGIES
        print(json.dumps([release(STRATEGIES[name]) for name in ("dots", "bars", "all")]))
    """
    assert ask(tmp_path, code)[0] == ["acme-dots 1.2", "acme-bars 1.3", ""]
