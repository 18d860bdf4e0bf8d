"""Which addresses the key may be sent to, and which results may be fetched from."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from automask.errors import SettingsError


def checked_base(url: str) -> str:
    """`url` without a slash at its end.

    Raises
    ------
    SettingsError
        If the key cannot be sent there: no https (but on this machine), or a user name in it.
    """
    parts = urlsplit(url)
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


def allowed(url: str, *, loopback: bool) -> bool:
    """Whether `url` is https; with `loopback` also http on this machine.

    >>> allowed("http://127.0.0.1:8000/x", loopback=True), allowed("http://a.b/x", loopback=True)
    (True, False)
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return loopback and parts.scheme == "http" and is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
