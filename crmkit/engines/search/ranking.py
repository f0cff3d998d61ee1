"""What is looked for in the index: the tokens that stand for what was asked, with how many documents have them.

Must not know who reads, nor what documents are worth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from attrs import evolve, frozen
from sqlalchemy import (
    case,
    func,
    or_,
    select,
)

from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.engines.search.matching import Count, counts, question
from crmkit.engines.search.query import Asked
from crmkit.engines.search.synonyms import Alternative
from crmkit.engines.search.tables import SearchDocument, SearchWord
from crmkit.engines.search.tokens import distance, edits_allowed, probes_of, stem_of, swapped

EXACT, STEM, SYNONYM, PREFIX, ONE_EDIT, TWO_EDITS = 100, 90, 80, 40, 50, 25
"""What an occurrence counts for, in hundredths: of the word itself, of one with the same stem, of one that says the
same, of one that begins so, of one that is so many edits apart."""
ALIKE = 12
"""Most words that are taken for another one."""
COMMON = 10_000
"""Documents in which a token stands that are counted."""
RANKED = 1_500
"""Documents that are ranked altogether: rarer tokens come first, and of a token that is in more the newest are taken.
What these documents have of the other tokens counts as well, unless those are in more than are counted."""
BIG = 5_000
"""Documents of an index whose statistics are kept for a while."""
KEPT, MOST_KEPT = 60.0, 10_000
"""Seconds for which statistics are kept, and counts of what is in many documents; and how many of these."""
_WHY = "ranking what a search finds"
_document: Any = SearchDocument.__table__
_word: Any = SearchWord.__table__


@frozen
class Term:
    """A token that is looked for in a part. ``slot`` is what all tokens have in common that stand for one that was
    asked for; ``weight`` is in hundredths; ``found`` is the number of documents that have it, at most `COMMON` + 1, and
    ``some`` are the numbers of a few of them; ``since`` is the least number of those that are ranked. ``kinds`` are
    those of the records that it is looked for in, None for all."""

    slot: int
    code: int
    tokens: tuple[str, ...]
    weight: int
    prefix: bool = False
    found: int = 0
    some: tuple[int, ...] = ()
    since: int = 0
    kinds: frozenset[str] | None = None


@frozen
class Statistics:
    """How many documents there are, and per resource the mean length of titles and of texts, in tokens."""

    documents: int
    lengths: Mapping[str, tuple[float, float]]


_kept: WeakKeyDictionary[Any, tuple[float, Statistics]] = WeakKeyDictionary()
_frequent: WeakKeyDictionary[Any, dict[str, tuple[float, Count]]] = WeakKeyDictionary()


def statistics_of(session: CrmSession) -> Statistics:
    """Return the statistics of the index; those of a big one are kept for a minute, as they take a while."""
    at, known = _kept.get(session.crm, (0.0, None))
    if known is not None and monotonic() - at < KEPT:
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


def terms_of(
    session: CrmSession, asks: Sequence[Asked], codes: Collection[int], others: Sequence[Alternative] = ()
) -> list[Term]:
    """Return what is looked for in some parts, with the number of documents; what none has is left out."""
    found: list[Term] = []
    for place, ask in enumerate(asks):
        for code in codes:
            slot, tokens = place * 10 + code, tuple(f"{code}{token}" for token in ask.tokens)
            found.append(Term(slot, code, tokens, EXACT, prefix=ask.prefix and len(ask.tokens[-1]) == 1))
            if ask.prefix and not found[-1].prefix:
                found.append(Term(slot, code, tokens, PREFIX, prefix=True))
    words = [_Word(place, ask.word, STEM) for place, ask in enumerate(asks) if ask.word is not None]
    words += [
        _Word(at, each.asked.word, SYNONYM, each.kinds) for each in others if each.asked.word for at in each.places
    ]
    found += _inflected(session, words, codes)
    own = {(term.slot, term.tokens) for term in found if term.weight != SYNONYM}
    for other in others:
        for place in other.places:
            for code in codes:
                slot, tokens = place * 10 + code, tuple(f"{code}{token}" for token in other.asked.tokens)
                found.append(Term(slot, code, tokens, SYNONYM, prefix=other.asked.prefix, kinds=other.kinds))
    # What is asked for itself, or is a synonym by several ways, is looked for once.
    once = dict.fromkeys(term for term in found if term.weight == SYNONYM and (term.slot, term.tokens) not in own)
    return _counted(session, [*(term for term in found if term.weight != SYNONYM), *once])


@frozen
class _Word:
    """A word in an alphabetic script that is looked for at a place, in whatever inflection."""

    place: int
    word: str
    weight: int
    kinds: frozenset[str] | None = None


def _inflected(session: CrmSession, words: Sequence[_Word], codes: Collection[int]) -> Iterable[Term]:
    """Return the words of the index that have the stem of one that is looked for, with its weight."""
    language = session.crm.config.get(session).language
    wanted: dict[str, list[_Word]] = {}
    for each in words:
        for code in codes:
            wanted.setdefault(f"{code}{stem_of(each.word, language)}", []).append(each)
    if not wanted:
        return
    with region(session, _WHY):
        rows = session.connection().execute(
            select(_word.c.word, _word.c.stem).where(_word.c.stem.in_(list(wanted))).order_by(_word.c.word)
        )
        for word, stem in rows.all():
            for each in wanted[stem]:
                if each.word != word[1:]:
                    code = int(word[0])
                    yield Term(each.place * 10 + code, code, (word,), each.weight, kinds=each.kinds)


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
    found = _counts(session, dialect, list(dict.fromkeys(questions)))
    counted = [
        evolve(term, found=count.number, some=count.some, since=count.since)
        for term, asked in zip(terms, questions, strict=True)
        if (count := found[asked]).number
    ]
    # Where nothing longer begins with a token, to look for that as well would find the same once more.
    whole = {(term.tokens, term.found) for term in counted if not term.prefix}
    return [term for term in counted if term.weight != PREFIX or (term.tokens, term.found) not in whole]


def _counts(session: CrmSession, dialect: str, questions: Sequence[str]) -> Mapping[str, Count]:
    """Return how many documents answer each of some questions. What is in many is counted once a minute: a few more or
    less make no difference, and it is asked all the time."""
    now = monotonic()
    known = _frequent.setdefault(session.crm, {})
    found = {asked: known[asked][1] for asked in questions if asked in known and now - known[asked][0] < KEPT}
    left = [asked for asked in questions if asked not in found]
    if not left:
        return found
    with region(session, _WHY):
        counted = counts(session.connection(), dialect, left, COMMON + 1, RANKED)
    if len(known) > MOST_KEPT:
        known.clear()
    for place, asked in enumerate(left):
        found[asked] = counted[place]
        if counted[place].number > RANKED:
            known[asked] = now, counted[place]
    return found


# --- which of it is ranked by ----------------------------------------------------------------------------------------


def affordable(terms: Sequence[Term]) -> list[Term]:
    """Return the terms that are ranked by: the rarest first, for as long as there are not too many documents. Synonyms
    are weighed apart from what they stand for, so that a common one does not cost a rare word its place."""
    sizes = _sizes(terms)
    kept: set[tuple[int, bool]] = set()
    total = 0
    for each in sorted(sizes, key=lambda each: (sizes[each], each)):
        total += sizes[each]
        if total <= RANKED or not kept:
            kept.add(each)
    return [term for term in terms if _part(term) in kept]


def passed_over(terms: Sequence[Term], kept: Sequence[Term]) -> list[Term]:
    """Return the terms by which no document is found, but which count where one is; what is in so many documents says
    nothing."""
    parts = {_part(term) for term in kept}
    sizes = _sizes(terms)
    common = {each for each, size in sizes.items() if size > COMMON}
    return [term for term in terms if _part(term) not in parts | common and term.weight != PREFIX]


def _part(term: Term) -> tuple[int, bool]:
    return term.slot, term.weight == SYNONYM


def _sizes(terms: Sequence[Term]) -> dict[tuple[int, bool], int]:
    return {
        (slot, said): size
        for said in (False, True)
        for slot, size in sizes_of(term for term in terms if (term.weight == SYNONYM) is said).items()
    }


def sizes_of(terms: Iterable[Term]) -> dict[int, int]:
    """Return how many documents have a token that stands for one that was asked for, by slot; those that have several
    are counted for each. What begins with a token has the token itself, which is not counted again."""
    terms = list(terms)
    begun = {(term.slot, term.tokens) for term in terms if term.weight == PREFIX}
    sizes: dict[int, int] = {}
    for term in terms:
        if term.weight == PREFIX or (term.slot, term.tokens) not in begun:
            sizes[term.slot] = sizes.get(term.slot, 0) + term.found
    return sizes
