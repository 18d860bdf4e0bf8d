"""There is all of a file or none of it, whatever happens while it is written."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from automask.errors import OutputError
from automask.images import files

DATA = bytes(range(256)) * 500


def names(folder):
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.parametrize("name", ["a.png", "größe 図.png", "with space", "x" * 255])
def test_it_is_written(tmp_path, name):
    files.write(tmp_path / name, DATA)
    assert (tmp_path / name).read_bytes() == DATA
    assert names(tmp_path) == [name]


def test_missing_folders_are_made(tmp_path):
    files.write(str(tmp_path / "a" / "b" / "c.png"), DATA)
    assert (tmp_path / "a" / "b" / "c.png").read_bytes() == DATA


def test_an_empty_file(tmp_path):
    files.write(tmp_path / "a", b"")
    assert (tmp_path / "a").read_bytes() == b""


def test_an_older_file_is_replaced_and_keeps_its_rights(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o640)
    files.write(path, DATA)
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_new_file_has_the_rights_that_the_umask_leaves(tmp_path, umask):
    before = os.umask(umask)
    try:
        files.write(tmp_path / "a", DATA)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~umask


def test_a_link_is_replaced_not_followed(tmp_path):
    (tmp_path / "photo").write_bytes(b"the photo")
    (tmp_path / "link").symlink_to("photo")
    files.write(tmp_path / "link", DATA)
    assert (tmp_path / "photo").read_bytes() == b"the photo"
    assert (tmp_path / "link").read_bytes() == DATA


def test_a_device_is_written_into_and_stays():
    files.write("/dev/null", DATA)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_same_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a").write_bytes(b"x")
    Path("b").write_bytes(b"x")
    Path("link").symlink_to("a")
    os.link("a", "hard")
    assert files.same_file("a", tmp_path / "." / "a")
    assert files.same_file("a", "link")
    assert files.same_file("a", "hard")
    assert not files.same_file("a", "b")
    assert files.same_file("new", tmp_path / "new")
    assert not files.same_file("new", "a")
    assert not files.same_file("a\0", "a")


# --- failures ----------------------------------------------------------------------------------


def message_of(path, data=DATA):
    with pytest.raises(OutputError) as caught:
        files.write(path, data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_directory_in_the_way(tmp_path):
    (tmp_path / "a").mkdir()
    assert message_of(tmp_path / "a").startswith(f"{tmp_path / 'a'} is a directory")
    assert names(tmp_path) == ["a"]


def test_a_file_where_a_folder_is_needed(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    assert "a part of its folder's path is a file" in message_of(tmp_path / "a" / "b")
    assert "a part of its folder's path is a file" in message_of(tmp_path / "a" / "b" / "c")


def test_a_name_that_is_too_long(tmp_path):
    assert "too long; choose a shorter one" in message_of(tmp_path / ("x" * 300))
    assert names(tmp_path) == []


def test_a_name_that_no_disk_takes(tmp_path):
    assert "cannot be written" in message_of(tmp_path / "a\0b")
    assert names(tmp_path) == []


def test_a_full_device():
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    assert message_of("/dev/full").startswith("/dev/full was not written: the disk is full")


@pytest.mark.parametrize(
    ("call", "code", "told"),
    [
        ("open", errno.EACCES, "its folder is read-only"),
        ("open", errno.EROFS, "its folder is read-only"),
        ("write", errno.ENOSPC, "the disk is full"),
        ("fsync", errno.EDQUOT, "the disk is full"),
        ("write", errno.EFBIG, "larger than a file may be here; raise that limit (`ulimit -f`)"),
        ("fsync", errno.EIO, "cannot be written: Input/output error"),
    ],
)
def test_a_call_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path, monkeypatch, call, code, told
):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(files.os, call, fail)
    message = message_of(path)
    monkeypatch.undo()
    assert message.startswith(f"{path} ")
    assert told in message
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_disk_that_fills_up_half_way(tmp_path, monkeypatch):
    write = os.write
    calls = []

    def short(descriptor, data):
        calls.append(len(data))
        if len(calls) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, bytes(data[:1000]))

    monkeypatch.setattr(files.os, "write", short)
    assert "the disk is full" in message_of(tmp_path / "a")
    monkeypatch.undo()
    assert calls == [128000, 127000, 126000, 125000]
    assert names(tmp_path) == []


def test_writing_in_small_pieces_gives_the_whole(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(files.os, "write", lambda d, data: write(d, bytes(data[:7001])))
    files.write(tmp_path / "a", DATA)
    monkeypatch.undo()
    assert (tmp_path / "a").read_bytes() == DATA


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_an_interruption_leaves_nothing(tmp_path, monkeypatch, call):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path if call == "replace" else files.os, call, interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write(tmp_path / "a", DATA)
    monkeypatch.undo()
    assert names(tmp_path) == []


def test_a_killed_writer_leaves_the_old_file(tmp_path):
    """Killed while it writes: the name never shows half a file."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    script = (
        "import os, sys, time\n"
        "from automask.images import files\n"
        "write = os.write\n"
        "def slow(descriptor, data):\n"
        "    count = write(descriptor, bytes(data[:1000]))\n"
        "    print('half', flush=True)\n"
        "    time.sleep(60)\n"
        "    return count\n"
        "files.os.write = slow\n"
        "files.write(sys.argv[1], bytes(5000))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout.readline() == b"half\n"
        writer.send_signal(signal.SIGKILL)
    assert path.read_bytes() == b"old"


def test_a_reader_never_sees_half_a_file(tmp_path):
    path = tmp_path / "a"
    files.write(path, bytes(1_000_000))
    script = (
        "import sys\n"
        "from automask.images import files\n"
        "for i in range(1, 41):\n"
        "    files.write(sys.argv[1], bytes([i]) * 1_000_000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(path)]) as writer:
        seen = set()
        while writer.poll() is None:
            data = path.read_bytes()
            assert len(data) == 1_000_000
            assert data.count(data[0]) == len(data)
            seen.add(data[0])
            time.sleep(0.001)
    assert writer.returncode == 0
    assert path.read_bytes()[0] == 40
    assert len(seen) > 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_a_socket_is_not_replaced(tmp_path, monkeypatch):
    import socket

    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as there:
        there.bind("a.png")
        for attempt in (files.check, lambda path: files.write(path, DATA)):
            with pytest.raises(OutputError, match="a device, not a file"):
                attempt("a.png")
        assert stat.S_ISSOCK(Path("a.png").stat().st_mode)


def test_check_says_beforehand_what_write_would_say(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for path in ("file/a.png", "file/b/a.png", "folder"):
        with pytest.raises(OutputError) as before:
            files.check(tmp_path / path)
        with pytest.raises(OutputError) as after:
            files.write(tmp_path / path, DATA)
        assert str(before.value) == str(after.value)
    for path in ("a.png", "file", "new/folders/a.png"):
        files.check(tmp_path / path)
    assert names(tmp_path) == ["file", "folder"]


def test_check_sees_a_read_only_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(OutputError, match="read-only"):
        files.check(tmp_path / "new" / "a.png")
    files.check(os.devnull)
