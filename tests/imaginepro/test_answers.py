"""Whatever the service answers, it becomes a typed value or a clear error, never a traceback."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask.imaginepro import answers, bodies

URI = "https://cdn.example.org/a.png"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
FIELDS = (
    "messageId", "id", "prompt", "status", "progress", "uri", "originalUrl", "images", "buttons",
    "ref", "error", "message", "createdAt", "updatedAt", "success", "statusCode", "type", "button",
    "credits", "creditsQuota", "creditsExtra", "expiredAt", "email", "originatingMessageId",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_answer_is_too_odd(body):
    message = answers.message(body, "asked")
    assert message.share is None or 0 <= message.share <= 1
    assert all(isinstance(p, str) and p for p in message.pictures)
    assert message.created is None or message.created.tzinfo
    assert all(picture.id for picture in answers.history(body))
    left = answers.account(body).left
    assert left is None or left == left  # noqa: PLR0124  (no NaN)
    assert answers.prompt_check(body).ok in (True, False, None)
    assert "\n" not in bodies.useful_text(body)
    assert bodies.refusal(body) is None or bodies.refusal(body) >= 400


@given(st.binary(max_size=80))
def test_no_body_is_too_odd(data):
    assert isinstance(bodies.lenient(data), dict)


def test_a_message_as_documented():
    message = answers.message({
        "messageId": "m", "prompt": "a cat", "status": "DONE", "progress": 100, "uri": URI,
        "buttons": ["U1", "Vary (Region)"], "originatingMessageId": "p", "ref": "r",
        "createdAt": "2026-01-02T03:04:05.678Z", "updatedAt": "2026-01-02T03:04:06+00:00",
    })  # fmt: skip
    assert (message.id, message.status, message.share, message.ref) == ("m", "DONE", 1.0, "r")
    assert (message.pictures, message.parent_id) == ((URI,), "p")
    assert message.is_grid
    assert message.done
    assert message.updated - message.created == timedelta(milliseconds=322)


def test_a_failure_of_two_fields():
    message = answers.message({"status": "FAIL", "error": "moderated"}, "asked")
    assert (message.id, message.failed, message.error) == ("asked", True, "moderated")
    assert message.buttons is None


@pytest.mark.parametrize(
    ("value", "share"),
    [(45, 0.45), ("45", 0.45), ("45%", 0.45), (" 45.5 % ", 0.455), (100.0, 1), (250, 1), (-3, 0),
     ("done", None), (None, None), (True, None), ("nan", None), ([], None)],
)  # fmt: skip
def test_progress_is_a_number_or_a_text(value, share):
    assert answers.message({"progress": value}).share == share


@pytest.mark.parametrize(
    ("body", "pictures"),
    [
        ({"uri": URI, "images": ["https://a/1", "https://a/2"]}, ("https://a/1", "https://a/2")),
        ({"uri": URI, "images": []}, (URI,)),
        ({"uri": "", "originalUrl": URI}, (URI,)),
        ({"images": [{"url": URI}, {"uri": URI}, 3, None, ""]}, (URI,)),
        ({"images": "x"}, ()),
        ({}, ()),
    ],
)
def test_pictures_are_where_they_are(body, pictures):
    assert answers.message(body).pictures == pictures


def test_an_unknown_status_goes_on_and_is_said_once(caplog):
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            message = answers.message({"status": "Daydreaming"})
    assert not message.done
    assert not message.failed
    assert caplog.text.count("DAYDREAMING") == 1


@pytest.mark.parametrize(
    ("value", "truth"),
    [(True, True), ("true", True), (" True ", True), (1, True), (False, False), ("FALSE", False),
     (0, False), (None, None), ("yes", None), (2, None), ([], None)],
)  # fmt: skip
def test_success_is_a_truth_or_a_word(value, truth):
    assert bodies.truth(value) is truth


def test_the_useful_text_is_the_message():
    assert bodies.useful_text({"message": "no mask", "error": "Bad Request"}) == "no mask"
    assert bodies.useful_text({"message": ["a", "b"], "error": "x"}) == "a; b"
    assert bodies.useful_text({"message": "", "error": "x\n\x1b[31my"}) == "x [31my"
    assert len(bodies.useful_text({"message": "x" * 9999})) < 400


def test_retry_after_is_seconds_or_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert bodies.retry_after_s({"retry-after": "12"}) == 12
    assert 80 < bodies.retry_after_s({"retry-after": later}) <= 90
    assert bodies.retry_after_s({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    for text in ("", "soon", "-3", "nan", "1e9"):
        assert bodies.retry_after_s({"retry-after": text}) is None


def test_the_account_adds_up():
    account = answers.account({"credits": "12.5", "creditsExtra": 30, "email": "me@example.org"})
    assert account.left == 42.5
    assert account.quota is None
    assert "example" not in repr(account)
    assert answers.account({}).left is None


def test_history_lines_without_an_id_are_left_out():
    lines = [{"id": "a", "uri": URI, "button": "U1"}, {"uri": URI}, None, "x"]
    (picture,) = answers.history({"images": lines})
    assert (picture.id, picture.address, picture.button) == ("a", URI, "U1")
    assert answers.history(bodies.strict(b'[{"id": 7}]'))[0].id == "7"
