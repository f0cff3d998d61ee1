"""Searching for records: what is asked for, found and ranked in the index, and shown as its reader may see it.

The index is ranked as a whole by numbers alone; from the top of it records are filtered by the reader's own session,
until there are as many as are wanted. Must not know how a hit is printed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import literal, select

from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.matching import find_exact
from crmkit.core.customers.models import Customer, CustomerIdentifier
from crmkit.core.store.guard import region
from crmkit.core.store.guard.computed import computed
from crmkit.core.store.guard.elements import Rare
from crmkit.core.store.infos import field_info
from crmkit.core.store.sealed import Masked
from crmkit.core.store.session import CrmSession
from crmkit.engines.search.indexing import PARTS, PERSONAL
from crmkit.engines.search.query import Asked, asked
from crmkit.engines.search.ranking import (
    Statistics,
    Term,
    affordable,
    misspelt,
    passed_over,
    statistics_of,
    terms_of,
)
from crmkit.engines.search.scoring import Ranked, documents_of, having, ranking
from crmkit.engines.search.snippets import Sought, snippet
from crmkit.engines.search.synonyms import Alternative, alternatives, terms_given
from crmkit.engines.search.tokens import edits_allowed
from crmkit.errors import InvalidInput, PluginError, Problem
from crmkit.hooks.contributions import Probe, Searchable, SearchHit
from crmkit.i18n import texts

_ = texts("crmkit")

HOOK = "crmkit_search"
LIMIT = 20
FIRST, MOST = 50, 5_000
"""Documents that are looked at first, from the top of the ranking, and at most at a time."""
_WHY = "ranking what a search finds"
_EXACT = 1.0


@frozen(kw_only=True)
class SearchResults:
    """The hits of a search: exact ones first, then by score (1.0 for the best), then those of plugins, by plugin.

    ``failed`` are the plugins whose search failed, each with what went wrong.
    """

    hits: tuple[SearchHit, ...] = field(converter=tuple)
    failed: Mapping[str, PluginError] = field(factory=dict[str, PluginError])


def search(
    session: CrmSession, text: str, *, within: Collection[str] | None = None, limit: int = LIMIT
) -> SearchResults:
    """Return the records that a text finds, among those that the session's actor may see; ``within`` names the kinds.

    Whoever may not read names does not find anybody by them. A whole e-mail address, telephone number, identity number
    or identifier finds its customer. With ``within`` plugins are not asked. Raises InvalidInput for a kind that is not
    searched.
    """
    known = session.gate.registry.searchables
    for name in within or ():
        if name not in known:
            message = _("{value} is not searched. Known: {known}.")
            raise InvalidInput([Problem("CK500", message, field="in", value=name, known=", ".join(sorted(known)))])
    text = text.replace("\x00", " ").strip()
    if not text or limit < 1:
        return SearchResults(hits=())
    wanted = [each for name, each in sorted(known.items()) if (not each.alone if within is None else name in within)]
    found = {hit.ref: hit for hit in _exact(session, text, limit)} if within is None or "customer" in within else {}
    for hit in _ranked(session, text, wanted, limit):
        found.setdefault(hit.ref, hit)
    hits = list(found.values())[:limit]
    failed: dict[str, PluginError] = {}
    if within is None:
        hits += _of_plugins(session, text, limit, failed)
    return SearchResults(hits=hits, failed=failed)


# --- by what is equal ------------------------------------------------------------------------------------------------


def _exact(session: CrmSession, text: str, limit: int) -> list[SearchHit]:
    """Return the customers of whom a text is an address, a number or an identifier."""
    contacts = [(kind, text) for kind, likely in (("email", "@" in text), ("phone", _is_number(text))) if likely]
    country = session.crm.config.get(session).country
    given = [(kind, key) for kind, value in contacts if (key := match_key(kind, value, region=country)) is not None]
    reasons: dict[UUID, str] = {}
    for match in find_exact(session, [Probe(contacts=given)], plugins=False)[0] if given else ():
        reasons.setdefault(match.customer_id, match.reason)
    number: Any = Customer.identity_number
    for query, reason in (
        (
            select(CustomerIdentifier.customer_id).where(CustomerIdentifier.external_id == text),
            _("Same identifier"),
        ),
        (
            # Where hardly anybody has such a number, SQLite would take its index for one that finds everybody.
            select(Customer.id).where(
                Rare(number.matches(session, Customer.match_form_of("identity_number", text, {}) or ""))
            ),
            _("Same identity number"),
        ),
    ):
        for identity in session.scalars(query.limit(limit)):
            reasons.setdefault(identity, reason)
    if not reasons:
        return []
    there = select(Customer).where(Customer.id.in_(list(reasons)[:limit]), Customer.deleted_at.is_(None))
    shown = {item.id: item for item in session.scalars(there)}
    return [
        SearchHit(
            ref=f"customer:{identity}",
            title=_shown(shown[identity].name),
            score=_EXACT,
            customer_id=identity,
            reason=reason,
        )
        for identity, reason in reasons.items()
        if identity in shown
    ]


def _is_number(text: str) -> bool:
    return sum(character.isdigit() for character in text) >= 5 and not any(map(str.isalpha, text))


# --- by words --------------------------------------------------------------------------------------------------------


@frozen
class _Search:
    """One search of one reader: what each kind of record is searched by."""

    session: CrmSession
    dialect: str
    statistics: Statistics
    codes: Mapping[str, frozenset[int]]

    def of(self, searchable: Searchable, terms: Iterable[Term]) -> list[Term]:
        """Return the terms that a kind of record is searched by, as the reader may."""
        name, codes = searchable.name, self.codes[searchable.name]
        return [term for term in terms if term.code in codes and (term.kinds is None or name in term.kinds)]


def search_ids(session: CrmSession, text: str, kind: str, *, limit: int = LIMIT) -> tuple[UUID, ...]:
    """Return the ids of the records of one kind that a text finds among those that the session's actor may see, the
    best first: what `search` finds by words, without loading it. Raises InvalidInput for one that is not searched."""
    searchable = session.gate.registry.searchables.get(kind)
    if searchable is None:
        raise InvalidInput([Problem("CK500", _("{value} is not searched."), field="in", value=kind)])
    best, _sought = _by_words(session, text.replace("\x00", " ").strip(), [searchable], limit)
    there = computed(documents_of([number for _score, number, _of in best]), "found")
    query: Any = select(searchable.model.id, there.c.number).join(there, there.c.record_id == searchable.model.id)
    ids = {number: id_ for id_, number in session.execute(_narrowed(query, searchable))}
    return tuple(ids[number] for _score, number, _of in best if number in ids)


def _ranked(session: CrmSession, text: str, wanted: Sequence[Searchable], limit: int) -> list[SearchHit]:
    best, sought = _by_words(session, text, wanted, limit)
    records = _records(session, best)
    return [
        _hit(each, records[number], score / best[0][0], sought) for score, number, each in best if number in records
    ]


def _by_words(
    session: CrmSession, text: str, wanted: Sequence[Searchable], limit: int
) -> tuple[list[tuple[int, int, Searchable]], Sought]:
    """Return score, number and kind of the best documents whose records the reader may see, and what is highlighted."""
    asks = asked(text)
    codes = {each.name: _codes(session, each) for each in wanted}
    every = sorted({code for known in codes.values() for code in known})
    if not asks or not every:
        return [], Sought(frozenset(), ())
    this = _Search(session, session.get_bind().dialect.name, statistics_of(session), codes)
    terms = terms_of(session, asks, every, _alternatives(session, text, asks, wanted))
    meant = _meant(this, asks, every, terms, wanted)
    sought = Sought(
        frozenset(token[1:] for term in (*terms, *meant) for token in term.tokens),
        tuple(ask.tokens[-1] for ask in asks if ask.prefix),
    )
    every_term = [*terms, *meant]
    terms = affordable(every_term)
    other = passed_over(every_term, terms)
    best: list[tuple[int, int, Searchable]] = []
    for each in wanted:
        own = this.of(each, terms)
        if own:
            found = _best(this, each, own, this.of(each, other), limit)
            best += [(score, number, each) for number, score in found]
    return sorted(best, key=lambda item: (-item[0], -item[1]))[:limit], sought


def _alternatives(
    session: CrmSession, text: str, asks: Sequence[Asked], wanted: Sequence[Searchable]
) -> list[Alternative]:
    """Return what is looked for beside what is asked for, each in the kinds of record that it was given for alone."""
    kinds: dict[Any, set[str]] = {}
    for each in wanted:
        if each.synonyms is not None:
            kinds.setdefault(each.synonyms, set()).add(each.name)
    language = session.crm.config.get(session).language
    return [
        found
        for give, names in kinds.items()
        for found in alternatives(text, asks, terms_given(session, give, language), language, frozenset(names))
    ]


def _best(
    this: _Search, searchable: Searchable, terms: Sequence[Term], other: Sequence[Term], limit: int
) -> list[tuple[int, int]]:
    """Return number and score of the best documents whose records the reader may see, of those that have one of some
    terms; ``other`` terms count as well."""
    ranked = ranking(this.dialect, searchable.name, terms, this.statistics, other)
    found: list[tuple[int, int]] = []
    for part in _parts(this.session, ranked, max(2 * limit, FIRST)):
        there = computed(documents_of([number for number, _score in part]), "found")
        query = select(there.c.number).join_from(there, searchable.model, searchable.model.id == there.c.record_id)
        seen = set(this.session.scalars(_narrowed(query, searchable)))
        found += [item for item in part if item[0] in seen]
        if len(found) >= limit:
            break
    return found[:limit]


def _parts(session: CrmSession, ranked: Ranked, size: int) -> Iterator[Sequence[tuple[int, int]]]:
    """Return the numbers and scores of a ranking from its top, a few first and ever more at a time."""
    with region(session, _WHY):
        first = ranked.rows(session.connection(), size)
    if first:
        yield first
    if len(first) < size:
        return
    # Most searches end before this; whoever sees little of what there is needs the whole of it.
    with region(session, _WHY):
        rest = ranked.rows(session.connection())[size:]
    while rest:
        size = min(4 * size, MOST)
        yield rest[:size]
        rest = rest[size:]


def _records(session: CrmSession, best: Sequence[tuple[int, int, Searchable]]) -> dict[int, Any]:
    """Return the records of documents by their number, as far as the reader may see them."""
    found: dict[int, Any] = {}
    for each in {searchable.name: searchable for _score, _number, searchable in best}.values():
        there = computed(documents_of([number for _score, number, of in best if of is each]), "found")
        query: Any = select(each.model, there.c.number).join(there, there.c.record_id == each.model.id)
        rows: Any = session.execute(_narrowed(query, each))
        found.update((number, record) for record, number in rows)
    return found


def _narrowed(query: Any, searchable: Searchable) -> Any:
    return query if searchable.shown is None else query.where(searchable.shown())


def _codes(session: CrmSession, searchable: Searchable) -> frozenset[int]:
    """Return the codes of the parts by which a reader may search a kind of record."""
    found = {PARTS["keywords"]} if searchable.keywords is not None else set[int]()
    for item in searchable.fields:
        if field_info(searchable.model.__table__.c[item.name]).classified != "personal":
            found.add(PARTS[item.part])
        elif session.level(searchable.model, "personal") == "full":
            found.add(PARTS[item.part] + PERSONAL)
    return frozenset(found)


def _meant(
    this: _Search, asks: Sequence[Asked], codes: Sequence[int], terms: Sequence[Term], wanted: Sequence[Searchable]
) -> list[Term]:
    """Return the words that are taken for those which nothing has that the reader may see.

    What others have must not make a difference, or whoever misspells a word on purpose would learn that they have it.
    """
    near: list[Term] = []
    words = [(place, ask) for place, ask in enumerate(asks) if ask.word is not None and edits_allowed(ask.word)]
    seen = _seen(this, {place for place, _ask in words}, terms, wanted)
    for place, ask in words:
        if place in seen:
            continue
        own = [term for term in terms if term.slot // 10 == place]
        if not any(_has_some(this, each, this.of(each, own)) for each in wanted):
            near += misspelt(this.session, ask, place, codes)
    return near


def _seen(this: _Search, places: Collection[int], terms: Sequence[Term], wanted: Sequence[Searchable]) -> set[int]:
    """Return the places of words of which the reader sees one of the few records that are known to have them: most
    words of most readers, by one statement for all of them."""
    found: set[int] = set()
    for each in wanted:
        named: dict[int, set[int]] = {}
        for term in this.of(each, terms):
            if term.slot // 10 in places:
                for number in term.some:
                    named.setdefault(number, set()).add(term.slot // 10)
        if named:
            there = computed(documents_of(list(named)), "found")
            query = select(there.c.number).join_from(there, each.model, each.model.id == there.c.record_id)
            for number in this.session.scalars(_narrowed(query, each)):
                found |= named[number]
    return found


def _has_some(this: _Search, searchable: Searchable, terms: Sequence[Term]) -> bool:
    """Say whether the reader may see a record that has one of some terms."""
    if not terms:
        return False
    there = computed(having(this.dialect, searchable.name, terms), "found")
    query = select(literal(1)).select_from(searchable.model).join(there, there.c.record_id == searchable.model.id)
    return this.session.scalar(_narrowed(query, searchable).limit(1)) is not None


def _hit(searchable: Searchable, record: Any, score: float, sought: Sought) -> SearchHit:
    title = next((value for value in _texts(record, searchable, "title") if value), searchable.title)
    found = next((made for text in _texts(record, searchable, "text") if (made := snippet(text, sought))), None)
    customer = None if searchable.customer is None else getattr(record, searchable.customer)
    hit = SearchHit(
        ref=f"{searchable.name}:{record.id}", title=_shown(title), score=round(score, 6), customer_id=customer
    )
    return hit if found is None else evolve(hit, snippet=found.text, highlights=found.highlights)


def _texts(record: Any, searchable: Searchable, part: str) -> list[Any]:
    """Return the texts of a part of a record as its reader may see them; of the text, nothing that is masked."""
    values = [getattr(record, item.name) for item in searchable.fields if item.part == part]
    return [value for value in values if value and (part == "title" or not isinstance(value, Masked))]


def _shown(value: Any) -> str:
    return " ".join(str(value).split())


# --- of plugins ------------------------------------------------------------------------------------------------------


def _of_plugins(session: CrmSession, text: str, limit: int, failed: dict[str, PluginError]) -> list[SearchHit]:
    found: list[SearchHit] = []
    for answer in session.gate.dispatcher.collect(HOOK, session=session, text=text, limit=limit):
        if answer.error is not None:
            failed[answer.plugin] = answer.error
            continue
        hits: list[Any] = list(answer.value or ())
        if not all(isinstance(hit, SearchHit) for hit in hits):
            failed[answer.plugin] = PluginError(_("Its search has something that is not a hit."), plugin=answer.plugin)
            continue
        found += sorted(hits, key=lambda hit: -hit.score)[:limit]
    return found
