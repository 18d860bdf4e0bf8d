"""The parser of the selector language, from `grammar.lark`.

Working out the parser's tables takes a fifth of a cold start, so they are kept in `grammar.tables`,
with the hash of the grammar and the version of lark that they belong to. Where either is another
one they are worked out anew: the file saves time and never changes an answer. After a change of the
grammar, ``python -m automask.selector.grammar`` writes it again.
"""

from __future__ import annotations

import hashlib
import io
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("grammar.tables")


@cache
def grammar() -> Lark:
    """The parser of the selector language."""
    text = GRAMMAR.read_text("utf-8")
    return kept(text) or built(text)


def built(text: str) -> Lark:
    """The parser of the grammar `text`, worked out."""
    from lark import Lark

    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def kept(text: str) -> Lark | None:
    """The parser of the grammar `text` from its kept tables; None where they are not of it."""
    from lark import Lark

    try:
        head, _, tables = TABLES.read_bytes().partition(b"\n")
    except OSError:
        return None
    return Lark.load(io.BytesIO(tables)) if head == _head(text) else None


def keep() -> None:
    """Write the tables of the grammar."""
    text = GRAMMAR.read_text("utf-8")
    tables = io.BytesIO()
    built(text).save(tables)
    TABLES.write_bytes(_head(text) + b"\n" + tables.getvalue())


def _head(text: str) -> bytes:
    import lark

    digest = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps({"grammar": digest, "lark": lark.__version__}).encode()


if __name__ == "__main__":
    keep()
