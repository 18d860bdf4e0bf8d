"""A model's file behind an http(s) address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from automask.body import arriving
from automask.version import __version__
from automask.weights import reach
from automask.weights.facts import Model
from automask.weights.source import (
    PIECE_BYTES,
    Pace,
    SourceError,
    Watch,
    copy,
    unreachable,
    untrusted,
)

if TYPE_CHECKING:
    import requests

CONNECT_TIMEOUT_S = reach.CONNECT_S
READ_TIMEOUT_S = 10.0
MAX_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
UNKNOWN_BYTES = 1 << 30  # the most that is taken of a file whose hash is not known


@dataclass(frozen=True)
class Address:
    """A file behind an address.

    Parameters
    ----------
    name : str
        The address.
    """

    name: str

    @property
    def host(self) -> str:
        """The host and its port."""
        return urlsplit(self.name).netloc

    def save(self, part: Path, wanted: Model, watch: Watch) -> None:
        """Write what is behind the address to `part`; see `Source.save`."""
        import requests

        _probe(self.name)
        try:
            with requests.Session() as session:
                session.max_redirects = MAX_REDIRECTS
                session.hooks["response"].append(_probe_next)
                session.headers["User-Agent"] = f"automask/{__version__}"
                timeouts = CONNECT_TIMEOUT_S, READ_TIMEOUT_S
                with session.get(self.name, stream=True, timeout=timeouts) as answer:
                    self._refuse(answer, wanted)
                    most = wanted.bytes if wanted.sha256 else UNKNOWN_BYTES
                    pieces = _in_time(answer, self.host)
                    copy(pieces, part, most, lambda n: watch(self.host, n, wanted.bytes))
        except requests.RequestException as error:
            raise self._failure(error) from error

    def _refuse(self, answer: requests.Response, wanted: Model) -> None:
        if answer.status_code != HTTPStatus.OK:
            raise SourceError(f"{self.name} answers {answer.status_code}")
        hops = [*answer.history, answer]
        if not wanted.sha256 and not all(hop.url.startswith("https://") for hop in hops):
            raise SourceError(f"{self.name} is not https, and the hash of the file is not known")

    def _failure(self, error: requests.RequestException) -> SourceError:
        import requests

        if isinstance(error, requests.exceptions.SSLError):
            return untrusted(self.host)
        if isinstance(error, requests.exceptions.ChunkedEncodingError):
            return SourceError(f"{self.host} broke off in the middle")
        if isinstance(error, (requests.ConnectionError, requests.Timeout)):
            return unreachable(self.host, str(error))
        return SourceError(f"{self.name} cannot be fetched, {error}")


def _probe(address: str) -> None:
    """Ask whether anybody is there, which a network that blocks the host would tell late."""
    from requests.utils import get_environ_proxies, select_proxy

    try:
        peer = urlsplit(select_proxy(address, get_environ_proxies(address)) or address)
        port = peer.port or _PORTS.get(peer.scheme)
        if peer.hostname and port:
            reach.check(peer.hostname, port)
    except OSError as error:
        raise unreachable(urlsplit(address).netloc) from error
    except ValueError:  # it is no address, or that of the proxy is none: requests has words for it
        pass


def _probe_next(answer: requests.Response, **_: object) -> None:
    """Ask whether anybody is where `answer` leads to, if it does."""
    if answer.is_redirect:
        _probe(urljoin(answer.url, answer.headers["location"]))


def _in_time(answer: requests.Response, host: str) -> Iterator[bytes]:
    """The pieces of the body, as long as they come fast enough to be worth the wait."""
    pace, done = Pace(host), 0
    for piece in arriving(answer, PIECE_BYTES):
        yield piece
        done += len(piece)
        pace.note(done)
