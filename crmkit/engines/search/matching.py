"""The one thing that the databases do differently: finding the documents that have a token.

Many terms are looked for by one statement whose text is always the same: they travel in a document of JSON. Building
and preparing a statement of its own for each would take longer than to find what is looked for. Must not know what is
searched, nor why.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Float,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY

from crmkit.engines.search.tables import WORDS, SearchDocument

_document: Any = SearchDocument.__table__
VIRTUAL = table(WORDS, column("rowid", BigInteger), column("words", String), column(WORDS, String))
"""The virtual table of SQLite; the column of its own name takes its commands."""
SHARP = 1_000_000_000
"""Parts of one in which factors travel: as whole numbers they are the same on both databases."""

_COUNTING = {
    "sqlite": text(
        "SELECT asked.key, (SELECT count(*) FROM (SELECT 1 FROM crm_search_words AS found"
        " WHERE found.words MATCH asked.value LIMIT :most)) FROM json_each(:asked) AS asked"
    ),
    "postgresql": text(
        "SELECT asked.place - 1, (SELECT count(*) FROM (SELECT 1 FROM crm_search_document AS found"
        " WHERE found.words @@ CAST(asked.value AS tsquery) LIMIT :most) AS counted)"
        " FROM jsonb_array_elements_text(CAST(:asked AS jsonb)) WITH ORDINALITY AS asked(value, place)"
    ),
}


def question(dialect: str, tokens: Sequence[str], *, prefix: bool = False) -> str:
    """Return how a database is asked for the documents that have tokens, with their codes, one right after the other.
    With ``prefix`` the last one may be the beginning of a longer one."""
    if dialect == "postgresql":
        return " <-> ".join(f"'{token}'" for token in tokens) + (":*" if prefix else "")
    return " + ".join(f'"{token}"' for token in tokens) + (" *" if prefix else "")


def counts(connection: Any, dialect: str, questions: Sequence[str], most: int) -> dict[int, int]:
    """Return by place how many documents answer each of some questions, at most ``most``."""
    rows = connection.execute(_COUNTING[dialect], {"asked": json.dumps(questions), "most": most})
    return {int(place): int(found) for place, found in rows}


def matching(dialect: str, asked: str) -> Select[Any]:
    """Return the select of the numbers of documents that answer a question."""
    if dialect == "postgresql":
        return select(_document.c.number).where(_answers(dialect, literal(asked, String)))
    return select(VIRTUAL.c.rowid.label("number")).where(_answers(dialect, literal(asked, String)))


def matching_all(dialect: str, rows: Sequence[tuple[str, int, int, int, float, str]]) -> Select[Any]:
    """Return the select of ``number``, ``slot``, ``weight``, ``part``, ``factor`` and ``token`` of the documents that
    answer some questions. ``rows`` are a question with those."""
    told = [
        [asked, slot, weight, part, round(factor * SHARP), token] for asked, slot, weight, part, factor, token in rows
    ]
    given: Any = bindparam(None, json.dumps(told), String, unique=True)
    if dialect == "postgresql":
        each: Any = func.jsonb_array_elements(cast(given, JSONB)).table_valued(column("value", JSONB), name="asked")

        def at(place: int, kind: Any) -> Any:
            return cast(each.c.value.op("->>", return_type=String)(place), kind)

        number: Any = _document.c.number
        source: Any = each.join(_document, _answers(dialect, at(0, String)))
    else:
        each = func.json_each(given).table_valued(column("value", String), name="asked")

        def at(place: int, kind: Any) -> Any:
            return func.json_extract(each.c.value, f"$[{place}]", type_=kind())

        number = VIRTUAL.c.rowid.label("number")
        source = each.join(VIRTUAL, _answers(dialect, at(0, String)))
    return select(
        number,
        at(1, Integer).label("slot"),
        at(2, Integer).label("weight"),
        at(3, Integer).label("part"),
        (cast(at(4, BigInteger), Float(53)) / literal(float(SHARP), Float(53))).label("factor"),
        at(5, String).label("token"),
    ).select_from(source)


def _answers(dialect: str, asked: Any) -> Any:
    if dialect == "postgresql":
        return _document.c.words.op("@@", is_comparison=True)(cast(asked, TSQUERY))
    return VIRTUAL.c.words.op("MATCH", is_comparison=True)(asked)
