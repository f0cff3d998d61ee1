"""What documents are worth to a search: BM25 over each part, from statistics of the index itself.

Every term of a sum is a whole number (a millionth of a point) and is reckoned by the same steps on both databases, so
that a search has the same hits in the same order with the same scores on either. Must not know who reads.

S. Robertson, H. Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond, 2009; the weighted sum over parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log
from time import monotonic
from typing import Any, cast as typed
from weakref import WeakKeyDictionary

from attrs import evolve, frozen
from sqlalchemy import (
    BigInteger,
    Float,
    Integer,
    Select,
    String,
    UnaryExpression,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.operators import custom_op

from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.engines.search.indexing import PARTS, PERSONAL
from crmkit.engines.search.matching import SHARP, counts, matching, matching_all, question
from crmkit.engines.search.query import Asked
from crmkit.engines.search.tables import SearchDocument, SearchWord
from crmkit.engines.search.tokens import distance, edits_allowed, probes_of, stem_of, swapped

K1, B = 1.2, 0.75
WEIGHTS = {PARTS["title"]: 1.6, PARTS["keywords"]: 1.2, PARTS["text"]: 1.0}
EXACT, STEM, PREFIX, ONE_EDIT, TWO_EDITS = 100, 90, 40, 50, 25
"""What an occurrence counts for, in hundredths: of the word itself, of one with the same stem, of one that begins so,
of one that is so many edits apart."""
ALIKE = 12
"""Most words that are taken for another one."""
COMMON = 20_000
"""Documents in which a token stands that are counted, and that are ranked altogether: rarer tokens come first, and of a
token that is in more the newest are taken."""
BIG = 5_000
"""Documents of an index whose statistics are kept for a while."""
_WHY = "ranking what a search finds"
_PRECISION = 1_000_000
_document: Any = SearchDocument.__table__
_word: Any = SearchWord.__table__


@frozen
class Term:
    """A token that is looked for in a part. ``slot`` is what all tokens have in common that stand for one that was
    asked for; ``weight`` is in hundredths; ``found`` is the number of documents that have it, at most `COMMON` + 1."""

    slot: int
    code: int
    tokens: tuple[str, ...]
    weight: int
    prefix: bool = False
    found: int = 0


@frozen
class Statistics:
    """How many documents there are, and per resource the mean length of titles and of texts, in tokens."""

    documents: int
    lengths: Mapping[str, tuple[float, float]]


_kept: WeakKeyDictionary[Any, tuple[float, Statistics]] = WeakKeyDictionary()


def statistics_of(session: CrmSession) -> Statistics:
    """Return the statistics of the index; those of a big one are kept for a minute, as they take a while."""
    at, known = _kept.get(session.crm, (0.0, None))
    if known is not None and monotonic() - at < 60:
        return known

    def mean(column: Any) -> Any:
        return func.sum(column), func.sum(case((column > 0, 1), else_=0))

    titles, texts = mean(_document.c.title_length), mean(_document.c.text_length)
    query = select(_document.c.resource, func.count(), *titles, *texts).group_by(_document.c.resource)
    with region(session, _WHY):
        rows = session.connection().execute(query).all()
    lengths = {row[0]: (int(row[2]) / (row[3] or 1) or 1.0, int(row[4]) / (row[5] or 1) or 1.0) for row in rows}
    found = Statistics(sum(row[1] for row in rows), lengths)
    if found.documents > BIG:
        _kept[session.crm] = monotonic(), found
    return found


# --- what is looked for ----------------------------------------------------------------------------------------------


def terms_of(session: CrmSession, asks: Sequence[Asked], codes: Collection[int]) -> list[Term]:
    """Return what is looked for in some parts, with the number of documents; what none has is left out."""
    found: list[Term] = []
    for place, ask in enumerate(asks):
        for code in codes:
            slot, tokens = place * 10 + code, tuple(f"{code}{token}" for token in ask.tokens)
            found.append(Term(slot, code, tokens, EXACT, prefix=ask.prefix and len(ask.tokens[-1]) == 1))
            if ask.prefix and not found[-1].prefix:
                found.append(Term(slot, code, tokens, PREFIX, prefix=True))
    return _counted(session, [*found, *_inflected(session, asks, codes)])


def _inflected(session: CrmSession, asks: Sequence[Asked], codes: Collection[int]) -> Iterable[Term]:
    language = session.crm.config.get(session).language
    wanted: dict[str, list[int]] = {}
    for place, ask in enumerate(asks):
        if ask.word is not None:
            for code in codes:
                wanted.setdefault(f"{code}{stem_of(ask.word, language)}", []).append(place)
    if not wanted:
        return
    with region(session, _WHY):
        rows = session.connection().execute(
            select(_word.c.word, _word.c.stem).where(_word.c.stem.in_(list(wanted))).order_by(_word.c.word)
        )
        for word, stem in rows.all():
            for place in wanted[stem]:
                if asks[place].word != word[1:]:
                    yield Term(place * 10 + int(word[0]), int(word[0]), (word,), STEM)


def misspelt(session: CrmSession, ask: Asked, place: int, codes: Collection[int]) -> list[Term]:
    """Return the words that may have been meant by one that is asked for, the likeliest first; counted."""
    word = ask.word
    if word is None or not edits_allowed(word):
        return []
    keys = sorted(f"{code}{key}" for code in codes for key in probes_of(word))
    swaps = sorted(f"{code}{each}" for code in codes for each in swapped(word))
    near = or_(*(column.in_(keys) for column in (_word.c.piece_1, _word.c.piece_2, _word.c.piece_3)))
    with region(session, _WHY):
        rows = session.connection().execute(select(_word.c.word).where(or_(near, _word.c.word.in_(swaps)))).scalars()
        most = edits_allowed(word)
        apart = sorted((edits, each) for each in rows if 0 < (edits := distance(word, each[1:], most)) <= most)
    best = [item for item in apart if item[0] == apart[0][0]] if apart else []
    weights = {1: ONE_EDIT, 2: TWO_EDITS}
    terms = [Term(place * 10 + int(each[0]), int(each[0]), (each,), weights[edits]) for edits, each in best[:ALIKE]]
    return _counted(session, terms)


def _counted(session: CrmSession, terms: Sequence[Term]) -> list[Term]:
    if not terms:
        return []
    dialect = session.get_bind().dialect.name
    questions = [question(dialect, term.tokens, prefix=term.prefix) for term in terms]
    with region(session, _WHY):
        found = counts(session.connection(), dialect, questions, COMMON + 1)
    counted = [evolve(term, found=found[place]) for place, term in enumerate(terms) if found[place]]
    # Where nothing longer begins with a token, to look for that as well would find the same once more.
    whole = {(term.tokens, term.found) for term in counted if not term.prefix}
    return [term for term in counted if term.weight != PREFIX or (term.tokens, term.found) not in whole]


# --- what it is worth ------------------------------------------------------------------------------------------------


def affordable(terms: Sequence[Term]) -> list[Term]:
    """Return the terms that are ranked by: the rarest first, for as long as there are not too many documents."""
    sizes = _sizes(terms)
    kept: set[int] = set()
    total = 0
    for slot in sorted(sizes, key=lambda slot: (sizes[slot], slot)):
        total += sizes[slot]
        if total <= COMMON or not kept:
            kept.add(slot)
    return [term for term in terms if term.slot in kept]


def _sizes(terms: Iterable[Term]) -> dict[int, int]:
    """Return how many documents have a token that stands for one that was asked for, by slot; those that have several
    are counted for each. What begins with a token has the token itself, which is not counted again."""
    terms = list(terms)
    begun = {(term.slot, term.tokens) for term in terms if term.weight == PREFIX}
    sizes: dict[int, int] = {}
    for term in terms:
        if term.weight == PREFIX or (term.slot, term.tokens) not in begun:
            sizes[term.slot] = sizes.get(term.slot, 0) + term.found
    return sizes


def ranking(dialect: str, resource: str, terms: Sequence[Term], statistics: Statistics) -> Select[Any]:
    """Return the select of ``number`` and ``score`` (a whole number) of a resource's documents that have one of the
    terms, the best first and the newest of equals."""
    sizes = _sizes(terms)
    several = {slot for slot, number in Counter(term.slot for term in terms).items() if number > 1}
    groups = [[term for term in terms if (term.slot in several) is together] for together in (False, True)]
    parts = [
        _slots(dialect, resource, group, sizes, statistics, together=together)
        for together, group in zip((False, True), groups, strict=True)
        if group
    ]
    slots = union_all(*parts).subquery()
    worth = slots.c.factor * slots.c.points * (K1 + 1) / (slots.c.points + 100 * K1 * slots.c.size)
    score: Any = cast(func.sum(cast(func.round(worth * _PRECISION), BigInteger)), BigInteger).label("score")
    number: Any = slots.c.number
    ranked: Any = select(number, score).group_by(number).order_by(score.desc(), number.desc())
    return ranked


def having(dialect: str, resource: str, terms: Sequence[Term]) -> Select[Any]:
    """Return the select of the ``record_id`` of a resource's documents that have one of the terms."""
    hits = _gathered(_hits(dialect, [(term, 0.0) for term in terms]))
    document = _document.c
    return (
        select(document.record_id)
        .join_from(hits, _document, document.number == hits.c.number)
        .where(_of(dialect, resource))
    )


def documents_of(numbers: Sequence[int]) -> Select[Any]:
    """Return the select of ``record_id`` and ``number`` of documents."""
    found: Any = select(_document.c.record_id, _document.c.number).where(_document.c.number.in_(numbers))
    return found


def _gathered(hits: Sequence[Any]) -> Any:
    # Kept apart: joined into the rest, SQLite would ask its inverted index once for each document that there is.
    return union_all(*hits).cte().prefix_with("MATERIALIZED", dialect="sqlite")


def _of(dialect: str, resource: str) -> Any:
    """Return the condition that a document is of a resource, which SQLite is to check once it has found it by number:
    most documents are of the same one."""
    column: Any = _document.c.resource
    if dialect == "sqlite":
        column = UnaryExpression(column, operator=typed(Any, custom_op)("+"), type_=column.type)
    return column == resource


def _slots(
    dialect: str,
    resource: str,
    terms: Sequence[Term],
    sizes: Mapping[int, int],
    statistics: Statistics,
    *,
    together: bool,
) -> Select[Any]:
    """Return the select of what each document has of each slot. ``together`` says that slots have several terms, so
    that rows have to be put together."""
    hits = _gathered(_hits(dialect, [(term, _factor(term, sizes[term.slot], statistics)) for term in terms]))
    title, text = statistics.lengths.get(resource, (1.0, 1.0))

    def relative(column: Any, mean: float) -> Any:
        return (1 - B) + B * cast(one(column), Float(53)) / literal(mean, Float(53))

    def one(column: Any) -> Any:
        return func.max(column) if together else column

    part = one(hits.c.part)
    size = case(
        (part == PARTS["title"], relative(_document.c.title_length, title)),
        (part == PARTS["text"], relative(_document.c.text_length, text)),
        else_=literal(1.0, Float(53)),
    )
    points: Any = hits.c.weight * case(
        (_document.c.repeats.is_(null()), 1), else_=func.coalesce(_repeated(dialect, hits.c.token), 1)
    )
    found: Any = (
        select(
            hits.c.number,
            hits.c.slot,
            cast(func.sum(points) if together else points, Float(53)).label("points"),
            one(hits.c.factor).label("factor"),
            size.label("size"),
        )
        .join_from(hits, _document, _document.c.number == hits.c.number)
        .where(_of(dialect, resource))
    )
    return found.group_by(hits.c.number, hits.c.slot) if together else found


def _hits(dialect: str, terms: Sequence[tuple[Term, float]]) -> list[Any]:
    """Return the selects of what has some terms, each with its factor: those that are in few documents together, of
    those that are in many the newest for each."""
    rows: list[tuple[str, int, int, int, float, str]] = []
    made: list[Any] = []
    for term, factor in terms:
        asked = question(dialect, term.tokens, prefix=term.prefix)
        # Of phrases and beginnings it is not known how often they occur: no document has an empty token.
        token = term.tokens[0] if len(term.tokens) == 1 and not term.prefix else ""
        if term.found <= COMMON:
            rows.append((asked, term.slot, term.weight, term.code % PERSONAL, factor, token))
            continue
        found = matching(dialect, asked)
        number = typed(Any, found.selected_columns[0])
        some = found.order_by(number.desc()).limit(COMMON).subquery()
        made.append(
            select(
                some.c.number,
                literal(term.slot, Integer).label("slot"),
                literal(term.weight, Integer).label("weight"),
                literal(term.code % PERSONAL, Integer).label("part"),
                literal(round(factor * SHARP) / SHARP, Float(53)).label("factor"),
                literal(token, String).label("token"),
            )
        )
    return [*([matching_all(dialect, rows)] if rows else []), *made]


def _factor(term: Term, found: int, statistics: Statistics) -> float:
    documents = max(statistics.documents, found)
    return WEIGHTS[term.code % PERSONAL] * log(1 + (documents - found + 0.5) / (found + 0.5))


def _repeated(dialect: str, token: Any) -> Any:
    """Return how often a token occurs in a document, where that is more than once."""
    if dialect == "postgresql":
        return cast(_document.c.repeats.op("->>", return_type=String)(token), Integer)
    return func.json_extract(_document.c.repeats, literal_column("'$.\"'") + token + literal_column("'\"'"))
