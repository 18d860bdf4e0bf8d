"""One request and what came of it; what cannot be known is said. Nothing is repeated here."""

from __future__ import annotations

import logging
import os
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from automask.body import arriving
from automask.imaginepro.addresses import is_loopback
from automask.version import __version__

if TYPE_CHECKING:
    import requests

CONNECT_S = 10.0
READ_S = 60.0  # between two pieces of an answer
TOTAL_S = 180.0  # for one whole answer, however slowly it trickles
THREADS = 32  # connections that are kept open
_PIECE_BYTES = 1 << 16
log = logging.getLogger("automask.imaginepro")


@dataclass(frozen=True)
class Timeouts:
    """Seconds to connect, between two pieces of an answer, and for all of it."""

    connect_s: float = CONNECT_S
    read_s: float = READ_S
    total_s: float = TOTAL_S


@dataclass(frozen=True)
class Reply:
    """What came of one request.

    Parameters
    ----------
    status : int
        The HTTP status; 0 when no answer came.
    data : bytes
        The body, as far as it came.
    headers : mapping
        With names in lower case.
    fault : str
        What broke, in words; "" when the whole answer is here.
    unsent : bool
        Whether it is certain that no byte of the request arrived.
    """

    status: int = 0
    data: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    fault: str = ""
    unsent: bool = False


class Wire:
    """The one HTTP session of a client: threads share it, and it follows no redirection.

    Parameters
    ----------
    timeouts : Timeouts
    """

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        self.timeouts = timeouts or Timeouts()
        self._session = _session()
        self._proxies: dict[str, dict[str, str]] = {}
        self.close = weakref.finalize(self, self._session.close)

    def send(
        self,
        method: str,
        url: str,
        *,
        auth: Any = None,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        max_bytes: int,
    ) -> Reply:
        """What comes of one request; it is made once and raises nothing.

        Parameters
        ----------
        auth : callable, optional
            Puts the credentials into a prepared request.
        max_bytes : int
            A larger answer is broken off.
        """
        started = time.monotonic()
        try:
            answer = self._session.request(
                method,
                url,
                auth=auth,
                json=json,
                params=params,
                stream=True,
                allow_redirects=False,
                proxies=self._proxies_of(url),
                timeout=(self.timeouts.connect_s, self.timeouts.read_s),
            )
        except Exception as error:  # noqa: BLE001  (requests lets errors of its libraries through)
            reply = Reply(fault=_words(error, self.timeouts), unsent=_unsent(error))
        else:
            with answer:
                reply = self._received(answer, max_bytes, started)
        taken_s = time.monotonic() - started
        path = url.partition("?")[0]
        log.debug("%s %s: %s in %.2f s", method, path, reply.fault or reply.status, taken_s)
        return reply

    def _proxies_of(self, url: str) -> dict[str, str]:
        """The proxies that the environment names for the host of `url`, looked up once a host.

        There is none for this machine, whatever the environment says.
        """
        from requests.utils import get_environ_proxies

        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._proxies:
            near = is_loopback(parts.hostname or "")
            self._proxies[host] = {} if near else get_environ_proxies(host)
        return self._proxies[host]

    def _received(self, answer: requests.Response, max_bytes: int, started: float) -> Reply:
        pieces: list[bytes] = []
        size, fault = 0, ""
        try:
            for piece in arriving(answer, _PIECE_BYTES):
                pieces.append(piece)
                size += len(piece)
                if size > max_bytes:
                    fault = f"the answer is larger than {max_bytes} bytes"
                elif time.monotonic() - started > self.timeouts.total_s:
                    fault = f"the answer is not complete after {self.timeouts.total_s:g} s"
                if fault:
                    break
        except Exception as error:  # noqa: BLE001  (as above)
            fault = _words(error, self.timeouts)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, b"".join(pieces), headers, fault)


def _session() -> requests.Session:
    from http.cookiejar import DefaultCookiePolicy

    import requests
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    # Of the environment only proxies and certificates: ~/.netrc must not replace the key, and
    # looking everything up for each request takes longer than the request's own work.
    session.trust_env = False
    session.verify = (
        os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    )
    # The default would be no retries as well; here it is said, since a retry may cost money.
    adapter = HTTPAdapter(max_retries=0, pool_connections=4, pool_maxsize=THREADS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = f"automask/{__version__}"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _unsent(error: Exception) -> bool:
    """Whether no connection was made: refused, unknown host, no route, no proxy, not trusted."""
    import ssl

    import requests
    from requests.adapters import ConnectTimeoutError

    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, ConnectTimeoutError):  # the parent of "refused" and "unknown host"
        return True
    why = reason.args[0] if isinstance(reason, Exception) and reason.args else None
    return isinstance(why, ssl.SSLCertVerificationError)  # checked before anything is sent


def _words(error: Exception, timeouts: Timeouts) -> str:
    import requests

    match error:
        case requests.ConnectTimeout():
            return f"no connection within {timeouts.connect_s:g} s"
        case requests.exceptions.ProxyError():
            return "the proxy did not connect"
        case requests.exceptions.SSLError():
            return "no secure connection (is the certificate valid?)"
        case _ if _unsent(error):
            return "the connection was refused or the host is unknown"
        case requests.Timeout():
            return f"no answer within {timeouts.read_s:g} s"
        # A read that times out within the body comes as a plain ConnectionError.
        case _ if "timed out" in str(error):
            return f"the answer stopped for {timeouts.read_s:g} s"
    return f"the connection broke ({type(error).__name__})"
