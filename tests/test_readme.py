"""README.md says what the program says, and its examples do what they show."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def _program(name):
    """A program in docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


generate = _program("generate")
tour = _program("tour")


def test_the_generated_parts_are_there():
    texts = [path.read_text("utf-8") for path in generate.documents()]
    found = {match["name"] for text in texts for match in generate.PART.finditer(text)}
    assert found >= {"help", "commands", "strategies", "filters"}


@pytest.mark.parametrize("path", generate.documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_generated_parts_are_current(path):
    _, stale = generate.generated(path.read_text("utf-8"))
    assert not stale, f"run `python docs/generate.py`: {stale}"


def test_the_examples_do_what_they_show(tmp_path, capsys):
    assert tour.run(README, tmp_path)


def test_a_strategy_in_a_script_needs_no_package():
    """In a process of its own: the name would stay in this one."""
    skipped = README.read_text("utf-8").split("<!-- tour: skip (its name would stay")[1]
    script = skipped.split("```python\n")[1].split("```")[0]
    assert "@STRATEGIES.register" in script
    done = subprocess.run(
        [sys.executable, "-"],
        input=script,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT / "samples",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert int(done.stdout) > 1000


# --- the tools themselves -----------------------------------------------------------------------


def page(tmp_path, text):
    path = tmp_path / "page.md"
    path.write_text(text, "utf-8")
    return path


def toured(tmp_path, text):
    folder = tmp_path / "tour"
    folder.mkdir()
    return tour.run(page(tmp_path, text), folder)


def test_parts_are_written_and_then_current(tmp_path):
    path = page(
        tmp_path,
        "before\n<!-- generated: strategies -->\noutdated\n<!-- end -->\n"
        "<!-- generated: help check -->\n<!-- end -->\nafter\n",
    )
    assert generate.main(["--check", str(path)]) == 1
    assert "outdated" in path.read_text()
    assert generate.main([str(path)]) == 0
    text = path.read_text()
    assert text.startswith("before\n")
    assert text.endswith("<!-- end -->\nafter\n")
    assert "| shape | `border(width=5%)` |" in text
    assert "Usage: automask check [OPTIONS] RULE" in text
    assert "outdated" not in text
    assert generate.main(["--check", str(path)]) == 0


def test_the_help_part_is_what_the_program_prints_in_80_columns():
    from automask.cli.app import COMMANDS

    text = generate.part("commands")
    for name in COMMANDS:
        assert f"Usage: automask {name} " in text
    printed = subprocess.run(
        [sys.executable, "-m", "automask", "mask", "--help"],
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == generate.help_text("mask")


@pytest.mark.parametrize(
    "text",
    [
        "<!-- generated: help -->\nno end\n",
        "<!-- end -->\n",
        "<!-- generated: help -->\n<!-- generated: filters -->\n<!-- end -->\n",
        "<!-- generated: nonsense -->\n<!-- end -->\n",
        "<!-- generated: help nonsense -->\n<!-- end -->\n",
        "<!-- generated: help jobs nonsense -->\n<!-- end -->\n",
    ],
)
def test_broken_markers_are_refused(text):
    with pytest.raises(ValueError):
        generate.generated(text)


GOOD = """
# Page

```console
$ automask check 'all:largest'
all:largest
batch --scale: 1/2 or 1/4
$ automask check 'all:largets'   # exit 2
automask: There is no filter 'largets'.
...
$ echo one \\
> two
one two
$ false  # exit 1
```

<!-- tour: skip (needs the network) -->
```bash
exit 1
```

```text
$ false
```

- in a list:

  ```bash
  x=kept
  echo $x > made.txt
  ```

```python
from pathlib import Path
text = Path("made.txt").read_text()
```

```toml
[rules]
logo = 'rect(0, 0, 5px, 5px)'
```

```console
$ automask check @logo
@logo
= rect(0px, 0px, 5px, 5px)
batch --scale: 1/2 or 1/4
```

<!-- test -->
```sh
false
```

```python
>>> text
'kept\\n'
>>> print(list(range(100)))
[0, 1, ..., 99]
```
"""


def test_a_good_page_passes(tmp_path):
    before = Path.cwd()
    assert toured(tmp_path, GOOD) == 6
    assert Path.cwd() == before


BACKGROUND = """
```console
$ export KEPT="two words" && echo $$ > exported-by
$ sleep 100 > sleep.log 2>&1 & echo $! > pid
$ test "$KEPT" = "two words" && kill -0 $(cat pid)
```

```bash
echo "$KEPT"
```
"""


def test_what_is_exported_stays_and_what_runs_in_the_background_ends_with_the_page(tmp_path):
    toured(tmp_path, BACKGROUND)
    pid = int((tmp_path / "tour" / "work" / "pid").read_text())
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("it goes on")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```console\n$ echo a\nb\n```", "printed\na"),
        ("```console\n$ echo a\na\nb\n```", "printed\na"),
        ("```console\n$ false\n```", "exit 1, not 0"),
        ("```console\n$ true  # exit 3\n```", "exit 0, not 3"),
        ("\n\n```console\nno command\n```", "line 4"),
        ("```bash\nfalse\ntrue\n```", "exit 1, not 0"),
        ("```sh\necho $unset_variable\n```", "exit 1, not 0"),
        ("```python\n>>> 1 + 1\n3\n```", "Expected:"),
        ("```python\nassert 1 + 1 == 3\n```", ""),
        ("<!-- tour: skip -->\n```sh\nfalse\n```", "exit 1, not 0"),
        ("<!-- tour: skip (why) -->\n```sh\nfalse\n```\n```sh\nfalse\n```", "exit 1, not 0"),
    ],
)
def test_a_wrong_page_fails_where_it_is_wrong(tmp_path, text, words):
    with pytest.raises(AssertionError) as caught:
        toured(tmp_path, text)
    assert words in str(caught.value)


def test_samples_are_there_and_settings_of_the_reader_are_not(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOMASK_PROVIDER", "nonsense")
    toured(
        tmp_path,
        '```console\n$ test -z "$AUTOMASK_PROVIDER"\n$ ls *.jpg\n$ ls ~\n```',
    )
