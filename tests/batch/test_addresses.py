"""Addresses among the inputs: listed, mirrored, read, and what is said when that fails."""

import io
import sys
import zipfile
from pathlib import Path

import fsspec
import numpy as np
import pytest

import automask
from automask.batch import tables
from automask.batch.addresses import Names
from automask.batch.inputs import Inputs
from automask.batch.items import Options
from automask.errors import ArgumentError, ImageError
from automask.images import encode, sources, stores

PHOTO = (Path(__file__).parents[2] / "samples" / "cat.jpg").read_bytes()
NAMES = ("a/x.jpg", "a/deep/y.PNG", "b/x.jpg", "b/t#1.jpg", "n.txt", ".h.jpg", ".t/x.jpg")


@pytest.fixture
def store():
    """Pictures under memory://shop/in, and other files."""
    memory = fsspec.filesystem("memory")
    for name in NAMES:
        memory.pipe_file(f"/shop/in/{name}", PHOTO)
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


def listed(tmp_path, *words):
    return {item.name: item.image for item in Inputs(words, tmp_path / "out").items()}


@pytest.mark.parametrize("word", ["memory://shop/in", "memory://shop/in/", "memory:///shop/in"])
def test_a_prefix_gives_the_pictures_below_it(store, tmp_path, word):
    found = listed(tmp_path, word)
    assert list(found) == ["a/x.jpg", "a/deep/y.PNG", "b/t#1.jpg", "b/x.jpg"]
    assert all(stores.read(address) == PHOTO for address in found.values())


def test_an_object_and_a_pattern(store, tmp_path):
    assert list(listed(tmp_path, "memory://shop/in/a/x.jpg")) == ["x.jpg"]
    assert list(listed(tmp_path, "memory://shop/in/*/x.jpg")) == ["a/x.jpg", "b/x.jpg"]
    assert list(listed(tmp_path, "memory://shop/in/n.txt")) == ["n.txt"]
    assert list(listed(tmp_path, "memory://shop/in/a/x.jpg", "memory://shop/in/b")) == [
        "a/x.jpg", "b/t#1.jpg", "b/x.jpg",
    ]  # fmt: skip
    with pytest.raises(ArgumentError, match="matches no object"):
        listed(tmp_path, "memory://shop/in/*.gif")


def test_files_and_several_stores_never_meet(store, tmp_path):
    (tmp_path / "x.jpg").write_bytes(PHOTO)
    found = listed(tmp_path, "memory://shop/in/a", str(tmp_path / "x.jpg"), "s3://shop/in/x.jpg")
    assert list(found) == ["memory/shop/in/a/x.jpg", "memory/shop/in/a/deep/y.PNG", "x.jpg",
                           "s3/shop/in/x.jpg"]  # fmt: skip


def test_addresses_that_differ_in_their_query_only():
    one, two = "https://example.org/image.jpg?id=1", "https://example.org/image.jpg?id=2"
    names = Names([one, two])
    assert names.of(one) != names.of(two)
    assert Names([one]).of(one) == "example.org/image.jpg"


def test_a_file_address_is_a_path(tmp_path):
    place = tmp_path / "mit Umlaut ä.jpg"
    place.write_bytes(PHOTO)
    assert listed(tmp_path, place.as_uri()) == {place.name: str(place)}
    assert automask.load(place.as_uri()).shape == automask.load(place).shape


def test_a_table_of_addresses(store, tmp_path):
    table = tmp_path / "jobs.csv"
    table.write_text("image\nmemory://shop/in/a/x.jpg\nmemory://shop/in/b/x.jpg\n")
    assert [item.name for item in tables.items(table, needs_rule=False)] == ["a/x.jpg", "b/x.jpg"]


def test_pictures_in_an_archive_in_a_store(store, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("p/x.jpg", PHOTO)
        archive.writestr("q/x.jpg", PHOTO)
    store.pipe_file("/shop/all.zip", packed.getvalue())
    found = listed(tmp_path, "zip://**/*.jpg::memory://shop/all.zip")
    assert list(found) == ["p/x.jpg", "q/x.jpg"]
    assert sources.read(found["p/x.jpg"]) == PHOTO


def test_a_batch_over_a_store(store, tmp_path, run_items):
    store.pipe_file("/shop/in/b/bad.jpg", b"no picture")
    items = [*Inputs(["memory://shop/in"], tmp_path).items()]
    store.rm_file("/shop/in/a/x.jpg")
    progress, rows = run_items(tmp_path / "out", items, Options(rule="rect(0, 0, 50%, 50%)"))
    assert progress.states == {"done": 3, "failed": 2}
    assert rows["a/x.jpg"].reason == "memory://shop/in/a/x.jpg does not exist; check the address."
    made = encode.decode((tmp_path / "out/masks/a/deep/y.PNG.png").read_bytes())
    assert np.array_equal(made, automask.mask(PHOTO, "rect(0, 0, 50%, 50%)").array)


def test_what_is_said_of_addresses_that_fail(store, tmp_path, monkeypatch):
    with pytest.raises(ImageError, match="no kind of address"):
        sources.read("nosuch://a/x.jpg")
    with pytest.raises(ImageError, match=r"needs the package adlfs; install it: pip install adlfs"):
        sources.read("az://shelf/x.jpg")
    with pytest.raises(ArgumentError, match="needs the package adlfs"):
        listed(tmp_path, "az://shelf/folder")

    def refuse(*_, **__):
        raise PermissionError("Forbidden")

    monkeypatch.setattr(type(store), "info", refuse)
    with pytest.raises(ImageError, match=r"permission denied; check the credentials"):
        sources.read("memory://shop/in/a/x.jpg")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ImageError, match=r"pip install 'automask\[cloud\]'"):
        sources.read("s3://bucket/x.jpg")


def test_what_is_written_is_there_whole(store):
    stores.write("memory://shop/out/a/m.png", b"mask")
    assert stores.size("memory://shop/out/a/m.png") == 4
    stores.remove("memory://shop/out/a/m.png")
    stores.remove("memory://shop/out/a/m.png")
    assert stores.size("memory://shop/out/a/m.png") is None


def test_where_a_store_may_hold_half_a_file_it_is_renamed_into_place(store, monkeypatch):
    monkeypatch.setattr(stores, "_WHOLE", frozenset())
    stores.write("memory://shop/out/m.png", b"mask")
    assert store.find("/shop/out") == ["/shop/out/m.png"]

    def fail(*_, **__):
        raise OSError("the line broke")

    monkeypatch.setattr(type(store), "mv", fail)
    with pytest.raises(automask.OutputError, match="the line broke"):
        stores.write("memory://shop/out/n.png", b"mask")
    assert store.find("/shop/out") == ["/shop/out/m.png"]
