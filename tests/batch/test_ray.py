"""The engine ray on a cluster of several nodes on this machine: same bytes, and nothing lost."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

ray = pytest.importorskip("ray")

from automask.batch.engines.local import Local  # noqa: E402
from automask.batch.engines.ray import Ray  # noqa: E402
from automask.batch.inputs import Inputs  # noqa: E402
from automask.batch.items import Item, Options  # noqa: E402
from automask.batch.record import Record  # noqa: E402
from automask.batch.run import Run  # noqa: E402
from automask.batch.states import DONE, FAILED  # noqa: E402
from automask.batch.work import Outcome, Task  # noqa: E402
from automask.errors import AutomaskError  # noqa: E402
from automask.images.temporary import NAME  # noqa: E402

pytestmark = [
    pytest.mark.ray,
    # Ray leaves pipes and sockets of its own to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SAMPLES = Path(__file__).parents[2] / "samples"
OPTIONS = Options(rule='color("red") | color("purple")', preview=True, rest=True, on_empty="full")


@pytest.fixture(scope="module")
def cluster():
    """A head without cores and two nodes of one core each."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    small = {"object_store_memory": 80 << 20}
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
    try:
        made.add_node(num_cpus=1, resources={"first": 1}, **small)
        made.add_node(num_cpus=1, **small)
        made.wait_for_nodes()
        yield made
    finally:
        made.shutdown()


@pytest.fixture
def tree(tmp_path):
    """Sixteen pictures in four folders, two of them bad, and a text."""
    home = tmp_path / "in"
    for number in range(16):
        photo = SAMPLES / ("astronaut.jpg", "cat.jpg", "coffee.jpg")[number % 3]
        place = home / f"f{number % 4}" / "ä b" / f"{number}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(photo.read_bytes())
    place.write_bytes(photo.read_bytes()[:9000])
    (home / "f0" / "bad.jpg").write_text("no picture")
    (home / "f0" / "read.txt").write_text("read me")
    return home


def run(out, tree, engine, tell=None):
    """The progress, the rows by name, the files but for the record's, and what was kept."""
    kept = []

    class Counted(Record):
        def keep(self, outcome, recipe):
            kept.append(outcome.name)
            super().keep(outcome, recipe)

    with Counted(out) as record:
        number = record.begin(OPTIONS, ())
        record.plan(Inputs([str(tree)], out).items(), number)
        batch = Run(record, out, number, OPTIONS, engine)
        progress = batch.go(tell and (lambda now: tell(batch, now)))
        rows = {row.item.name: row for row in record.rows()}
    files = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and not path.name.startswith("ledger.db")
    }
    return progress, rows, files, kept


def by_value(do):
    """`do`, of a module that workers cannot import."""
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    return do


def tasks(tmp_path, count):
    for number in range(count):
        yield Task(Item(f"{number}"), OPTIONS, str(tmp_path))


def test_the_same_files_as_local_byte_for_byte(cluster, tree, tmp_path):
    local = run(tmp_path / "a", tree, Local(2))
    progress, rows, files, kept = run(tmp_path / "b", tree, Ray(address=cluster.address))
    assert files == local[2]
    assert len(files) == 3 * 15
    assert progress.states == local[0].states == {"done": 15, "failed": 2}
    assert sorted(kept) == sorted(rows) == sorted(local[1])
    for name, row in rows.items():
        assert (row.state, row.reason, row.sha256) == (
            local[1][name].state, local[1][name].reason, local[1][name].sha256,
        )  # fmt: skip
    again = run(tmp_path / "b", tree, Ray(address=cluster.address))
    assert (again[0].unchanged, again[2]) == (15, files)


def test_a_node_that_is_killed_loses_nothing(cluster, tree, tmp_path):
    local = run(tmp_path / "a", tree, Local(2))
    doomed = cluster.add_node(num_cpus=2, object_store_memory=80 << 20)
    cluster.wait_for_nodes()
    killed = []

    def tell(batch, now):
        if now.over >= 3 and not killed:
            killed.append(now.over)
            cluster.remove_node(doomed, allow_graceful=False)

    progress, rows, files, kept = run(tmp_path / "b", tree, Ray(address=cluster.address), tell)
    assert killed
    assert killed[0] < 17
    assert files == local[2]
    assert progress.states == local[0].states
    assert sorted(kept) == sorted(rows)


def die_once(task):
    """Kills its own process the first time that it has the task."""
    mark = Path(task.out) / f"{task.item.name}.begun"
    with mark.open("a") as file:
        file.write("x")
    if task.item.name == "bad" or (task.item.name in ("2", "5") and mark.stat().st_size == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(task.item.name, DONE)


def test_a_worker_that_dies_is_replaced_and_its_task_done_once_more(cluster, tmp_path):
    engine = Ray(address=cluster.address)
    found = list(engine.outcomes(by_value(die_once), tasks(tmp_path, 8)))
    assert sorted(outcome.name for outcome in found) == [str(n) for n in range(8)]
    assert {outcome.state for outcome in found} == {DONE}
    begun = {path.stem: path.stat().st_size for path in tmp_path.glob("*.begun")}
    assert begun["2"] == begun["5"] == 2


def test_pictures_that_take_little_time_go_together(cluster, tmp_path):
    engine = Ray(1, cluster.address)
    found = list(engine.outcomes(by_value(where_it_was_done), tasks(tmp_path, 200)))
    assert sorted(outcome.name for outcome in found) == sorted(str(n) for n in range(200))
    assert len({outcome.reason for outcome in found}) <= 60  # calls, of one picture or several


def where_it_was_done(task):
    """The call of Ray, which is one for all pictures of a task."""
    return Outcome(task.item.name, DONE, ray.get_runtime_context().get_task_id())


def test_one_that_kills_its_worker_takes_none_with_it(cluster, tmp_path):
    given = [Task(Item(f"{n}"), OPTIONS, str(tmp_path)) for n in range(60)]
    given[40] = Task(Item("bad"), OPTIONS, str(tmp_path))
    found = list(Ray(address=cluster.address).outcomes(by_value(die_once), given))
    assert sorted(outcome.name for outcome in found) == sorted(t.item.name for t in given)
    assert [outcome.name for outcome in found if outcome.state == FAILED] == ["bad"]


def test_a_picture_that_always_kills_its_worker_fails_alone(cluster, tmp_path):
    given = [Task(Item(name), OPTIONS, str(tmp_path)) for name in ("bad", "0", "1")]
    found = {o.name: o for o in Ray(address=cluster.address).outcomes(by_value(die_once), given)}
    assert {name: outcome.state for name, outcome in found.items()} == {
        "bad": FAILED, "0": DONE, "1": DONE,
    }  # fmt: skip
    assert "died 4 times" in found["bad"].reason


def told(task):
    import cv2

    facts = {
        "models": os.environ.get("AUTOMASK_MODELS"),
        "threads": cv2.getNumThreads(),
        "key": os.environ.get("IMAGINEPRO_API_KEY"),
        "folder": str(Path.cwd()),
    }
    return Outcome(task.item.name, DONE, facts=facts)


def test_workers_have_the_settings_of_their_driver(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOMASK_MODELS", "/srv/models")
    monkeypatch.setenv("IMAGINEPRO_API_KEY", "not for workers")
    (found,) = Ray(address=cluster.address).outcomes(by_value(told), tasks(tmp_path, 1))
    assert found.facts == {
        "models": "/srv/models", "threads": 1, "key": None, "folder": str(Path.cwd()),
    }  # fmt: skip


def slow(task):
    time.sleep(0.2)
    (Path(task.out) / task.item.name).touch()
    return Outcome(task.item.name, DONE)


def test_no_more_is_taken_than_can_soon_be_worked_on(cluster, tmp_path):
    taken = []

    def counted():
        for task in tasks(tmp_path, 12):
            taken.append(task)
            yield task

    over = 0
    for _ in Ray(1, cluster.address).outcomes(by_value(slow), counted()):
        over += 1
        assert len(taken) - over <= 2
    assert over == 12


def test_who_lets_go_takes_back_what_was_not_begun(cluster, tmp_path):
    found = Ray(address=cluster.address).outcomes(by_value(slow), tasks(tmp_path, 100))
    next(found)
    found.close()
    time.sleep(1)
    assert len(list(tmp_path.iterdir())) <= 6


def test_another_automask_is_refused(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("automask.batch.engines.ray.__version__", "99.0")
    with pytest.raises(AutomaskError, match=r"has automask .*; install automask 99.0 on each"):
        list(Ray(address=cluster.address).outcomes(by_value(told), tasks(tmp_path, 1)))


def elsewhere(task):
    return Outcome(task.item.name, DONE, outputs=(("masks/x.png", 3),))


def test_a_folder_that_is_not_shared_is_noticed(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("automask.batch.engines.ray.SHARED_S", 0.3)
    with pytest.raises(AutomaskError, match="is not the same folder on all machines"):
        list(Ray(address=cluster.address).outcomes(by_value(elsewhere), tasks(tmp_path, 1)))


@pytest.fixture
def short():
    """A folder of a short name for what is temporary."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as folder:
        yield Path(folder)


def command(folder, *words):
    env = {**os.environ, "PYTHONPATH": str(SAMPLES.parent), "TMPDIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "automask", *map(str, words)],
        env=env, start_new_session=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def more(tree, count):
    """So many pictures that they are not all in flight at once."""
    for number in range(count):
        shutil.copy(SAMPLES / "coffee.jpg", tree / "f1" / f"more {number}.jpg")


def test_the_command_on_a_cluster_of_its_own(tree, tmp_path, short):
    """Ctrl-C, sent to the whole group, ends what was begun; resume does the rest."""
    more(tree, 300)
    out = tmp_path / "out"
    how = ("--engine", "ray", "-j", "1", "--on-empty", "full")
    running = command(short, "batch", 'color("red")', tree, "-o", out, *how)
    watch = threading.Timer(120, running.kill)
    watch.daemon = True
    watch.start()
    while running.poll() is None and not list(out.glob("masks/**/*.png")):
        time.sleep(0.02)
    assert running.poll() is None, running.communicate()
    os.killpg(running.pid, signal.SIGINT)
    stdout, stderr = running.communicate(timeout=60)
    watch.cancel()
    assert (running.returncode, stdout) == (130, ""), stderr
    lines = [line for line in stderr.splitlines() if line]
    assert len(lines) <= 4, stderr  # nothing of Ray's own
    assert "go on with: automask resume" in stderr
    assert not list(short.iterdir())
    assert 1 <= len(list(out.glob("masks/**/*.png"))) < 200
    done = command(short, "resume", out)
    assert (done.communicate(timeout=60)[0], done.returncode) == ("", 4)
    assert len(list(out.glob("masks/**/*.png"))) == 315


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def kill_midway(out, least, folder, *words):
    """A batch whose driver is killed when there are so many masks, no matter what it was at."""
    running = command(folder, "batch", *words, "-o", out)
    end_s = time.monotonic() + 120
    while running.poll() is None and len(list(out.glob("masks/**/*.png"))) < least:
        assert time.monotonic() < end_s
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    assert (running.communicate()[0], running.returncode) == ("", -signal.SIGKILL)


def test_a_driver_that_is_killed_loses_nothing(cluster, tree, tmp_path, short):
    more(tree, 200)
    local, out = run(tmp_path / "a", tree, Local(2)), tmp_path / "b"
    how = ("--preview", "--rest", "--on-empty", "full", "--engine", "ray")
    kill_midway(out, 5, short, OPTIONS.rule, tree, *how, "--ray-address", cluster.address)
    with Record(out, writing=False) as record:
        before = record.states()
    assert before["planned"] > 10
    progress, rows, files, kept = run(out, tree, Ray(address=cluster.address))
    assert progress.states == local[0].states == {"done": 215, "failed": 2}
    assert progress.unchanged == before["done"]
    assert len(kept) + progress.unchanged == len(rows) == 217
    assert {name: data for name, data in files.items() if not NAME.search(name)} == local[2]


def test_tasks_whose_driver_was_killed_pay_nothing(cluster, tmp_path, short, sandbox):
    picture = np.random.default_rng(5).integers(0, 256, (600, 900, 3), np.uint8)
    ids = [sandbox.add_parent(picture) for _ in range(24)]
    (tmp_path / "jobs.csv").write_text("\n".join(["message_id", *ids]))
    asked = ("rect(10%, 20%, 30%, 40%)", "--jobs-file", tmp_path / "jobs.csv")
    asked += ("--provider", "imaginepro", "--prompt", "a pond")
    where, out = ("--engine", "ray", "--ray-address", cluster.address), tmp_path / "b"
    kill_midway(out, 4, short, *asked, *where)
    with Record(out, writing=False) as record:
        assert record.states()["planned"]
    time.sleep(2)  # in which Ray's workers still do what they were given
    assert not sandbox.billed
    done = command(short, "resume", out, *where)
    assert (done.communicate(timeout=120)[0], done.returncode) == ("", 0)
    assert sorted(sandbox.billed.values()) == [1] * 24
    other = command(short, "batch", *asked, "-o", tmp_path / "a")
    assert (other.communicate(timeout=120)[0], other.returncode) == ("", 0)
    assert sandbox.billed.total() == 24
    for kind, count in (("masks", 24), ("results", 96)):
        made = [contents(tmp_path / out / kind) for out in "ab"]
        assert made[0] == made[1]
        assert len(made[0]) == count


TWICE = """
import sys
from automask.batch.engines.ray import Ray
from automask.batch.items import Item, Options
from automask.batch.work import Task, do
for address in ("", "", sys.argv[1]):
    item = Item("x.jpg", sys.argv[2], rule="all")
    tasks = iter([Task(item, Options(on_empty="full"), sys.argv[3])])
    print([outcome.state for outcome in Ray(1, address).outcomes(do, tasks)])
"""


def test_several_clusters_after_one_another(cluster, tmp_path, short):
    env = {**os.environ, "PYTHONPATH": str(SAMPLES.parent), "TMPDIR": str(short)}
    words = [sys.executable, "-c", TWICE, cluster.address, str(SAMPLES / "cat.jpg"), str(tmp_path)]
    done = subprocess.run(words, env=env, check=False, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("['done']\n" * 3, "")
    assert next(Ray(1).outcomes(by_value(told), tasks(tmp_path, 1))).state == DONE


def test_what_is_said_where_there_is_no_cluster(monkeypatch, tmp_path):
    with pytest.raises(AutomaskError, match="No Ray cluster can be joined at not an address"):
        list(Ray(address="not an address").outcomes(told, tasks(tmp_path, 1)))
