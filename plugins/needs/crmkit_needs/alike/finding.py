"""Which needs may be the same, and why: by their titles, descriptions and what customers said of them.

Of what customers said the session's actor reads what they may, so that a suggestion tells nobody more. Candidates are
found by titles and descriptions; what customers said counts when two of them are compared. Must not change anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from uuid import UUID

from attrs import evolve, frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_needs.alike.operations import dismissed
from crmkit_needs.alike.similarity import Comparing, Weights, candidates
from crmkit_needs.alike.wording import parts_of, shared_words, words_of
from crmkit_needs.catalogue.models import Evidence, Need
from crmkit_needs.catalogue.words import OPEN

LIKELY = 0.35
"""From this score on two needs are suggested."""
NEAR = 0.15
"""From this score of titles and descriptions on it is read what customers said."""
SAME_AREA = 1.2
"""So much higher is the score of needs of one product area, up to 1."""
USUAL = 100
"""So many pairs are wanted at least when it is said how many are compared."""
ROUGHLY = 60
"""Of so many times the pairs that are wanted, those that share the most rare words, the words are compared."""
LOOKED_AT = 8
"""Of so many times the pairs that are wanted, those whose words are most alike, the parts of words are compared."""
NEWEST = 2000
"""A need is held against so many of the newest ones; the list of pairs against all that are open."""
QUOTES = 10
"""So many of a need's newest quotes are read."""
MOST_READ = 1000
CHUNK = 200


@frozen(kw_only=True)
class Told:
    """What a need says of itself."""

    id: UUID
    number: int
    title: str
    text: str
    state: str
    area_id: UUID | None

    @property
    def path(self) -> str:
        """Return its page."""
        return f"/modules/needs/need?id={self.id}"


@frozen(kw_only=True)
class Alike:
    """Two needs that may be the same: the older one, the newer one, how alike they are from 0 to 1, the words that they
    share, and whether they belong to the same product area."""

    older: Told
    newer: Told
    score: float
    shared: tuple[str, ...]
    same_area: bool

    def other(self, than: UUID) -> Told:
        """Return the one that is not the given one."""
        return self.newer if self.older.id == than else self.older


def alike_to(session: CrmSession, need: Need, most: int = 5) -> list[Alike]:
    """Return which other needs may be the same as one, the likeliest first: open ones and ended ones, without those
    that were merged or dismissed."""
    if need.merged_into_id is not None:
        return []
    told = _told(session, newest=NEWEST)
    if all(each.id != need.id for each in told):
        told.insert(0, _of(need))
    place = next(at for at, each in enumerate(told) if each.id == need.id)
    refused = dismissed(session, need)
    return _compared(session, told, _places(told, place), refused)[:most]


def alike_to_text(session: CrmSession, text: str, most: int = 5) -> list[Alike]:
    """Return which needs may be what a text asks for; in each pair the text is the newer one."""
    asked = Told(id=UUID(int=0), number=0, title=text.strip(), text="", state="new", area_id=None)
    told = [*_told(session, newest=NEWEST), asked]
    return _compared(session, told, _places(told, len(told) - 1), set())[:most]


def pairs(session: CrmSession, most: int = 100) -> list[Alike]:
    """Return the pairs of open needs that may be the same, the likeliest first, without those that were dismissed."""
    told = _told(session, only_open=True)
    return _compared(session, told, _places(told), dismissed(session), most)


def needs_told(session: CrmSession, ids: Iterable[UUID]) -> Mapping[UUID, Told]:
    """Return what some needs say of themselves, by id."""
    wanted, found = sorted(set(ids)), dict[UUID, Told]()
    for start in range(0, len(wanted), CHUNK):
        for each in session.scalars(select(Need).where(Need.id.in_(wanted[start : start + CHUNK]))):
            found[each.id] = _of(each)
    return found


def _told(session: CrmSession, *, only_open: bool = False, newest: int | None = None) -> list[Told]:
    """Return what needs that were not merged say of themselves, in the order of their numbers."""
    query = select(Need).where(Need.merged_into_id.is_(None)).order_by(Need.number.desc()).limit(newest)
    if only_open:
        query = query.where(Need.state.in_(OPEN))
    return [_of(each) for each in reversed(session.scalars(query).all())]


def _of(need: Need) -> Told:
    # Titles are read from records: to SQL they are sealed.
    return Told(
        id=need.id,
        number=need.number,
        title=_said(need.title),
        text=_said(need.description),
        state=need.state,
        area_id=need.area_id,
    )


def _said(text: object) -> str:
    """Return a text; of one that the reader may not see nothing."""
    return text if type(text) is str else ""


def _whole(told: Told) -> str:
    return f"{told.title}\n{told.text}"


def _places(told: Sequence[Told], only: int | None = None) -> list[tuple[int, int]]:
    """Return which are to be compared, by their places: those with titles like each other and those with texts like
    each other in turn, the likeliest of both first."""
    titles = candidates([each.title for each in told], only)
    wholes = candidates([_whole(each) for each in told], only)
    in_turn = (pair for both in zip_longest(titles, wholes) for pair in both if pair is not None)
    return list(dict.fromkeys(in_turn))


def _compared(
    session: CrmSession,
    told: Sequence[Told],
    places: Sequence[tuple[int, int]],
    refused: Iterable[frozenset[UUID]],
    most: int = 100,
) -> list[Alike]:
    """Return the pairs of some candidates that are likely to be the same, the likeliest first."""
    away = set(refused)
    rough = Comparing(Weights(words_of(_whole(each)) for each in told), Weights([]))
    asked = [pair for pair in places if frozenset(told[at].id for at in pair) not in away][: ROUGHLY * max(most, USUAL)]
    asked.sort(key=lambda pair: (-rough.by_words(*(_whole(told[at]) for at in pair)), pair))
    asked = asked[: LOOKED_AT * max(most, USUAL)]
    parts = Weights(parts_of(_whole(told[at])) for at in sorted({at for pair in asked for at in pair}))
    comparing = rough.with_parts(parts)
    near: list[Alike] = []
    for one, other in ((told[first], told[second]) for first, second in asked):
        score = _score(comparing, one, other, _whole(one), _whole(other))
        if score >= NEAR:
            near.append(_pair(one, other, score))
    near.sort(key=lambda each: (-each.score, each.older.number, each.newer.number))
    near = near[: 2 * most]
    quotes = _quotes(session, {each.id for pair in near for each in (pair.older, pair.newer)})
    found: list[Alike] = []
    for each in near:
        first, second = (f"{_whole(one)}\n{quotes.get(one.id, '')}" for one in (each.older, each.newer))
        # What customers said can bring two needs together; it does not tear apart what is written alike.
        score = max(each.score, _score(comparing, each.older, each.newer, first, second))
        if score >= LIKELY:
            found.append(evolve(each, score=round(score, 4), shared=shared_words(first, second)))
    return sorted(found, key=lambda each: (-each.score, each.older.number, each.newer.number))[:most]


def _pair(one: Told, other: Told, score: float) -> Alike:
    same = one.area_id is not None and one.area_id == other.area_id
    older, newer = (one, other) if one.number < other.number or not other.number else (other, one)
    return Alike(older=older, newer=newer, score=score, shared=(), same_area=same)


def _score(comparing: Comparing, one: Told, other: Told, first: str, second: str) -> float:
    """Return half of how alike the titles are and half of how alike the whole texts are, raised within an area."""
    score = (comparing.score(one.title, other.title) + comparing.score(first, second)) / 2
    same = one.area_id is not None and one.area_id == other.area_id
    return min(1.0, score * SAME_AREA) if same else score


def _quotes(session: CrmSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what customers said of needs, and of what was merged into them, as far as the actor may read it."""
    found: dict[UUID, list[str]] = defaultdict(list)
    wanted = sorted(ids)
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(Evidence, Need.root_id)
            .join(Need, Need.id == Evidence.need_id)
            .where(Need.root_id.in_(wanted[start : start + CHUNK]))
            .order_by(Evidence.heard_at.desc(), Evidence.id)
            .limit(MOST_READ)
        )
        for evidence, root in session.execute(query):
            said = _said(evidence.quote)
            if said and len(found[root]) < QUOTES:
                found[root].append(said)
    return {root: "\n".join(each) for root, each in found.items()}
