"""A client that speaks to the sandbox over HTTP, the way the documentation says."""

import base64
from io import BytesIO

import numpy as np
import requests
from PIL import Image as Picture

from automask.testing.sandbox import HEADER

SIZE = (60, 40)  # (W, H) of every parent here
REGION = "Vary (Region)"


def scene(width=SIZE[0], height=SIZE[1]):
    down, across = np.mgrid[:height, :width]
    rgb = np.stack([40 + 3 * across, 60 + 4 * down, 200 - 2 * across], axis=2)
    return rgb.clip(0, 255).astype(np.uint8)


def selected(width=SIZE[0], height=SIZE[1]):
    mask = np.zeros((height, width), np.bool_)
    mask[height // 4 : height // 2, width // 3 : width // 2] = True
    return mask


def encoded(pixels, kind="WEBP", **how):
    stream = BytesIO()
    Picture.fromarray(pixels).save(stream, kind, **(how or {"lossless": True}))
    return stream.getvalue()


def pixels_of(data):
    with Picture.open(BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def mask_text(mask=None):
    mask = selected() if mask is None else mask
    return base64.b64encode(encoded(mask.view(np.uint8) * 255)).decode()


class Client:
    """One call of the documentation each; answers are `requests.Response` objects."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.session = requests.Session()

    def call(self, method, path, fault="", host="", key=True, **how):
        headers = {**(self.sandbox.headers if key else {}), **({HEADER: fault} if fault else {})}
        url = (host or self.sandbox.url) + path
        return self.session.request(method, url, headers=headers, timeout=10, **how)

    def edit(self, parent, mask=None, fault="", **body):
        body = {"messageId": parent, "button": REGION, "mask": mask or mask_text()} | body
        return self.call("POST", "/api/v1/nova/button", fault, json=body)

    def press(self, parent, button, fault="", **body):
        body = {"messageId": parent, "button": button} | body
        return self.call("POST", "/api/v1/nova/button", fault, json=body)

    def imagine(self, prompt="a red kite", fault="", **body):
        return self.call("POST", "/api/v1/nova/imagine", fault, json={"prompt": prompt} | body)

    def fetch(self, name, fault=""):
        return self.call("GET", f"/api/v1/message/fetch/{name}", fault)

    def told(self, name, fault=""):
        answer = self.fetch(name, fault)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def history(self, **query):
        return self.call("GET", "/api/v1/nova/images", params=query).json()["images"]

    def account(self):
        return self.call("GET", "/api/v1/subscription/account-info").json()

    def picture(self, url):
        answer = self.session.get(url, timeout=10)
        assert answer.status_code == 200, answer.text
        return pixels_of(answer.content)
