"""report.jsonl and report.html: all that is known, the worst first, whatever the names."""

import base64
import json
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Picture

from automask.batch import report
from automask.batch.items import Item, Options
from automask.batch.record import Record
from automask.batch.report import page, thumbs
from automask.batch.rows import Row
from automask.batch.work import Outcome
from automask.images import encode
from automask.types import Mask

SAMPLES = Path(__file__).parents[2] / "samples"
RULE = "rect(20%, 20%, 30%, 30%)"
HOSTILE = "é <script>alert(1)</script> & \"'`.jpg"


def write(out, options, **how):
    with Record(out, writing=False) as record:
        return report.write(record, out, options, **how)


def lines(out):
    return [json.loads(line) for line in (out / "report.jsonl").read_text("utf-8").splitlines()]


def unpacked(out):
    """The rows by name, all that the page knows, and its tiles."""
    text = (out / "report.html").read_text("utf-8")
    packed = re.search(r'id="rows">([^<]*)<', text)[1]
    told = json.loads(zlib.decompress(base64.b64decode(packed, validate=True)))
    tiles = json.loads(re.search(r'id="tiles">([^<]*)<', text)[1])
    assert told["rows"].pop() == 0
    return {row[1]: row for row in told["rows"]}, told, tiles


def decoded(tile):
    return cv2.imdecode(np.frombuffer(base64.b64decode(tile), np.uint8), cv2.IMREAD_COLOR)


@pytest.fixture
def batch(tmp_path, run_items):
    """Pictures of every end: repainted, failed, empty, with a name that is HTML, gone since."""
    home, out = tmp_path / "in", tmp_path / "out"
    home.mkdir()
    for name in ("done.jpg", "gone.jpg", "empty.jpg", HOSTILE.replace("/", "_")):
        shutil.copy(SAMPLES / "cat.jpg", home / name)
    (home / "bad.jpg").write_text("no picture")
    rules = {"empty.jpg": "none"}
    items = [
        Item(path.name, str(path), rule=rules.get(path.name, ""), prompt="a pond")
        for path in sorted(home.iterdir())
    ]
    wanted = Options(rule=RULE, provider="opencv")
    run_items(out, items, wanted)
    (home / "gone.jpg").unlink()
    write(out, wanted)
    return out


def test_a_line_says_all_that_is_known(batch):
    told = {line["name"]: line for line in lines(batch)}
    done, empty, bad = told["done.jpg"], told["empty.jpg"], told["bad.jpg"]
    assert (done["state"], done["rule"], done["regions"], done["models"]) == ("done", RULE, 1, [])
    assert done["area"] / (done["width"] * done["height"]) == pytest.approx(done["coverage"], 1e-3)
    assert {"read", "select", "write", "repaint"} <= done["seconds"].keys()
    assert done["outputs"] == ["masks/done.jpg.png", "results/done.jpg.png"]
    assert (done["prompt"], done["provider"]) == ("a pond", "opencv")
    assert (empty["state"], empty["rule"]) == ("review", "none")
    assert empty["reason"] == "The rule selects nothing."
    assert bad["state"] == "failed"
    assert "is not an image" in bad["reason"]


def test_the_page_is_one_file_that_asks_for_nothing(batch):
    text = (batch / "report.html").read_text("utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"<(link|iframe|object|embed)\b|\bsrc=\"|@import|url\(|https?://", text)
    assert "innerHTML" not in text


def test_a_name_is_never_read_as_html(batch):
    name = HOSTILE.replace("/", "_")
    rows, told, _ = unpacked(batch)
    assert name in rows
    assert "alert(1)" not in (batch / "report.html").read_text("utf-8")
    links = [told["words"][a] + (name if named else "") + b for a, b, named in rows[name][-1]]
    assert links == [f"../in/{name}", f"masks/{name}.png", f"results/{name}.png"]
    assert all((batch / link).is_file() for link in links)


def test_rows_are_grouped_and_counted(batch):
    rows, told, _ = unpacked(batch)
    ranks = {name: row[3] for name, row in rows.items()}
    assert (ranks["bad.jpg"], ranks["empty.jpg"], ranks["done.jpg"]) == (0, 1, 5)
    assert told["batch"]["states"] == {"done": 3, "failed": 1, "review": 1}
    assert told["batch"]["pictures"] == 5
    assert told["batch"]["seconds"] > 0


def test_tiles_show_the_mask_the_picture_and_the_result(batch):
    rows, _, tiles = unpacked(batch)
    overlay, plain, result = map(decoded, tiles[str(rows["done.jpg"][0])])
    assert overlay.shape == plain.shape == result.shape
    assert thumbs.SIDE_PX / 2 < max(plain.shape) <= thumbs.SIDE_PX
    inside = tuple(int(0.3 * side) for side in overlay.shape[:2])
    _, green, red = map(int, overlay[inside])
    assert red > green + 20  # the tint
    outside = overlay[-5, -5].astype(int)
    assert np.ptp(outside) < 20  # grey
    assert decoded(tiles[str(rows["gone.jpg"][0])][2]).shape == result.shape
    assert tiles[str(rows["gone.jpg"][0])][:2] == ["", ""]
    assert tiles[str(rows["empty.jpg"][0])][::2] == ["", ""]  # the picture alone says more
    assert str(rows["bad.jpg"][0]) not in tiles


def test_a_browser_shows_it(batch):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("needs Chromium")
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=9000")
    profile = f"--user-data-dir={batch.parent / 'browser'}"
    shown = subprocess.run(
        [browser, *flags, profile, "--dump-dom", (batch / "report.html").as_uri()],
        capture_output=True, check=True, timeout=120,
    ).stdout.decode()  # fmt: skip
    main = shown[shown.index("<main") : shown.index("</main>")]
    assert re.findall(r"<h2>(\w+)<span>(\d+)", main) == [
        ("Failed", "1"), ("Review", "1"), ("Done", "3")
    ]  # fmt: skip
    assert main.count('class="tile"') == 4
    assert "&lt;script&gt;alert(1)" in main
    assert "The picture is not there any more." in main


def test_the_page_stays_while_nothing_changed(batch):
    place, wanted = batch / "report.html", Options(rule=RULE, provider="opencv")
    first = place.stat().st_mtime_ns
    write(batch, wanted)
    assert place.stat().st_mtime_ns == first
    write(batch, wanted, anew=True, tiles=1)
    assert len(unpacked(batch)[2]) == 1
    with Record(batch) as record:
        record.keep(Outcome("done.jpg", "failed", "It was trodden on."), "")
        report.write(record, batch, wanted)
    assert unpacked(batch)[0]["done.jpg"][5] == "It was trodden on."


def many(out, count):
    """A batch of so many pictures that are nowhere: masks of a tenth, some of nearly all."""
    with Record(out) as record:
        number = record.begin(Options(rule="all"), [])
        record.plan((Item(f"{n:06}.jpg", f"/nowhere/{n}.jpg") for n in range(count)), number)
        with record._writing() as db:
            for n in range(count):
                area = 9_900 if n % 50 == 0 else 1_000 + n % 7
                facts = {"width": 100, "height": 100, "area": area, "box": [1, 1, 99, 99]}
                db.execute(
                    "UPDATE pictures SET state = 'done', facts = ? WHERE name = ?",
                    (json.dumps(facts | {"regions": 1, "seconds": {}}), f"{n:06}.jpg"),
                )
        return record.last_run()[1]


def test_a_page_of_many_pictures_is_bounded(tmp_path, monkeypatch):
    wanted = many(tmp_path, 700)
    monkeypatch.setattr(page, "ROWS", 300)
    write(tmp_path, wanted)
    rows, told, tiles = unpacked(tmp_path)
    unusual = [name for name, row in rows.items() if row[3] == 3]
    assert len(unusual) == 14  # all of them, and only 300 others
    assert (len(rows), told["batch"]["left_out"]) == (314, 386)
    assert told["batch"]["pictures"] == 700
    assert len(tiles) == len(unusual) + page.ORDINARY
    assert {str(rows[name][0]) for name in unusual} <= tiles.keys()
    assert (tmp_path / "report.html").stat().st_size < 60_000


def test_ordinary_pictures_have_fewer_tiles_where_there_are_many(tmp_path):
    wanted = many(tmp_path, page.TILES + 1)
    write(tmp_path, wanted)
    assert len(unpacked(tmp_path)[2]) == page.ORDINARY + 5  # as many are unusual
    write(tmp_path, wanted, anew=True, tiles=page.TILES)
    assert len(unpacked(tmp_path)[2]) == page.TILES


def test_all_of_a_small_batch_have_tiles(tmp_path):
    wanted = many(tmp_path, page.TILES)
    write(tmp_path, wanted)
    assert len(unpacked(tmp_path)[2]) == page.TILES


def test_an_empty_batch_has_a_page(tmp_path):
    with Record(tmp_path) as record:
        record.begin(Options(rule="all"), [])
    write(tmp_path, Options(rule="all"))
    assert unpacked(tmp_path)[0] == {}
    assert (tmp_path / "report.jsonl").read_bytes() == b""


# --- small pictures of all kinds ----------------------------------------------------------------


def tile_of(tmp_path, place, mask, suffix=".png", data=None):
    kept = tmp_path / "masks" / f"{place.name}{suffix}"
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(encode.encode(Mask(mask), "png") if data is None else data)
    height, width = mask.shape
    facts = {"width": width, "height": height, "area": int(mask.sum())}
    item = Item(place.name, str(place))
    outputs = ((f"masks/{kept.name}", kept.stat().st_size),)
    return thumbs.tile(Row(1, item, "done", outputs=outputs, facts=facts), tmp_path)


@pytest.mark.parametrize(
    ("name", "mode", "size"),
    [
        ("gray.png", "L", (300, 200)),
        ("alpha.png", "RGBA", (800, 90)),
        ("deep.png", "I;16", (70, 40)),
        ("inks.jpg", "CMYK", (500, 400)),
        ("one.png", "RGB", (1, 1)),
        ("line.jpg", "RGB", (1, 900)),
        ("large.jpg", "RGB", (4000, 3000)),
        ("palette.gif", "P", (90, 60)),
    ],
)
def test_pictures_of_every_kind_have_a_tile(tmp_path, name, mode, size):
    place = tmp_path / name
    Picture.new(mode, size).save(place)
    mask = np.zeros(size[::-1], bool)
    mask[: (size[1] + 1) // 2] = True
    overlay, plain, _ = tile_of(tmp_path, place, mask)
    assert decoded(overlay).shape == decoded(plain).shape
    side_px = max(decoded(plain).shape[:2])
    assert min(max(size), thumbs.SIDE_PX / 2) <= side_px <= min(max(size), thumbs.SIDE_PX)


def test_a_turned_photo_lies_under_its_mask(tmp_path):
    exif = Picture.Exif()
    exif[0x112] = 6
    place = tmp_path / "turned.jpg"
    Picture.new("RGB", (1600, 900)).save(place, exif=exif)
    mask = np.zeros((1600, 900), bool)  # upright
    mask[:800] = True
    overlay = decoded(tile_of(tmp_path, place, mask)[0])
    assert overlay.shape[0] > overlay.shape[1]
    assert np.ptp(overlay[60, 100].astype(int)) > 20
    assert np.ptp(overlay[-60, 100].astype(int)) < 20


@pytest.mark.parametrize("format_", encode.FORMATS)
def test_masks_of_every_format_are_shown(tmp_path, format_):
    place = tmp_path / "x.png"
    Picture.new("RGB", (60, 40)).save(place)
    mask = np.zeros((40, 60), bool)
    mask[:20] = True
    image = encode_image(place)
    made = encode.encode(Mask(mask), format_, image=image)
    overlay = decoded(tile_of(tmp_path, place, mask, encode.suffix(format_), made)[0])
    assert np.ptp(overlay[8, 30].astype(int)) > 20
    assert np.ptp(overlay[34, 30].astype(int)) < 20


def encode_image(place):
    import automask

    return automask.load(place)


def test_one_pixel_of_many_is_seen(tmp_path):
    place = tmp_path / "x.jpg"
    Picture.new("RGB", (3000, 2000)).save(place)
    mask = np.zeros((2000, 3000), bool)
    mask[1000, 1500] = True
    assert np.ptp(decoded(tile_of(tmp_path, place, mask)[0]).astype(int)) > 100
