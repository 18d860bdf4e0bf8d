"""A tree of pictures, some of them bad: mirrored, named, gone on with by content."""

import errno
import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

import automask
from automask.batch.engines.local import Local
from automask.batch.inputs import Inputs
from automask.batch.items import Options
from automask.batch.progress import Patience
from automask.batch.record import Record
from automask.batch.run import Run
from automask.errors import LedgerError, OutputError
from automask.images import encode, files
from tests.trees import contents

SAMPLES = Path(__file__).parents[2] / "samples"
RULE = 'color("purple")'


@pytest.fixture
def tree(tmp_path):
    """a/x.jpg b/x.jpg y.jpg y.png bad.jpg trunc.jpg readme.txt, and hidden ones."""
    photo = (SAMPLES / "astronaut.jpg").read_bytes()
    home = tmp_path / "in"
    for name in ("a/x.jpg", "b/x.jpg", "y.jpg", ".hidden.jpg", ".thumbs/x.jpg"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(photo)
    rgb = automask.load(home / "y.jpg").rgb
    (home / "y.png").write_bytes(encode.encode_picture(rgb[:200, :300], ".png"))
    (home / "bad.jpg").write_text("no picture")
    (home / "trunc.jpg").write_bytes(photo[:20_000])
    (home / "readme.txt").write_text("read me")
    return home


def run(out, *words, rule=RULE, patience=None, stop_after=0, **options):
    wanted = Options(rule=rule, **options)
    with Record(out) as record:
        number = record.begin(wanted, list(map(str, words)))
        record.plan(Inputs(list(map(str, words)), out).items(), number)
        batch = Run(record, out, number, wanted, Local(2), patience)
        over = []

        def tell(progress):
            over.append(progress.over)
            if stop_after and progress.over >= stop_after:
                batch.stop("enough")

        return batch.go(tell), {row.item.name: row for row in record.rows()}


def test_a_tree_is_mirrored_and_bad_files_are_named(tree, tmp_path):
    before, out = contents(tree), tmp_path / "out"
    progress, rows = run(out, tree)
    assert progress.states == {"done": 4, "failed": 2}
    masks = {p.relative_to(out / "masks").as_posix() for p in (out / "masks").rglob("*.png")}
    assert masks == {"a/x.jpg.png", "b/x.jpg.png", "y.jpg.png", "y.png.png"}
    assert "is not an image" in rows["bad.jpg"].reason
    assert "is cut short" in rows["trunc.jpg"].reason
    assert contents(tree) == before
    for name in ("y.jpg", "y.png"):
        made = encode.decode((out / "masks" / f"{name}.png").read_bytes())
        assert np.array_equal(made, automask.mask(tree / name, RULE).array)


def test_what_is_done_is_done_again_only_when_something_changed(tree, tmp_path):
    out = tmp_path / "out"
    run(out, tree)
    mask = out / "masks" / "y.jpg.png"
    first = mask.stat().st_mtime_ns
    progress, _ = run(out, tree)
    assert (progress.unchanged, mask.stat().st_mtime_ns) == (4, first)
    assert run(out, tree, rule='color("red")')[0].unchanged == 0
    assert run(out, tree, preview=True, rule='color("red")')[0].unchanged == 0
    shutil.copy(SAMPLES / "cat.jpg", tree / "y.jpg")
    assert run(out, tree, preview=True, rule='color("red")')[0].unchanged == 3
    (out / "masks" / "a" / "x.jpg.png").unlink()
    assert run(out, tree, preview=True, rule='color("red")')[0].unchanged == 3
    cut = out / "masks" / "b" / "x.jpg.png"
    whole = cut.read_bytes()
    cut.write_bytes(whole[:-1])  # as power that was lost may leave it
    assert run(out, tree, preview=True, rule='color("red")')[0].unchanged == 3
    assert cut.read_bytes() == whole


def test_a_changed_file_of_a_rule_is_a_changed_rule(tree, tmp_path):
    stencil = tmp_path / "stencil.png"
    (tree / "y.png").unlink()  # of other proportions
    rule = f'mask("{stencil}", fit=true)'
    for height, unchanged in ((10, 0), (10, 3), (20, 0)):
        half = np.zeros((40, 40, 3), np.uint8)
        half[:height] = 255
        stencil.write_bytes(encode.encode_picture(half, ".png"))
        assert run(tmp_path / "out", tree, rule=rule)[0].unchanged == unchanged


@pytest.mark.parametrize(
    ("on_empty", "state"),
    [("review", "review"), ("skip", "skipped"), ("fail", "failed"), ("full", "done")],
)
def test_nothing_selected(tmp_path, on_empty, state):
    out = tmp_path / "out"
    _, rows = run(out, SAMPLES / "cat.jpg", rule="none", on_empty=on_empty)
    assert rows["cat.jpg"].state == state
    assert (out / "masks" / "cat.jpg.png").exists() == (on_empty == "full")
    assert (out / "review" / "cat.jpg.txt").exists() == (on_empty == "review")


def test_a_mask_out_of_its_limits_goes_to_review_and_comes_back(tmp_path):
    out = tmp_path / "out"
    _, rows = run(out, SAMPLES / "cat.jpg", rule="rect(0, 0, 50%, 50%)", limit="area=1%..10%")
    assert "area" in rows["cat.jpg"].reason
    overlay = automask.load(out / "review" / "cat.jpg.jpg")
    assert overlay.shape == automask.load(SAMPLES / "cat.jpg").shape
    assert not (out / "masks").exists()
    _, rows = run(out, SAMPLES / "cat.jpg", rule="rect(0, 0, 20%, 20%)", limit="area=1%..10%")
    assert rows["cat.jpg"].state == "done"
    assert not list((out / "review").rglob("*.*"))


def test_too_many_failures_stop_a_run_early(tmp_path):
    for number in range(40):
        (tmp_path / f"{number:02}.jpg").write_text("no picture")
    progress, rows = run(tmp_path / "out", tmp_path, patience=Patience(3))
    assert progress.stopped == "4 of 4 pictures failed"
    assert sum(row.state == "planned" for row in rows.values()) > 30


def test_a_run_that_is_stopped_is_gone_on_with(tree, tmp_path):
    out = tmp_path / "out"
    (tree / "bad.jpg").unlink()
    (tree / "trunc.jpg").unlink()
    progress, _ = run(out, tree, stop_after=1)
    assert progress.stopped == "enough"
    done = progress.states["done"]
    progress, _ = run(out, tree)
    assert (progress.unchanged, progress.states["done"]) == (done, 4)


def test_a_full_disk_stops_a_run_which_goes_on_when_there_is_room(tree, tmp_path, monkeypatch):
    out, write, one_at_a_time = tmp_path / "out", files.write, threading.Lock()

    def full(place, data, **how):
        with one_at_a_time:
            if len(list((out / "masks").rglob("*.png"))) < 2:
                return write(place, data, **how)
        raise OutputError("the disk is full") from OSError(errno.ENOSPC, "no room")

    with monkeypatch.context() as patched:
        patched.setattr("automask.batch.work.files.write", full)
        progress, rows = run(out, tree)
    assert progress.stopped == "the disk is full"
    assert sum(row.state == "done" for row in rows.values()) == 2
    assert not any("disk" in row.reason for row in rows.values())
    progress, _ = run(out, tree)
    assert (progress.states, progress.unchanged) == ({"done": 4, "failed": 2}, 2)


def test_one_process_at_a_time(tmp_path):
    with Record(tmp_path), pytest.raises(LedgerError, match="Another automask works on"):
        Record(tmp_path)


def test_options_read_back(tmp_path):
    wanted = Options(rule="all", preview=True, feather="4px", limit="area=1%..5%")
    with Record(tmp_path) as record:
        record.begin(wanted, ["x"])
        assert record.last_run()[1] == wanted
        assert json.dumps(wanted.as_json())


def test_what_another_batch_wrote_further_down_is_no_picture_to_work_on(tree, tmp_path):
    inner = tree / "first"
    run(inner, tree, on_empty="full", preview=True)
    told = {}
    other = Inputs([str(tree)], tmp_path / "second", lambda path, why: told.update({path: why}))
    names = {item.name for item in other.items()}
    assert {name for name in names if name.startswith("first")} == set()
    assert {told[str(inner / kind)] for kind in ("masks", "previews")} == {"of another batch"}
    by_name = Inputs([str(inner)], tmp_path / "second").items()
    assert "masks/a/x.jpg.png" in {item.name for item in by_name}  # whoever names it wants it
