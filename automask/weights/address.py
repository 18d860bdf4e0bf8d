"""A model's file behind an http(s) address."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from automask.body import arriving
from automask.version import __version__
from automask.weights.facts import Model
from automask.weights.source import PIECE_BYTES, SourceError, Watch, copy

if TYPE_CHECKING:
    import requests

# A network that blocks a host says nothing at all: what is there answers sooner than this.
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
MAX_REDIRECTS = 5
SLOWEST_BYTES_PER_S = 20_000
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

        try:
            with requests.Session() as session:
                session.max_redirects = MAX_REDIRECTS
                session.headers["User-Agent"] = f"automask/{__version__}"
                timeouts = CONNECT_TIMEOUT_S, READ_TIMEOUT_S
                with session.get(self.name, stream=True, timeout=timeouts) as answer:
                    self._refuse(answer, wanted)
                    most = wanted.bytes if wanted.sha256 else UNKNOWN_BYTES
                    pieces = _in_time(answer, wanted.bytes)
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
            return SourceError(
                f"{self.host} has no certificate that can be trusted", whole_host=True
            )
        if isinstance(error, requests.exceptions.ChunkedEncodingError):
            return SourceError(f"{self.host} broke off in the middle")
        if isinstance(error, (requests.ConnectionError, requests.Timeout)):
            return SourceError(f"{self.host} cannot be reached", whole_host=True)
        return SourceError(f"{self.name} cannot be fetched, {error}")


def _in_time(answer: requests.Response, size: int) -> Iterator[bytes]:
    """The pieces of the body, as long as they come fast enough to be worth the wait."""
    deadline = time.monotonic() + READ_TIMEOUT_S + size / SLOWEST_BYTES_PER_S
    for piece in arriving(answer, PIECE_BYTES):
        yield piece
        if time.monotonic() > deadline:
            raise SourceError(f"{urlsplit(answer.url).netloc} is too slow", whole_host=True)
