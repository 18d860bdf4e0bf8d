"""What the service refuses: bodies and masks that are not as its documentation wants them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from automask.errors import ImageError
from automask.types import Bits

TIMEOUT_S = (10, 900)
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Refused(Exception):  # noqa: N818  (what happened to the request)
    """A request that is answered with an HTTP error; `status` and the useful text."""

    def __init__(self, status: int, message: str, retry_after: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after

    @property
    def body(self) -> dict[str, Any]:
        """The error body: the useful text is in `message`."""
        reason = REASONS.get(self.status, "Error")
        return {"message": str(self), "error": reason, "statusCode": self.status}


def json_body(data: bytes) -> dict[str, Any]:
    """The JSON object of a body.

    Raises
    ------
    Refused
        If it is none.
    """
    try:
        body = json.loads(data or b"{}")
    except ValueError:
        raise Refused(400, "The body is not valid JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "The body is not a JSON object")
    return body


def text(body: dict[str, Any], name: str, *, needed: bool = False) -> str:
    """The text `name` of `body`; "" where it is not there and not `needed`."""
    value = body.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Refused(400, f"{name} must be a string")
    if needed and not value:
        raise Refused(400, f"{name} should not be empty")
    return value


def check_timeout(body: dict[str, Any]) -> None:
    """Refuse a `timeout` that is not a number of 10 to 900 seconds."""
    value = body.get("timeout")
    if value is None:
        return
    least, most = TIMEOUT_S
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(400, "timeout must be a number")
    if not least <= value <= most:
        raise Refused(400, f"timeout must be from {least} to {most}")


def mask(body: dict[str, Any], size: tuple[int, int]) -> Bits:
    """The mask of `body`, bool of shape (H, W), white is True.

    Raises
    ------
    Refused
        If it has a data: prefix, is not base64, not an image, or not of the `size` (W, H).
    """
    from automask.images.decode import decode

    content = text(body, "mask", needed=True)
    if content.lstrip().startswith("data:"):
        raise Refused(400, "mask must be bare base64, without the prefix data:...;base64,")
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "mask must be base64") from None
    try:
        rgb = decode(data, "mask").rgb
    except ImageError:
        raise Refused(400, "mask must be an image") from None
    if rgb.shape[1::-1] != size:
        height, width = rgb.shape[:2]
        raise Refused(
            400,
            f"mask is {width} x {height} and the image is {size[0]} x {size[1]}; "
            "they must be of one size",
        )
    selected: Bits = rgb[..., 0] > 127
    return selected
