"""The body of an http answer in pieces, each as soon as it is here.

`requests.Response.iter_content` waits until a piece is full. A proxy that looks a file over before
it lets it through sends a byte now and then meanwhile, so that nobody hangs up, and a caller with a
deadline would not be asked for hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests


def arriving(answer: requests.Response, most_bytes: int) -> Iterator[bytes]:
    """What has arrived of the body of `answer`, again and again; `most_bytes` at most each time.

    Parameters
    ----------
    answer : requests.Response
        Of a request with ``stream=True``; what was packed for the way is unpacked.

    Raises
    ------
    requests.RequestException
        As `requests.Response.iter_content` does: if it breaks off, falls silent or cannot be
        unpacked.
    """
    from requests import exceptions
    from urllib3 import exceptions as lower

    try:
        while piece := answer.raw.read1(most_bytes, decode_content=True):
            yield piece
    except lower.ProtocolError as error:
        raise exceptions.ChunkedEncodingError(error) from error
    except lower.DecodeError as error:
        raise exceptions.ContentDecodingError(error) from error
    except lower.ReadTimeoutError as error:
        raise exceptions.ConnectionError(error) from error
    except lower.SSLError as error:
        raise exceptions.SSLError(error) from error
