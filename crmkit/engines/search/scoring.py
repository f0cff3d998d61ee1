"""What documents are worth to a search: BM25 over each part, from statistics of the index itself.

Every term of a sum is a whole number (a millionth of a point) and is reckoned by the same steps on both databases, so
that a search has the same hits in the same order with the same scores on either. The text of a statement is always the
same: what is asked travels beside it. Must not know who reads.

S. Robertson, H. Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond, 2009; the weighted sum over parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log
from typing import Any, cast as typed

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    Float,
    Integer,
    Select,
    String,
    UnaryExpression,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.sql.operators import custom_op

from crmkit.engines.search.indexing import PARTS, PERSONAL
from crmkit.engines.search.matching import beside, matching_all, question, told
from crmkit.engines.search.ranking import SYNONYM, Statistics, Term, sizes_of
from crmkit.engines.search.tables import SearchDocument

K1, B = 1.2, 0.75
WEIGHTS = {PARTS["title"]: 1.6, PARTS["keywords"]: 1.2, PARTS["text"]: 1.0}
ALONE, TOGETHER, BEST = 0, 1, 2
"""How a slot is counted: it has one term; what a document has of several is added up; of synonyms the best one counts,
where it is more than what was asked for itself."""
_PRECISION = 1_000_000
_MANY = 1_000_000_000
_document: Any = SearchDocument.__table__


@frozen
class Ranked:
    """A ranking that can be asked for: the select of ``number`` and ``score`` (a whole number), the best first and the
    newest of equals, and what is asked."""

    statement: Select[Any]
    values: Mapping[str, Any]

    def rows(self, connection: Any, most: int = _MANY) -> list[tuple[int, int]]:
        """Return numbers and scores from the top."""
        rows: Any = connection.execute(self.statement, {**self.values, "most": most})
        return [(number, score) for number, score in rows]


def ranking(
    dialect: str, resource: str, terms: Sequence[Term], statistics: Statistics, other: Sequence[Term] = ()
) -> Ranked:
    """Return the ranking of a resource's documents that have one of the terms; what they have of ``other`` terms counts
    as well."""
    title, text = statistics.lengths.get(resource, (1.0, 1.0))
    values: dict[str, Any] = {"resource": resource, "title": title, "text": text}
    everything = [*terms, *other]
    sizes = sizes_of(everything)
    several = {slot for slot, number in Counter(term.slot for term in everything).items() if number > 1}
    said = {term.slot for term in everything if term.weight == SYNONYM}
    asked = [question(dialect, term.tokens, prefix=term.prefix) for term in terms]
    since = max(term.since for term in terms)
    groups: dict[int, list[Any]] = {}
    for place, term in enumerate(everything):
        factor = _factor(term, sizes[term.slot], statistics)
        if place < len(terms):
            row = _row(asked[place], term, factor, term.since)
        else:
            sought = beside(dialect, question(dialect, term.tokens, prefix=term.prefix), asked)
            row = _row(sought, term, factor, since)
        kind = ALONE if term.slot not in several else BEST if term.slot in said else TOGETHER
        groups.setdefault(kind, []).append(row)
    values |= {f"asked_{kind}": told(rows) for kind, rows in groups.items()}
    return Ranked(_statement(dialect, tuple(sorted(groups))), values)


def having(dialect: str, resource: str, terms: Sequence[Term]) -> Select[Any]:
    """Return the select of the ``record_id`` of a resource's documents that have one of the terms."""
    rows = [_row(question(dialect, term.tokens, prefix=term.prefix), term, 0.0, 0) for term in terms]
    given: Any = bindparam(None, told(rows), String, unique=True)
    hits = _gathered(matching_all(dialect, given))
    document = _document.c
    return (
        select(document.record_id)
        .join_from(hits, _document, document.number == hits.c.number)
        .where(_of(dialect, literal(resource, String)))
    )


def documents_of(numbers: Sequence[int]) -> Select[Any]:
    """Return the select of ``record_id`` and ``number`` of documents."""
    found: Any = select(_document.c.record_id, _document.c.number).where(_document.c.number.in_(numbers))
    return found


# --- the statement ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _statement(dialect: str, groups: tuple[int, ...]) -> Select[Any]:
    slots = union_all(*(_slots(dialect, kind) for kind in groups)).subquery()
    worth = slots.c.factor * slots.c.points * (K1 + 1) / (slots.c.points + 100 * K1 * slots.c.size)
    score: Any = cast(func.sum(cast(func.round(worth * _PRECISION), BigInteger)), BigInteger).label("score")
    number: Any = slots.c.number
    ranked: Any = select(number, score).group_by(number).order_by(score.desc(), number.desc())
    return ranked.limit(bindparam("most", type_=Integer))


def _slots(dialect: str, kind: int) -> Select[Any]:
    """Return the select of what each document has of each slot; where slots have several terms, rows are put
    together."""
    together = kind != ALONE
    hits = _gathered(matching_all(dialect, bindparam(f"asked_{kind}", type_=String)))
    document: Any = hits.c if dialect == "postgresql" else _document.c

    def relative(column: Any, mean: str) -> Any:
        return (1 - B) + B * cast(one(column), Float(53)) / bindparam(mean, type_=Float(53))

    def one(column: Any) -> Any:
        return func.max(column) if together else column

    part = one(hits.c.part)
    size = case(
        (part == PARTS["title"], relative(document.title_length, "title")),
        (part == PARTS["text"], relative(document.text_length, "text")),
        else_=literal(1.0, Float(53)),
    )
    points: Any = hits.c.weight * case(
        (document.repeats.is_(null()), 1), else_=func.coalesce(_repeated(dialect, document.repeats, hits.c.token), 1)
    )
    if kind == BEST:
        is_said = hits.c.weight == SYNONYM
        own, said = func.sum(case((is_said, 0), else_=points)), func.max(case((is_said, points), else_=0))
        points = case((own > said, own), else_=said)
    elif together:
        points = func.sum(points)
    found: Any = select(
        hits.c.number,
        hits.c.slot,
        cast(points, Float(53)).label("points"),
        one(hits.c.factor).label("factor"),
        size.label("size"),
    )
    resource = bindparam("resource", type_=String)
    if dialect == "postgresql":
        found = found.where(document.resource == resource)
    else:
        found = found.join_from(hits, _document, document.number == hits.c.number).where(_of(dialect, resource))
    return found.group_by(hits.c.number, hits.c.slot) if together else found


def _gathered(hits: Select[Any]) -> Any:
    # Kept apart: joined into the rest, SQLite would ask its inverted index once for each document that there is.
    return hits.cte().prefix_with("MATERIALIZED", dialect="sqlite")


def _of(dialect: str, resource: Any) -> Any:
    """Return the condition that a document is of a resource, which SQLite is to check once it has found it by number:
    most documents are of the same one."""
    column: Any = _document.c.resource
    if dialect == "sqlite":
        column = UnaryExpression(column, operator=typed(Any, custom_op)("+"), type_=column.type)
    return column == resource


def _row(asked: str, term: Term, factor: float, since: int) -> tuple[str, int, int, int, float, str, int]:
    # Of phrases and beginnings it is not known how often they occur: no document has an empty token.
    token = term.tokens[0] if len(term.tokens) == 1 and not term.prefix else ""
    return asked, term.slot, term.weight, term.code % PERSONAL, factor, token, since


def _factor(term: Term, found: int, statistics: Statistics) -> float:
    documents = max(statistics.documents, found)
    return WEIGHTS[term.code % PERSONAL] * log(1 + (documents - found + 0.5) / (found + 0.5))


def _repeated(dialect: str, repeats: Any, token: Any) -> Any:
    """Return how often a token occurs in a document, where that is more than once."""
    if dialect == "postgresql":
        return cast(repeats.op("->>", return_type=String)(token), Integer)
    return func.json_extract(repeats, literal_column("'$.\"'") + token + literal_column("'\"'"))
