"""The provider over a server on loopback: bodies, preflight, progress, results, silence of keys."""

import io
import json
import logging
import sys
import traceback
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PIL import Image as Picture

from automask import pipeline
from automask.errors import (
    ArgumentError,
    AutomaskError,
    InDoubtError,
    PreflightError,
    ProviderError,
    SettingsError,
    UnreachableError,
)
from automask.imaginepro import client as client_module
from automask.imaginepro import results
from automask.imaginepro.wire import Timeouts
from automask.providers import base, imaginepro
from automask.providers.base import PROVIDERS, Job, Progress, State
from automask.providers.imaginepro import ImaginePro
from tests.loopback import DROP, RESET, SILENT, Loopback, free_port

KEY = "sk-never-to-be-seen-91c7"
FETCH, BUTTON, IMAGES = "/api/v1/message/fetch/", "/api/v1/nova/button", "/api/v1/nova/images"
ACCOUNT = "/api/v1/subscription/account-info"


def picture(width=96, height=64, format_="PNG"):
    stream = io.BytesIO()
    rgb = np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)
    Picture.fromarray(rgb).save(stream, format_)
    return stream.getvalue()


def mask(width=96, height=64):
    bits = np.zeros((height, width), np.uint8)
    bits[10:50, 20:70] = 255
    stream = io.BytesIO()
    Picture.fromarray(bits).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def service(monkeypatch, tmp_path):
    """A server that has one upscaled parent and takes jobs; the environment points there."""
    server = Loopback((404, {"message": "not planned"}))
    server.by_path = {
        FETCH + "parent": [(200, parent_of(server))],
        FETCH + "m-1": [(200, {"messageId": "m-1", "status": "PROCESSING", "progress": "40%"})],
        BUTTON: [(201, {"success": "true", "messageId": "m-1"})],
        "/files/": [(200, picture())],
        ACCOUNT: [(200, {"credits": 100})],
    }
    monkeypatch.setenv("IMAGINEPRO_BASE_URL", server.url + "/")
    monkeypatch.setenv("IMAGINEPRO_API_KEY", KEY)
    monkeypatch.setenv("IMAGINEPRO_LIMITS", "off")
    monkeypatch.setattr(client_module, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(client_module, "FIRST_BUSY_PAUSE_S", 0.001)
    monkeypatch.setattr("automask.imaginepro.wire.Timeouts", lambda: Timeouts(0.5, 0.3, 2.0))
    yield server
    server.close()


@pytest.fixture
def engine():
    made = ImaginePro()
    yield made
    made.close()


def parent_of(server, **more):
    return {
        "messageId": "parent", "status": "DONE", "uri": server.url + "/files/parent.png",
        "buttons": ["Vary (Strong)", "Vary (Region)"], **more,
    }  # fmt: skip


def job(**more):
    return Job(**{"provider": "imaginepro", "mask": mask(), "prompt": "a red hat",
                  "parent_id": "parent", **more})  # fmt: skip


# --- what is sent -------------------------------------------------------------------------------


def test_a_region_edit_is_what_the_documentation_says(service, engine):
    order = job(ref="our-ref", webhook="https://example.org/hook/x")
    assert engine.submit(order) == "m-1"
    ((_, path, headers, data),) = service.requests
    sent = json.loads(data)
    assert path == BUTTON
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Content-Type"] == "application/json"
    assert sent.pop("mask") == engine.body(order)["mask"]
    assert sent == {
        "messageId": "parent", "button": "Vary (Region)", "prompt": "a red hat",
        "ref": "our-ref", "webhookOverride": "https://example.org/hook/x", "timeout": 900,
    }  # fmt: skip


def test_what_is_not_wanted_is_not_sent(service):
    body = ImaginePro(timeout_s=0).body(job(prompt=""))
    assert body.keys() == {"messageId", "button", "mask", "ref"}
    assert body["ref"] == job(prompt="").key


def test_the_reference_and_the_webhook_do_not_change_the_key():
    assert job().key == job(ref="x", webhook="https://example.org").key
    assert job(ref="x").reference == "x"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_upscale_presses_its_button(service, engine, number):
    service.by_path[FETCH] = [(200, {"status": "DONE", "buttons": ["U1", "U2", "U3", "U4"]})]
    order = engine.upscaling("grid", number)
    assert engine.submit(order) == "m-1"
    body = json.loads(service.requests[-1][3])
    assert (body["button"], body["messageId"]) == (f"U{number}", "grid")
    assert body.keys() == {"messageId", "button", "ref", "timeout"}


def test_what_is_no_grid_needs_no_upscale(service, engine):
    service.by_path[FETCH] = [(200, {"status": "DONE", "buttons": ["Vary (Region)"]})]
    assert engine.upscaling("single", 2) is None


@pytest.mark.parametrize("number", [0, 5, -1])
def test_a_grid_has_four_pictures(engine, number):
    with pytest.raises(ArgumentError, match="1 to 4"):
        engine.upscaling("grid", number)


def test_a_cancel_presses_its_button_and_may_have_no_id(service, engine):
    service.by_path[BUTTON] = [(200, {"success": True})]
    engine.cancel("m-1")
    assert json.loads(service.requests[0][3]) == {"messageId": "m-1", "button": "Cancel Job"}


def test_the_older_paths_are_a_setting(service):
    service.by_path = {"/api/v1/midjourney/": [(200, {"success": True, "messageId": "m/9 x"})]}
    engine = ImaginePro(paths="midjourney")
    assert engine.submit(job()) == "m/9 x"
    engine.progress("m/9 x")
    engine.service().history(2)
    engine.close()
    paths = [path for _, path, _, _ in service.requests]
    start = "/api/v1/midjourney/"
    assert paths == [
        f"{start}button", f"{start}message/m%2F9%20x", f"{start}images?page=2&size=10",
    ]  # fmt: skip


def test_an_outline_sends_nothing_and_needs_no_key(service, engine, monkeypatch):
    monkeypatch.delenv("IMAGINEPRO_API_KEY")
    told = engine.outline(job())
    assert service.requests == []
    assert told["url"] == service.url + BUTTON
    assert told["json"]["prompt"] == "a red hat"
    assert len(told["json"]["mask"]) < 80
    assert (told["mask"]["width"], told["mask"]["height"]) == (96, 64)
    assert told["mask"]["coverage"] == pytest.approx(40 * 50 / (96 * 64), abs=1e-6)
    assert told["credits"] == 5


def test_the_service_is_the_default_address(monkeypatch):
    monkeypatch.delenv("IMAGINEPRO_BASE_URL", raising=False)
    assert ImaginePro().outline(job())["url"] == f"https://api.imaginepro.ai{BUTTON}"


@pytest.mark.parametrize("seconds", [9, 901, -1])
def test_the_services_own_time_limit_has_limits(seconds):
    with pytest.raises(ArgumentError, match="10 to 900"):
        ImaginePro(timeout_s=seconds)


# --- the look before ----------------------------------------------------------------------------


def test_a_good_job_has_no_notes_and_costs_one_look_and_one_picture(service, engine):
    assert engine.check(job()) == []
    assert [path for _, path, _, _ in service.requests] == [FETCH + "parent", "/files/parent.png"]
    assert engine.check(job(parent=picture(), prompt=""))[0].startswith("There is no prompt")
    assert service.count("POST") == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"buttons": ["U1", "U2", "U3", "U4", "V1"]}, "--upscale N"),
        ({"buttons": ["Upscale (2x)", "Zoom Out"]}, "its buttons are: Upscale .2x., Zoom Out"),
        ({"buttons": []}, "its buttons are: none"),
        ({"buttons": None}, "its buttons are: none"),
        ({"status": "PROCESSING"}, "is PROCESSING; wait"),
        ({"status": "FAIL", "error": "moderated"}, "failed: moderated"),
        ({"uri": ""}, "names no picture"),
    ],
)
def test_a_parent_that_cannot_be_edited_says_why(service, engine, more, said):
    service.by_path[FETCH + "parent"] = [(200, parent_of(service, **more))]
    with pytest.raises(PreflightError, match=said):
        engine.check(job())


def test_a_missing_button_can_be_made_a_note(service):
    service.by_path[FETCH + "parent"] = [(200, parent_of(service, buttons=[]))]
    engine = ImaginePro(strict=False)
    assert "no button" in engine.check(job())[0]
    service.by_path[FETCH + "parent"] = [(200, parent_of(service, buttons=["U1"]))]
    with pytest.raises(PreflightError, match="grid"):
        engine.check(job())
    engine.close()


def test_an_unknown_parent_is_refused(service, engine):
    with pytest.raises(PreflightError, match="knows no message 'nowhere'"):
        engine.check(job(parent_id="nowhere"))


def test_a_photo_is_explained(engine):
    for ask in (engine.check, engine.submit, engine.outline):
        with pytest.raises(PreflightError, match=r"cannot be given a photo.*--provider opencv"):
            ask(job(parent_id="", parent=picture()))


def test_the_pipeline_explains_a_photo_too(service):
    with pytest.raises(PreflightError, match="by their message id"):
        pipeline.run(np.zeros((40, 60, 3), np.uint8), "all", provider="imaginepro")
    assert service.requests == []


def test_the_mask_has_the_parents_size(service, engine):
    with pytest.raises(PreflightError, match=r"48 x 32 pixels and the parent 96 x 64: scale it"):
        engine.check(job(mask=mask(48, 32)[:]))
    with pytest.raises(PreflightError, match="another shape"):
        engine.check(job(mask=mask(96, 96)))


# --- a 401 --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {"message": "Unauthorized"}), "does not accept the key"),
        ((200, {"credits": 2, "creditsExtra": 1}), "3 credits are left"),
        ((200, {"credits": 500}), "The account itself accepts the key"),
        ((500, b""), "did not accept the key, or the credits are used up"),
    ],
)
def test_a_401_is_told_apart(service, engine, answer, said):
    service.by_path[BUTTON] = [(401, {"message": "Unauthorized"})]
    service.by_path[ACCOUNT] = [answer]
    with pytest.raises(ProviderError, match=said):
        engine.submit(job())
    assert service.count("POST") == 1


# --- after the submit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [{"success": True}, {"success": "true", "messageId": ""}, {}, {"success": None}]
)
def test_a_yes_without_an_id_is_in_doubt(service, engine, body):
    service.by_path[BUTTON] = [(200, body)]
    with pytest.raises(InDoubtError, match="no message id") as caught:
        engine.submit(job(ref="our-ref"))
    assert caught.value.ref == "our-ref"


@pytest.mark.parametrize(
    ("body", "progress"),
    [
        ({"status": "QUEUED"}, Progress(State.QUEUED)),
        ({"status": "SUBMITTED", "progress": 0}, Progress(State.QUEUED, 0.0)),
        ({"status": "PROCESSING", "progress": "40%"}, Progress(State.RUNNING, 0.4)),
        ({"status": "DREAMING"}, Progress(State.RUNNING)),
        ({}, Progress(State.RUNNING)),
        ({"status": "FAIL", "error": "no"}, Progress(State.FAILED, error="no")),
        ({"status": "FAIL"}, Progress(State.FAILED, error="no reason is given")),
        ({"status": "DONE"}, Progress(State.FAILED, 1.0, error="it is DONE and names no picture")),
        ({"status": "done", "uri": "https://a/b"},
         Progress(State.DONE, 1.0, addresses=("https://a/b",))),
    ],
)  # fmt: skip
def test_progress_is_what_the_message_says(service, engine, body, progress):
    service.by_path[FETCH + "m-1"] = [(200, body)]
    assert engine.progress("m-1") == progress


def test_a_new_job_may_be_unknown_for_a_while(service, engine, monkeypatch):
    service.by_path[FETCH + "m-1"] = [(404, {}), (404, {}), (200, {"status": "PROCESSING"})]
    assert engine.progress("m-1").state is State.QUEUED
    assert engine.progress("m-1").state is State.QUEUED
    assert engine.progress("m-1").state is State.RUNNING
    service.by_path[FETCH + "m-1"] = [(404, {"message": "gone"})]
    monkeypatch.setattr(imaginepro, "GRACE_S", 0.0)
    with pytest.raises(ProviderError, match="gone"):
        engine.progress("m-1")


def test_results_are_fetched_without_the_key(service, engine, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password pw\n")
    monkeypatch.setenv("NETRC", str(netrc))
    service.by_path["/elsewhere"] = [(302, b"", {"Location": "/files/b.png"})]
    addresses = (service.url + "/files/a.png?sig=1", service.url + "/elsewhere")
    pictures = engine.pictures(Progress(State.DONE, addresses=addresses))
    assert pictures == (picture(), picture())
    assert not any("Authorization" in headers for _, _, headers, _ in service.requests)
    engine.progress("m-1")
    assert service.requests[-1][2]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("fault", [DROP, RESET, SILENT, (500, b""), (503, b"")])
def test_a_result_is_fetched_again_after_a_fault(service, engine, fault):
    service.by_path["/files/"] = [fault, fault, (200, picture())]
    assert engine.service().fetch(service.url + "/files/a.png") == picture()


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        ((404, b""), UnreachableError, "answers 404"),
        ((200, b"<html>no</html>"), ProviderError, "a web page"),
        ((200, b""), ProviderError, "is empty"),
        ((200, picture()[:-200]), ProviderError, "cut short"),
        ((200, picture(format_="JPEG")[:-500]), ProviderError, "cut short"),
        ((302, b"", {"Location": "http://example.org/x"}), ProviderError, "no https address"),
        ((302, b"", {"Location": "file:///etc/passwd"}), ProviderError, "no https address"),
        ((302, b"", {"Location": "/files/a"}), ProviderError, "redirects too often"),
    ],
)
def test_what_is_no_picture_is_no_result(service, engine, step, error, said):
    service.by_path["/files/"] = [step]
    with pytest.raises(error, match=said) as caught:
        engine.service().fetch(service.url + "/files/a.png?signature=secret")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://example.org/a.png", "file:///etc/passwd", "", "x"])
def test_results_lie_at_https_addresses(service, engine, address):
    with pytest.raises(ProviderError, match="no https address"):
        engine.service().fetch(address)


def test_a_result_without_end_is_broken_off(service, engine, monkeypatch):
    service.by_path["/files/"] = [(200, b" " * 300_000)]
    with pytest.raises(UnreachableError, match="larger than 1000 bytes"):
        results.download(engine.service().client, service.url + "/files/a.png", 1000)


def test_a_service_elsewhere_cannot_point_at_this_machine(service, monkeypatch):
    monkeypatch.setenv("IMAGINEPRO_BASE_URL", "https://example.org")
    engine = ImaginePro()
    with pytest.raises(ProviderError, match="no https address"):
        engine.service().fetch(service.url + "/files/a.png")
    engine.close()
    assert service.requests == []


def test_the_pipeline_waits_and_fetches(service, engine, monkeypatch):
    monkeypatch.setattr(ImaginePro, "first_poll_s", 0.001)
    done = {"status": "DONE", "images": [f"{service.url}/files/{n}" for n in range(4)]}
    service.by_path[FETCH + "m-1"] = [(200, {"status": "QUEUED"}), DROP, (200, done)]
    handle = engine.submit(job())
    rgb = pipeline._wait(engine, handle, None)
    assert rgb.shape == (64, 96, 3)


def test_waiting_ends_at_the_deadline_with_the_handle(service, engine, monkeypatch):
    monkeypatch.setattr(ImaginePro, "first_poll_s", 0.001)
    monkeypatch.setattr(ImaginePro, "deadline_s", 0.1)
    with pytest.raises(ProviderError, match=r"not finished after 0.1 s.*m-1"):
        pipeline._wait(engine, "m-1", None)


# --- the record that the service keeps ----------------------------------------------------------


NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def line(name, minutes=1, button="Vary (Region)", prompt="a red hat"):
    created = (NOW + timedelta(minutes=minutes)).isoformat()
    return {"id": name, "button": button, "prompt": prompt, "createdAt": created}


def test_a_job_in_doubt_is_found_by_its_reference(service, engine):
    pages = [[line("other", prompt="x"), line("a")], [line("b"), line("old", -90)], []]
    service.by_path[IMAGES] = [(200, {"images": page}) for page in pages]
    for name, ref in (("a", "somebody else's"), ("b", "our-ref")):
        service.by_path[FETCH + name] = [(200, {"messageId": name, "ref": ref})]
    found = engine.service().past().find("our-ref", "a red hat ", NOW)
    assert (found.handle, found.possible) == ("b", ())


def test_what_carries_no_reference_is_only_possible(service, engine):
    lines = [line("a"), line("u", button="U1"), line("old", -90)]
    service.by_path[IMAGES] = [(200, {"images": lines}), (200, {"images": [line("old", -90)]})]
    service.by_path[FETCH] = [(200, {"status": "DONE", "ref": ""})]
    found = engine.service().past().find("our-ref", "a red hat", NOW)
    assert found.handle == ""
    assert found.possible == ("a",)


def test_a_history_that_repeats_itself_ends(service, engine):
    service.by_path[IMAGES] = [(200, {"images": [line("u", button="U1")]})]
    assert engine.service().past().find("r", "p", NOW).possible == ()
    assert service.count("GET") == 2


def test_account_and_prompt_check(service, engine):
    service.by_path["/api/v1/nova/prompt-check"] = [(200, {"status": "FAIL", "message": "bad"})]
    assert engine.service().account().left == 100
    advice = engine.service().prompt_check("x")
    assert (advice.ok, advice.message) == (False, "bad")


# --- settings, limits ---------------------------------------------------------------------------


def test_arguments_come_from_the_settings_but_never_the_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "automask.toml"
    file.write_text('[providers.imaginepro]\nmask_format = "png"\nedit_credits = 7\n')
    engine = base.provider_of("imaginepro")
    assert (engine.mask_format, engine.price(job())) == ("png", 7)
    for line_ in ('base_url = "https://example.org"', 'key = "x"', "edit_credits = []"):
        file.write_text(f"[providers.imaginepro]\n{line_}\n")
        with pytest.raises(ArgumentError, match="imaginepro"):
            base.provider_of("imaginepro")
    file.write_text("[providers]\nimaginepro = 3\n")
    with pytest.raises(SettingsError, match=r"\[providers.imaginepro\]"):
        base.provider_of("imaginepro")


def test_limits_are_kept_unless_they_are_lifted(service, monkeypatch, tmp_path):
    def paces(**more):
        engine = ImaginePro(**more)
        held = engine.service().client.paces
        engine.close()
        return {kind: pace.interval_s for kind, pace in held.items()}

    assert paces() == {}
    monkeypatch.delenv("IMAGINEPRO_LIMITS")
    assert paces() == {"general": 3.0, "message": 0.1}
    assert paces(limits=False) == {}


# --- the key ------------------------------------------------------------------------------------

TROUBLE = {
    "works": {},
    "dropped": {BUTTON: [DROP]},
    "silent": {BUTTON: [SILENT]},
    "reset": {BUTTON: [RESET]},
    "page": {BUTTON: [(502, f"<html>{KEY}</html>".encode())]},
    "echo": {BUTTON: [(400, {"message": f"the key {KEY} may not", "error": KEY})]},
    "echo in a 200": {BUTTON: [(200, {"success": False, "message": f"Bearer {KEY}"})]},
    "401": {BUTTON: [(401, {"message": f"bad key {KEY}"})], ACCOUNT: [(401, {"message": KEY})]},
    "echo in a message": {FETCH: [(200, {"status": "FAIL", "error": f"{KEY} is bad"})]},
    "echo in a status": {FETCH: [(200, {"status": KEY, "ref": KEY, "uri": KEY})]},
    "echo in an id": {BUTTON: [(200, {"success": True, "messageId": KEY})], FETCH: [(404, {})]},
    "500": {FETCH: [(500, {"message": KEY})]},
    "a result elsewhere": {FETCH: [(200, {"status": "DONE", "uri": f"http://a.example/{KEY}"})]},
}


def everything(engine, order, told):
    """Ask all there is to ask, and put every text that comes of it into `told`."""
    told += [repr(engine), str(engine), repr(order)]
    chained = []
    for ask in (
        engine.service,
        lambda: engine.outline(order),
        lambda: engine.check(order),
        lambda: engine.submit(order),
        lambda: engine.progress("m-1"),
        lambda: engine.pictures(engine.progress("m-1")),
        lambda: engine.cancel("m-1"),
        lambda: engine.upscaling("m-1", 2),
        lambda: engine.service().account(),
        lambda: engine.service().history(),
        lambda: engine.service().prompt_check("x"),
        lambda: engine.service().past().find("r", "p", NOW),
    ):
        try:
            given = ask()
            told += [repr(given), str(given)]
        except AutomaskError as error:
            told += [str(error), repr(error), repr(vars(error)), repr(error.args)]
            told += traceback.format_exception(error)
            # With the variables of every frame, as error reporters print them.
            told += traceback.TracebackException.from_exception(error, capture_locals=True).format()
            told += [f"{error.__cause__} {error.__context__}"]
            chained.append(error.__cause__ or error.__context__)
    # An error of requests in the chain would carry the request, and that the header.
    assert not any(chained)


@pytest.mark.parametrize("plan", TROUBLE.values(), ids=TROUBLE)
def test_the_key_is_in_no_output(service, engine, plan, caplog, capsys, tmp_path, monkeypatch):
    from pathlib import Path

    monkeypatch.delenv("IMAGINEPRO_LIMITS")
    monkeypatch.setattr(imaginepro, "INTERVALS_S", {"general": 0.001, "message": 0.001})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    caplog.set_level(logging.DEBUG)
    service.by_path = plan | {k: v for k, v in service.by_path.items() if k not in plan}
    told = []
    everything(engine, job(), told)
    told += [str(record.__dict__) for record in caplog.records] + [
        caplog.text,
        *capsys.readouterr(),
    ]
    assert len(told) > 30
    assert any("POST" in text for text in told)  # it does look into the log
    assert not [text for text in told if KEY in text]
    written = [path for path in Path(tmp_path).rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if KEY.encode() in path.read_bytes()]


def test_the_key_is_in_no_output_when_nothing_answers(service, engine, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    for address in (f"http://127.0.0.1:{free_port()}", "https://user:pw@example.org"):
        engine.close()
        monkeypatch.setenv("IMAGINEPRO_BASE_URL", address)
        told = []
        everything(engine, job(), told)
        assert not [text for text in [*told, caplog.text] if KEY in text]


def test_the_provider_is_listed_and_imports_nothing_heavy():
    import subprocess

    code = (
        "import sys; from automask.providers.base import PROVIDERS; PROVIDERS['imaginepro']();"
        "print(sorted({'requests', 'cv2', 'PIL', 'keyring', 'sqlite3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("[]", "['sqlite3']")
    assert PROVIDERS["imaginepro"].paid
