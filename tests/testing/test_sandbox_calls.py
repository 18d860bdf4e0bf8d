"""Every documented call of the sandbox, over HTTP."""

import base64

import numpy as np
import pytest
import requests

from automask.errors import ArgumentError
from automask.testing import Sandbox
from tests.testing.client import REGION, SIZE, encoded, mask_text, scene, selected


def test_an_upscaled_parent_is_as_it_was_given(serve):
    sandbox, client = serve()
    told = client.told(sandbox.add_parent(scene()))
    assert told["status"] == "DONE"
    assert told["progress"] == 100
    assert REGION in told["buttons"]
    assert np.array_equal(client.picture(told["uri"]), scene())
    assert np.array_equal(client.picture(told["originalUrl"]), scene())
    assert sandbox.charges == []


def test_a_region_edit_repaints_the_white_area_and_nothing_else(serve):
    sandbox, client = serve()
    parent = sandbox.add_parent(scene())
    answer = client.edit(parent, prompt="a blue door", ref="job-1", timeout=900)
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    told = client.told(answer.json()["messageId"])
    assert (told["ref"], told["originatingMessageId"]) == ("job-1", parent)
    assert told["prompt"] == "a blue door"
    pictures = [client.picture(url) for url in told["images"]]
    assert len(pictures) == 4
    for picture in pictures:
        changed = (picture != scene()).any(axis=2)
        assert not changed[~selected()].any()
        assert changed[selected()].mean() > 0.99
    assert len({picture.tobytes() for picture in pictures}) == 4
    rows = [np.concatenate(pictures[n : n + 2], axis=1) for n in (0, 2)]
    assert np.array_equal(client.picture(told["uri"]), np.concatenate(rows))
    assert sandbox.billed == {"job-1": 1}
    assert sandbox.charges[0].credits == sandbox.store.price(REGION)


def test_the_prompt_the_mask_and_nothing_else_decide_the_picture(serve):
    sandbox, client = serve(pictures=1)
    parent = sandbox.add_parent(scene())
    other = np.roll(selected(), 7, axis=1)
    asked = [("door", None), ("door", None), ("window", None), ("door", mask_text(other))]
    names = [client.edit(parent, mask, prompt=p).json()["messageId"] for p, mask in asked]
    first, again, window, moved = (client.picture(client.told(n)["uri"]) for n in names)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, window)
    assert np.array_equal((first != moved).any(axis=2), selected() | other)
    assert sorted(sandbox.billed_alike.values()) == [1, 1, 2]


def test_one_picture_of_a_region_edit_can_be_edited_again(serve):
    sandbox, client = serve(pictures=1)
    told = client.told(client.edit(sandbox.add_parent(scene())).json()["messageId"])
    assert "images" not in told
    assert client.edit(told["messageId"]).status_code == 200


@pytest.mark.parametrize("family", ["nova", "midjourney"])
def test_the_whole_chain_in_both_families_of_paths(serve, family):
    _, client = serve()
    post = {"prompt": "a hill --ar 3:2"}
    made = client.call("POST", f"/api/v1/{family}/imagine", json=post).json()["messageId"]
    way = "midjourney/message" if family == "midjourney" else "message/fetch"
    told = client.call("GET", f"/api/v1/{way}/{made}").json()
    assert told["status"] == "DONE"
    assert REGION not in told["buttons"]
    press = {"messageId": made, "button": "U3"}
    up = client.call("POST", f"/api/v1/{family}/button", json=press).json()["messageId"]
    picture = client.picture(client.told(up)["uri"])
    assert np.array_equal(picture, client.picture(told["images"][2]))
    assert picture.shape[1] / picture.shape[0] == pytest.approx(1.5, rel=0.05)
    mask = np.zeros(picture.shape[:2], np.bool_)
    mask[:9, 5:] = True
    edit = {"messageId": up, "button": REGION, "mask": mask_text(mask)}
    assert client.call("POST", f"/api/v1/{family}/button", json=edit).json()["success"] is True
    images = client.call("GET", f"/api/v1/{family}/images").json()["images"]
    assert [image["button"] for image in images] == [REGION, "U3", ""]


@pytest.mark.parametrize(("number", "same"), [(1, True), (2, False), (3, False), (4, False)])
def test_the_first_of_a_registered_grid_is_the_picture(serve, number, same):
    sandbox, client = serve()
    grid = sandbox.add_parent(scene(), upscaled=False)
    told = client.told(client.press(grid, f"U{number}").json()["messageId"])
    assert np.array_equal(client.picture(told["uri"]), scene()) is same
    assert client.picture(client.told(grid)["uri"]).shape == (2 * SIZE[1], 2 * SIZE[0], 3)


def test_other_buttons_make_variants(serve):
    sandbox, client = serve()
    parent = sandbox.add_parent(scene())
    told = client.told(client.press(parent, "Vary (Subtle)").json()["messageId"])
    assert len(told["images"]) == 4
    told = client.told(client.press(parent, "Upscale (Subtle)").json()["messageId"])
    assert REGION in told["buttons"]


# --- what is refused ----------------------------------------------------------------------------

PNG = encoded(selected().view(np.uint8) * 255, "PNG", optimize=False)
BASE64 = base64.b64encode(PNG).decode()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG", "BMP"])
def test_masks_of_any_usual_format_are_taken(serve, kind):
    sandbox, client = serve()
    content = encoded(selected().view(np.uint8) * 255, kind, quality=95)
    mask = base64.b64encode(content).decode()
    assert client.edit(sandbox.add_parent(scene()), mask).status_code == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mask": None}, "mask should not be empty"),
        ({"mask": ""}, "mask should not be empty"),
        ({"mask": 7}, "mask must be a string"),
        ({"mask": f"data:image/png;base64,{BASE64}"}, "without the prefix"),
        ({"mask": "not base64!"}, "mask must be base64"),
        ({"mask": BASE64[:-1]}, "mask must be base64"),
        ({"mask": BASE64[:40] + "\n" + BASE64[40:]}, "mask must be base64"),
        ({"mask": base64.b64encode(b"hello").decode()}, "mask must be an image"),
        ({"mask": base64.b64encode(PNG[:60]).decode()}, "mask must be an image"),
        ({"mask": mask_text(selected(*SIZE[::-1]))}, "mask is 40 x 60 and the image is 60 x 40"),
        ({"mask": mask_text(selected(120, 80))}, "mask is 120 x 80"),
        ({"messageId": None}, "messageId should not be empty"),
        ({"button": None}, "button should not be empty"),
        ({"button": "U1"}, "'U1' is not available"),
        ({"prompt": ["a"]}, "prompt must be a string"),
        ({"timeout": 9}, "timeout must be from 10 to 900"),
        ({"timeout": 901}, "timeout must be from 10 to 900"),
        ({"timeout": "300"}, "timeout must be a number"),
    ],
)
def test_a_wrong_region_edit_is_refused_and_costs_nothing(serve, change, words):
    sandbox, client = serve()
    body = {"messageId": sandbox.add_parent(scene()), "button": REGION, "mask": BASE64} | change
    answer = client.call("POST", "/api/v1/nova/button", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"
    assert answer.json()["statusCode"] == 400
    assert words in answer.json()["message"]
    assert sandbox.charges == []
    assert sandbox.requests[-1].status == 400


def test_a_grid_has_no_region_button_and_says_which_it_has(serve):
    sandbox, client = serve()
    answer = client.edit(sandbox.add_parent(scene(), upscaled=False))
    assert answer.status_code == 400
    assert "U1" in answer.json()["message"]
    assert sandbox.charges == []


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_refused(serve, data):
    _, client = serve()
    assert client.call("POST", "/api/v1/nova/imagine", data=data).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/api/v1/nova/imagine"), ("PUT", "/api/v1/nova/button"),
     ("POST", "/api/v1/nova/images"), ("DELETE", "/sandbox"), ("GET", "/results/x.png")],
)  # fmt: skip
def test_other_paths_and_methods_are_not_found(serve, method, path):
    _, client = serve()
    answer = client.call(method, path)
    assert answer.status_code == 404
    assert f"Cannot {method} {path}" in answer.json()["message"]


def test_an_unknown_message_is_not_found(serve):
    _, client = serve()
    assert client.fetch("00000000-0000-4000-8000-000000000000").status_code == 404
    assert client.edit("nothing").status_code == 404


def test_every_call_wants_the_key_but_the_download(serve):
    sandbox, client = serve()
    told = client.told(sandbox.add_parent(scene()))
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": sandbox.key}):
        for path in ("/api/v1/subscription/account-info", "/api/v1/nova/images", "/sandbox"):
            answer = requests.get(sandbox.url + path, headers=headers, timeout=5)
            assert answer.status_code == 401
            assert answer.json()["message"] == "Invalid API key"
    assert requests.get(told["uri"], timeout=5).status_code == 200
    assert client.session.get(told["uri"], headers=sandbox.headers, timeout=5).status_code == 400


# --- account, prompt check, history -------------------------------------------------------------


def test_credits_go_down_by_the_prices_and_end(serve):
    sandbox, client = serve(credits=22, prices={REGION: 8})
    made = client.imagine(ref="a").json()["messageId"]
    up = client.press(made, "U1", ref="b").json()["messageId"]
    assert (client.account()["credits"], client.account()["creditsQuota"]) == (7, 22)
    answer = client.edit(up, mask_text(np.eye(32, 48, dtype=np.bool_)))
    assert answer.status_code == 401
    assert "credits" in answer.json()["message"]
    assert client.account()["credits"] == 7
    assert [(c.ref, c.button, c.credits) for c in sandbox.charges] == [
        ("a", "imagine", 10),
        ("b", "U1", 5),
    ]


def test_the_prompt_check_is_advisory(serve):
    sandbox, client = serve()
    check = "/api/v1/nova/prompt-check"
    assert client.call("POST", check, json={"prompt": "a cat"}).json() == {"status": "SUCCESS"}
    told = client.call("POST", check, json={"prompt": "much Gore"}).json()
    assert told["status"] == "FAIL"
    assert "gore" in told["message"]
    assert client.imagine("much gore").status_code == 200
    assert len(sandbox.charges) == 1


def test_history_has_pages_and_ends_after_a_day(serve):
    sandbox, client = serve()
    names = [client.imagine(f"hill {n}").json()["messageId"] for n in range(5)]
    assert [image["id"] for image in client.history()] == names[::-1]
    assert [image["id"] for image in client.history(page=2, size=2)] == [names[2], names[1]]
    assert client.history(page=4, size=2) == []
    sandbox.advance(23 * 3600)
    late = client.imagine("late").json()["messageId"]
    sandbox.advance(2 * 3600)
    assert [image["id"] for image in client.history()] == [late]
    assert set(client.history()[0]) == {"id", "type", "button", "prompt", "uri", "createdAt"}
    for query in ({"page": 0}, {"size": "x"}, {"size": 101}):
        assert client.call("GET", "/api/v1/nova/images", params=query).status_code == 400


def test_the_original_lives_for_a_day_and_the_result_longer(serve):
    sandbox, client = serve()
    told = client.told(sandbox.add_parent(scene()))
    sandbox.advance(24 * 3600 + 1)
    assert requests.get(told["originalUrl"], timeout=5).status_code == 404
    assert requests.get(told["uri"], timeout=5).status_code == 200
    assert "originalUrl" not in client.told(told["messageId"])


# --- time ---------------------------------------------------------------------------------------


def test_a_job_is_queued_then_moves_then_is_done(serve):
    sandbox, client = serve(time_scale=10)
    parent = sandbox.add_parent(scene())
    name = client.edit(parent, ref="slow one").json()["messageId"]
    told = client.told(name)
    assert (told["status"], told["progress"]) == ("QUEUED", 0)
    assert told["buttons"] == ["Cancel Job"]
    assert requests.get(f"{sandbox.results_url}/results/{name}.png", timeout=5).status_code == 404
    assert [image["id"] for image in client.history()] == [parent]
    seen = []
    for _ in range(3):
        sandbox.advance(100)
        told = client.told(name)
        assert "uri" not in told
        seen.append((told["status"], told["progress"]))
    assert [status for status, _ in seen] == ["PROCESSING"] * 3
    assert [progress for _, progress in seen] == sorted({progress for _, progress in seen})
    sandbox.advance(100)
    told = client.told(name)
    assert (told["status"], told["progress"]) == ("DONE", 100)
    assert client.picture(told["uri"]).shape == (2 * SIZE[1], 2 * SIZE[0], 3)


def test_more_jobs_than_run_at_once_wait_their_turn(serve):
    sandbox, client = serve(time_scale=10)
    names = [client.imagine(f"hill {n}").json()["messageId"] for n in range(5)]
    sandbox.advance(60)
    statuses = [client.told(name)["status"] for name in names]
    assert statuses == ["PROCESSING"] * 3 + ["QUEUED"] * 2
    sandbox.advance(10_000)
    assert {client.told(name)["status"] for name in names} == {"DONE"}


def test_a_running_job_can_be_cancelled_and_a_finished_one_cannot(serve):
    sandbox, client = serve(time_scale=10)
    name = client.imagine().json()["messageId"]
    answer = client.press(name, "Cancel Job")
    assert answer.json() == {"success": True}
    told = client.told(name)
    assert told["status"] == "FAIL"
    assert "cancelled" in told["error"]
    assert client.press(name, "Cancel Job").status_code == 400
    assert len(sandbox.charges) == 1
    done = sandbox.add_parent(scene())
    assert client.press(done, "Cancel Job").status_code == 400
    assert client.told(done)["status"] == "DONE"


def test_rates_are_enforced_when_asked_for(serve):
    sandbox, client = serve(limits=True)
    parent = sandbox.add_parent(scene())
    assert client.edit(parent).status_code == 200
    answer = client.edit(parent)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 3
    codes = [client.fetch(parent).status_code for _ in range(11)]
    assert codes[:10] == [200] * 10
    assert codes[10] == 429
    assert len(sandbox.charges) == 1


# --- the object ---------------------------------------------------------------------------------


def test_the_seed_decides_the_key_and_the_ids():
    def run(seed):
        with Sandbox(seed=seed) as sandbox:
            return sandbox.key, sandbox.add_parent(scene()), sandbox.add_parent(scene())

    assert run(5) == run(5)
    assert len({*run(5), *run(6), *run(None), *run(None)}) == 12


def test_requests_are_remembered_as_they_came(serve):
    sandbox, client = serve()
    parent = sandbox.add_parent(scene())
    client.edit(parent, ref="x")
    client.picture(client.told(sandbox.charges[0].message_id)["uri"])
    submit, fetch, download = sandbox.requests
    assert (submit.call, fetch.call, download.call) == ("submit", "fetch", "download")
    assert submit.body["ref"] == "x"
    assert (submit.with_key, fetch.with_key, download.with_key) == (True, True, False)


def test_the_environment_leads_to_it(serve):
    sandbox, _ = serve()
    assert sandbox.environment == {
        "IMAGINEPRO_BASE_URL": sandbox.url,
        "IMAGINEPRO_API_KEY": sandbox.key,
    }
    assert sandbox.url.startswith("http://127.0.0.1:")
    assert sandbox.results_url != sandbox.url


def test_after_the_block_nothing_listens_and_the_bill_is_still_there():
    with Sandbox(seed=1, size=(30, 20)) as sandbox:
        url = f"{sandbox.url}/api/v1/nova/imagine"
        requests.post(url, json={"prompt": "x", "ref": "r"}, headers=sandbox.headers, timeout=5)
    assert sandbox.billed == {"r": 1}
    with pytest.raises(requests.ConnectionError):
        requests.post(url, timeout=5)


def test_a_bug_of_the_sandbox_is_not_taken_for_a_fault():
    def broken():
        with Sandbox() as sandbox:
            del sandbox.store.quota
            url = f"{sandbox.url}/api/v1/subscription/account-info"
            answer = requests.get(url, headers=sandbox.headers, timeout=5)
            assert answer.status_code == 500
            assert "bug of the sandbox" in answer.json()["message"]

    with pytest.raises(AttributeError, match="quota"):
        broken()


@pytest.mark.parametrize(
    "how",
    [{"faults": "500"}, {"faults": ["nonsense"]}, {"pictures": 3}, {"time_scale": -1},
     {"fault_share": 2}],
)  # fmt: skip
def test_what_cannot_be_is_refused(how):
    with pytest.raises(ArgumentError):
        Sandbox(**how)


def test_a_port_that_is_taken_is_refused(serve):
    sandbox, _ = serve()
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(ArgumentError, match=f"127.0.0.1:{port} cannot be served"):
        Sandbox(port=port).start()
