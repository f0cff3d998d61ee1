"""The one thing that the databases do differently: finding the documents that have a token.

Must not know what is searched, nor why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, String, cast, column, literal, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from crmkit.engines.search.tables import WORDS, SearchDocument

_document: Any = SearchDocument.__table__
VIRTUAL = table(WORDS, column("rowid", BigInteger), column("words", String), column(WORDS, String))
"""The virtual table of SQLite; the column of its own name takes its commands."""


def matching(dialect: str, tokens: Sequence[str], *, prefix: bool = False) -> Select[Any]:
    """Return the select of the numbers of documents that have tokens, with their codes, one right after the other.

    With ``prefix`` the last one may be the beginning of a longer one.
    """
    if dialect == "postgresql":
        query = " <-> ".join(f"'{token}'" for token in tokens) + (":*" if prefix else "")
        return select(_document.c.number).where(
            _document.c.words.op("@@", is_comparison=True)(cast(literal(query, String), TSQUERY))
        )
    query = " + ".join(f'"{token}"' for token in tokens) + (" *" if prefix else "")
    return select(VIRTUAL.c.rowid.label("number")).where(
        VIRTUAL.c.words.op("MATCH", is_comparison=True)(literal(query, String))
    )
