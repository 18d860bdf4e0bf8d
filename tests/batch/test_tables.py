"""Tables of pictures: read whole, checked line by line, named without meeting each other."""

import json

import pytest

from automask.batch import tables
from automask.errors import ArgumentError


def read(tmp_path, text, name="jobs.csv", *, needs_rule=False):
    table = tmp_path / name
    table.write_text(text, "utf-8")
    return tables.items(table, needs_rule=needs_rule)


def test_columns_may_be_left_out_and_paths_are_from_the_table(tmp_path):
    found = read(tmp_path, "image,prompt\na/x.jpg,a pond\na/b/y.png,\n")
    assert [(i.name, i.prompt) for i in found] == [("x.jpg", "a pond"), ("b/y.png", "")]
    assert found[0].image == str(tmp_path / "a" / "x.jpg")


def test_semicolons_quotes_and_a_byte_order_mark(tmp_path):
    text = '\ufeffimage;rule;prompt\nx é.jpg;"color(""red"")";"one; two"\n'
    (item,) = read(tmp_path, text)
    assert (item.name, item.rule, item.prompt) == ("x é.jpg", 'color("red")', "one; two")


def test_json_lines(tmp_path):
    lines = [{"message_id": "m/1", "upscale": 2, "ref": None}, {"image": "http://h.org/a/x.jpg"}]
    found = read(tmp_path, "\n".join(map(json.dumps, lines)), "jobs.jsonl")
    assert [(i.name, i.upscale) for i in found] == [("m_1", 2), ("h.org/a/x.jpg", 0)]


def test_line_breaks_inside_a_text_of_json_are_no_ends_of_lines(tmp_path):
    prompts = ["one\u2028two", "one\x85two", "one\u2029", ""]
    lines = [json.dumps({"image": "x.jpg", "prompt": p}, ensure_ascii=False) for p in prompts]
    found = read(tmp_path, "\r\n".join(lines), "jobs.jsonl")
    assert [item.prompt for item in found] == [p.strip() for p in prompts]


def test_numbers_as_other_programs_write_them(tmp_path):
    text = '{"message_id": 7, "upscale": 2.0}\n{"message_id": "m", "upscale": null}\n'
    assert [i.upscale for i in read(tmp_path, text, "jobs.jsonl")] == [2, 0]
    assert [i.upscale for i in read(tmp_path, "message_id,upscale\na,2.0\nb,\n")] == [2, 0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"image": ["x.jpg"]}', 'line 1: image cannot be ["x.jpg"]; it is a text.'),
        ('{"image": {"path": "x.jpg"}}', "line 1: image cannot be"),
        ('{"image": "x.jpg", "upscale": true}', "upscale cannot be true"),
        ('{"image": NaN}', "NaN is no value; write null"),
        ('{"image": "x.jpg", "image": "y.jpg"}', "'image' stands twice"),
        ("[" * 100_000, "line 1: it is not JSON"),
    ],
)
def test_json_of_another_kind(tmp_path, line, words):
    with pytest.raises(ArgumentError) as caught:
        read(tmp_path, line, "jobs.jsonl")
    assert words in str(caught.value)


def test_a_picture_that_stands_twice_gets_two_places(tmp_path):
    found = read(tmp_path, "image,rule\nx.jpg,all\nx.jpg,none\n")
    assert [item.name for item in found] == ["x.jpg", "x.jpg~2"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image,promt\nx.jpg,a\n", "no column 'promt'; did you mean 'prompt'?"),
        ("image,message_id\nx.jpg,m1\n", "line 2: give image or message_id; both are given"),
        ("image,message_id\n,\nx.jpg,\n", None),
        ("message_id,prompt\n,hello\n", "line 2: give image or message_id; neither"),
        ("image,rule\nx.jpg,all\ny.jpg,al\n", "line 3: There is no strategy"),
        ("image,upscale\nx.jpg,5\n", "upscale cannot be '5'"),
        ("image,upscale\nx.jpg,22\n", "upscale cannot be '22'"),
        ("image,provider\nx.jpg,nobody\n", "line 2: There is no provider 'nobody'"),
        ("image,rule,image\nx.jpg,all,y.jpg\n", "the column 'image' stands twice"),
        ("image\nx.jpg,y\n", "more cells than columns"),
        ('image\n"x.jpg\n', "line"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, text, words):
    if words is None:
        assert len(read(tmp_path, text)) == 1  # an empty line is none
        return
    with pytest.raises(ArgumentError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)


def test_a_table_that_is_no_table(tmp_path):
    with pytest.raises(ArgumentError, match="cannot be read"):
        tables.items(tmp_path / "none.csv", needs_rule=False)
    with pytest.raises(ArgumentError, match="line 1: it is not JSON"):
        read(tmp_path, "image\n", "jobs.jsonl")
    (tmp_path / "jobs.csv").write_bytes(b"image\n\xff\xfe\n")
    with pytest.raises(ArgumentError, match="UTF-8"):
        tables.items(tmp_path / "jobs.csv", needs_rule=False)
    with pytest.raises(ArgumentError, match="there is no rule"):
        read(tmp_path, "image\nx.jpg\n", needs_rule=True)
