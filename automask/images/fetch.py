"""The bytes behind an http(s) address, with limits on their number, the time and redirections."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from automask.body import arriving
from automask.errors import ImageError
from automask.images.header import shown
from automask.version import __version__

if TYPE_CHECKING:
    import requests

MAX_BYTES = 2**28
CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0  # between two pieces
TOTAL_TIMEOUT_S = 180.0
MAX_REDIRECTS = 5
_PIECE_BYTES = 1 << 16
_SERVER_FAULTS = 500  # and above: RFC 9110, section 15.6


def fetch(address: str) -> bytes:
    """The bytes behind `address`.

    Raises
    ------
    ImageError
        If the server is not reached, is too slow, answers with an error, or sends too much or less
        than it announced.
    """
    import requests

    name = shown(public(address))
    try:
        with requests.Session() as session:
            session.max_redirects = MAX_REDIRECTS
            # Servers of public pictures want to know who asks.
            session.headers["User-Agent"] = f"automask/{__version__}"
            timeouts = CONNECT_TIMEOUT_S, READ_TIMEOUT_S
            with session.get(address, stream=True, timeout=timeouts) as answer:
                return _body(answer, name)
    except (requests.RequestException, ValueError) as error:
        raise ImageError(f"{name} {_reason(error)}") from None


def public(address: str) -> str:
    """`address` without the user name and password that it may hold, and without its fragment.

    >>> public("https://me:secret@example.org/a.png?size=2#top")
    'https://example.org/a.png?size=2'
    """
    return re.sub("(?<=//)[^/?#]*@", "", address).partition("#")[0]


def _body(answer: requests.Response, name: str) -> bytes:
    if not HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
        step = "check the address" if answer.status_code < _SERVER_FAULTS else "try again later"
        raise ImageError(f"{name} answers {_status(answer.status_code)}; {step}.")
    deadline, pieces, size = time.monotonic() + TOTAL_TIMEOUT_S, [], 0
    announced = answer.headers.get("Content-Length", "")
    too_large = announced.isdigit() and int(announced) > MAX_BYTES
    for piece in () if too_large else arriving(answer, _PIECE_BYTES):
        pieces.append(piece)
        size += len(piece)
        too_large = size > MAX_BYTES
        if too_large:
            break
        if time.monotonic() > deadline:
            raise ImageError(
                f"{name} is not here after {TOTAL_TIMEOUT_S:g} seconds; download it yourself first."
            )
    if too_large:
        raise ImageError(
            f"{name} is larger than {MAX_BYTES >> 20} MB; download it yourself and give the file."
        )
    return b"".join(pieces)


def _status(code: int) -> str:
    try:
        return f"{code} ({HTTPStatus(code).phrase})"
    except ValueError:
        return str(code)


def _reason(error: Exception) -> str:
    import requests

    match error:
        case requests.ConnectTimeout():
            return f"did not answer within {CONNECT_TIMEOUT_S:g} seconds; try again later."
        case requests.Timeout():
            return f"sent nothing for {READ_TIMEOUT_S:g} seconds; try again later."
        case requests.TooManyRedirects():
            return f"redirects more than {MAX_REDIRECTS} times; check the address."
        case requests.exceptions.SSLError():
            return "has no certificate that can be trusted; check the address."
        case requests.exceptions.ChunkedEncodingError():
            return "broke off in the middle; try again."
        case requests.exceptions.ContentDecodingError():
            return "sent data that cannot be unpacked; download it yourself and give the file."
        case requests.exceptions.InvalidSchema() | requests.exceptions.MissingSchema():
            return "leads to an address that is not http or https; check the address."
        case requests.exceptions.InvalidURL() | ValueError():
            return "is not an address; write https://HOST/PATH."
    # A read that times out within the body comes as a plain ConnectionError.
    if "timed out" in str(error):
        return f"sent nothing for {READ_TIMEOUT_S:g} seconds; try again later."
    return "cannot be reached; check the address and the network."
