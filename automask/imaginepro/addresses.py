"""Which addresses the key may be sent to, and which results may be fetched from."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from automask.errors import ArgumentError, SettingsError


def checked_base(url: str) -> str:
    """`url` without a slash at its end.

    Raises
    ------
    SettingsError
        If the key cannot be sent there: no https (but on this machine), or a user name in it.
    """
    parts = _parts(url)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingsError(
            "IMAGINEPRO_BASE_URL holds a user name, a query or a fragment; write https://HOST."
        )
    if not parts.hostname or not allowed(url, loopback=True):
        raise SettingsError(
            f"IMAGINEPRO_BASE_URL cannot be {url!r}: the key is sent there, so it has to be an "
            "https address (http is for this machine alone)."
        )
    return url.rstrip("/")


def checked_webhook(url: str) -> str:
    """`url`, if a service can post to it.

    Raises
    ------
    ArgumentError
        If it is no http or https address of a host.
    """
    parts = _parts(url)
    plain = url.isascii() and url.isprintable() and " " not in url
    if plain and parts.scheme in ("http", "https") and parts.hostname:
        return url
    raise ArgumentError(f"The webhook cannot be {url[:200]!r}: give an address, https://HOST/PATH.")


def _parts(url: str) -> SplitResult:
    """The parts of `url`; empty ones where it is none at all."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (raises where it is no number)
    except ValueError:
        return urlsplit("")
    return parts


def allowed(url: str, *, loopback: bool) -> bool:
    """Whether `url` is https; with `loopback` also http on this machine.

    >>> allowed("http://127.0.0.1:8000/x", loopback=True), allowed("http://a.b/x", loopback=True)
    (True, False)
    """
    parts = _parts(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host)
    return loopback and parts.scheme == "http" and is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine, and that without asking a name server.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("example.com")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
