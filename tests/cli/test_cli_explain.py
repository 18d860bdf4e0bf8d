import json
from pathlib import Path

import numpy as np
from PIL import Image as Picture

RULE = "grid(3, 2):largest | rect(0, 0, 5px, 5px) - grid(3, 2)"


def test_a_row_for_every_part(cli, photo):
    head, *rows = cli("explain", RULE, photo).stdout.splitlines()
    assert head.split() == ["regions", "pixels", "ms", "part"]
    parts = [row.split(maxsplit=3)[3] for row in rows]
    assert parts == [
        "grid(3, 2):largest | rect(0px, 0px, 5px, 5px) - grid(3, 2)",
        "grid(3, 2):largest",
        "grid(3, 2)",
        "rect(0px, 0px, 5px, 5px) - grid(3, 2)",
        "rect(0px, 0px, 5px, 5px)",
        "grid(3, 2)",
    ]
    assert rows[1].split()[:2] == ["1", "400"]
    assert rows[5].split()[2] == "="


def test_parts_are_indented_under_what_they_belong_to(cli, photo):
    head, whole, part, inner, *_ = cli("explain", RULE, photo).stdout.splitlines()
    column = head.index("part")
    assert whole[column] == "g"
    assert part[column : column + 3] == "  g"
    assert inner[column : column + 5] == "    g"


def test_parts_that_were_never_needed(cli, photo):
    told = json.loads(cli("explain", "all ?? grid(3, 2)", photo, "--json").stdout)
    assert [step["needed"] for step in told["steps"]] == [True, True, False]
    assert told["steps"][2]["pixels"] is None
    assert cli("explain", "all ?? grid(3, 2)", photo).stdout.splitlines()[3].split()[0] == "-"


def test_a_sheet_holds_a_picture_of_each_part(cli, photo):
    result = cli("explain", RULE, photo, "-o", "sheet.png")
    assert "sheet.png" in result.stderr
    with Picture.open("sheet.png") as sheet:
        width, height = sheet.size
        colours = len(np.unique(np.asarray(sheet.convert("RGB")).reshape(-1, 3), axis=0))
    assert width > 2 * 60
    assert height > 40
    assert colours > 4


def test_a_sheet_of_a_wrong_ending_or_over_the_image_is_refused(cli, photo):
    before = photo.read_bytes()
    assert ".png, .jpg" in cli("explain", RULE, photo, "-o", "sheet.gif", code=2).stderr
    assert "overwritten" in cli("explain", RULE, photo, "-o", photo, code=2).stderr
    assert photo.read_bytes() == before
    assert not Path("sheet.gif").exists()


def test_nothing_selected_is_still_explained(cli, photo):
    result = cli("explain", "grid(3, 2) & none", photo, "-o", "sheet.png", code=3)
    assert "grid(3, 2)" in result.stdout
    assert "selects nothing" in result.stderr
    assert Path("sheet.png").is_file()
