"""Result pictures from wherever the service has put them: any https host, without the key."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from automask.errors import ImageError, ProviderError, UnreachableError
from automask.images import formats
from automask.imaginepro.addresses import allowed, is_loopback
from automask.imaginepro.client import Client
from automask.imaginepro.wire import Reply

MAX_BYTES = 2**27
MAX_REDIRECTS = 5


def download(client: Client, address: str, max_bytes: int = MAX_BYTES) -> bytes:
    """The picture file at `address`, whole as far as its header tells.

    Its pixels are not looked at: who compares them with something decodes them anyway.

    Parameters
    ----------
    client : Client
        Its connections are used, its key is not sent. Only a client of a service on this machine
        may be given results on this machine.
    address : str
    max_bytes : int

    Raises
    ------
    ProviderError
        If the address is no https address, or what is there is no picture, cut short or too large.
    UnreachableError
        If it cannot be fetched now: the job is not touched by that.
    """
    at_home = is_loopback(urlsplit(client.base_url).hostname or "")
    url = address
    for _ in range(MAX_REDIRECTS + 1):
        if not allowed(url, loopback=at_home):
            raise ProviderError(f"The result lies at {_shown(url)}, which is no https address.")
        reply = client.download(url, max_bytes)
        target = reply.headers.get("location", "")
        if not (300 <= reply.status < 400 and target):
            return _picture(reply, address)
        url = urljoin(url, target)
    raise ProviderError(f"The result at {_shown(address)} redirects too often; try again later.")


def _picture(reply: Reply, address: str) -> bytes:
    if reply.status != 200 or reply.fault:
        why = reply.fault or f"the host answers {reply.status}"
        raise UnreachableError(
            f"The result at {_shown(address)} cannot be fetched: {why}; the job is done, fetch it "
            "again soon."
        )
    try:
        if not formats.header(reply.data, "").whole:
            raise formats.cut_short("", reply.data)
    except ImageError as error:
        why = str(error)
    else:
        return reply.data
    raise ProviderError(f"The result at {_shown(address)} is no whole picture: {why}")


def _shown(address: str) -> str:
    """`address` without its query, which may hold a signature, and without a user's name."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
