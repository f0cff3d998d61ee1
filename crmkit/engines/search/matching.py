"""The one thing that the databases do differently: finding the documents that have a token.

Many terms are looked for by one statement whose text is always the same: they travel in a document of JSON. Building
and preparing a statement of its own for each would take longer than to find what is looked for. Must not know what is
searched, nor why.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast as typed

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    Float,
    Integer,
    Select,
    String,
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
WORTH = ("resource", "title_length", "text_length", "repeats")
"""What of a document says how much a token in it is worth."""
SHARP = 1_000_000_000
"""Parts of one in which factors travel: as whole numbers they are the same on both databases."""

_COUNTING = {
    "sqlite": text(
        "WITH counted AS MATERIALIZED (SELECT asked.key AS place, asked.value AS question,"
        " (SELECT json_array(count(*), min(number), max(number)) FROM (SELECT found.rowid AS number"
        " FROM crm_search_words AS found WHERE found.words MATCH asked.value LIMIT :most)) AS told"
        " FROM json_each(:asked) AS asked)"
        " SELECT place, told, CASE WHEN json_extract(told, '$[0]') > :newest THEN"
        " (SELECT found.rowid FROM crm_search_words AS found WHERE found.words MATCH question"
        " ORDER BY found.rowid DESC LIMIT 1 OFFSET :newest - 1) END FROM counted"
    ),
    "postgresql": text(
        # All are gone through again only where there are more than are counted; without the fence it would go through
        # all documents from the newest one.
        "SELECT asked.place - 1, counted.told, CASE WHEN counted.number < :most THEN counted.newest ELSE"
        " (SELECT matched.number FROM (SELECT found.number FROM crm_search_document AS found"
        " WHERE found.words @@ CAST(asked.value AS tsquery) OFFSET 0) AS matched"
        " ORDER BY matched.number DESC LIMIT 1 OFFSET :newest - 1) END"
        " FROM jsonb_array_elements_text(CAST(:asked AS jsonb)) WITH ORDINALITY AS asked(value, place),"
        " LATERAL (SELECT count(*) AS number, jsonb_build_array(count(*), min(number), max(number)) AS told,"
        " (array_agg(number ORDER BY number DESC))[:newest] AS newest"
        " FROM (SELECT found.number FROM crm_search_document AS found"
        " WHERE found.words @@ CAST(asked.value AS tsquery) LIMIT :most) AS matched) AS counted"
    ),
}


@frozen
class Count:
    """How many documents answer a question, the numbers of some of them, and the least number of the newest ones; 0
    where that is all."""

    number: int
    some: tuple[int, ...] = ()
    since: int = 0


def question(dialect: str, tokens: Sequence[str], *, prefix: bool = False) -> str:
    """Return how a database is asked for the documents that have tokens, with their codes, one right after the other.
    With ``prefix`` the last one may be the beginning of a longer one."""
    if dialect == "postgresql":
        return " <-> ".join(f"'{token}'" for token in tokens) + (":*" if prefix else "")
    return " + ".join(f'"{token}"' for token in tokens) + (" *" if prefix else "")


def beside(dialect: str, asked: str, others: Sequence[str]) -> str:
    """Return how a database is asked for the documents that answer a question and one of some others."""
    joined = " | ".join(f"({each})" for each in others) if dialect == "postgresql" else " OR ".join(others)
    return f"({asked}) & ({joined})" if dialect == "postgresql" else f"({asked}) AND ({joined})"


def counts(connection: Any, dialect: str, questions: Sequence[str], most: int, newest: int) -> dict[int, Count]:
    """Return by place how many documents answer each of some questions, at most ``most``, and which are some of them
    and the ``newest`` ones."""
    given = {"asked": json.dumps(questions), "most": most, "newest": newest}
    counted: dict[int, Count] = {}
    for place, answer, since in connection.execute(_COUNTING[dialect], given):
        found, *some = json.loads(answer) if isinstance(answer, str) else answer
        counted[int(place)] = Count(int(found), tuple(some) if found else (), since or 0)
    return counted


def matching(dialect: str, asked: str) -> Select[Any]:
    """Return the select of the numbers of documents that answer a question."""
    if dialect == "postgresql":
        return select(_document.c.number).where(_answers(dialect, literal(asked, String)))
    return select(VIRTUAL.c.rowid.label("number")).where(_answers(dialect, literal(asked, String)))


def told(rows: Sequence[tuple[str, int, int, int, float, str, int]]) -> str:
    """Return questions, each with its ``slot``, ``weight``, ``part``, ``factor`` and ``token`` and the least number of
    the documents that are wanted, as they travel."""
    return json.dumps([[*row[:4], round(row[4] * SHARP), *row[5:]] for row in rows])


def matching_all(dialect: str, given: Any) -> Select[Any]:
    """Return the select of ``number``, ``slot``, ``weight``, ``part``, ``factor`` and ``token`` of the documents that
    answer some questions, as they are `told`; on PostgreSQL, which has read the documents by then, with what of them
    is `WORTH`."""
    each, at = _given(dialect, given)
    if dialect == "postgresql":
        number: Any = _document.c.number
        # The sum keeps it from looking for the numbers first.
        source = each.join(_document, _answers(dialect, at(0, String)) & (number + 0 >= at(6, BigInteger)))
        return _columns(number, at).add_columns(*(_document.c[name] for name in WORTH)).select_from(source)
    rowid: Any = VIRTUAL.c.rowid
    source = each.join(VIRTUAL, _answers(dialect, at(0, String)) & (rowid >= at(6, BigInteger)))
    return _columns(rowid.label("number"), at).select_from(source)


def _given(dialect: str, given: Any) -> tuple[Any, Any]:
    """Return what was told as a table of the statement, and what takes a place of each row."""
    if dialect == "postgresql":
        each: Any = func.jsonb_array_elements(cast(given, JSONB)).table_valued(column("value", JSONB), name="asked")
        return each, lambda place, kind: cast(each.c.value.op("->>", return_type=String)(place), kind)
    each = func.json_each(given).table_valued(column("value", String), name="asked")
    return each, lambda place, kind: func.json_extract(each.c.value, f"$[{place}]", type_=kind())


def _columns(number: Any, at: Any) -> Select[Any]:
    made: Any = select(
        number,
        at(1, Integer).label("slot"),
        at(2, Integer).label("weight"),
        at(3, Integer).label("part"),
        (cast(at(4, BigInteger), Float(53)) / literal(float(SHARP), Float(53))).label("factor"),
        at(5, String).label("token"),
    )
    return typed("Select[Any]", made)


def _answers(dialect: str, asked: Any) -> Any:
    if dialect == "postgresql":
        return _document.c.words.op("@@", is_comparison=True)(cast(asked, TSQUERY))
    return VIRTUAL.c.words.op("MATCH", is_comparison=True)(asked)
