"""Keeping the index in step: which records a transaction has touched, and what of them is searched once it ends.

What is indexed is read anew from the database, at the end of the transaction that changed it and inside it, and only
from columns that are kept in plain. Must not know how anything is searched.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Connection, Select, delete, event, exists, func, insert, inspect, literal, or_, select, true
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.customers.references import chunks
from crmkit.core.operations.events import event_name
from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.guard import region
from crmkit.core.store.infos import field_info
from crmkit.core.store.session import CrmSession
from crmkit.engines.search.matching import VIRTUAL, matching, question
from crmkit.engines.search.tables import SearchDocument, SearchLeftover, SearchWord
from crmkit.engines.search.tokens import is_word, pieces_of, stem_of, words_of
from crmkit.hooks.contributions import Searchable

PARTS = {"title": 1, "keywords": 2, "text": 3}
"""The codes of the parts, which tokens begin with."""
PERSONAL = 5
"""What is added to the code of a part that is personal."""
BREAK = "0"
"""Stands between two fields, so that no phrase reaches from one into the next."""
MOST = 10_000
"""Tokens of a record that are indexed."""
_MOST_LETTERS = 300_000
BATCH = 500
"""Documents whose tokens are forgotten at a time."""
_TOUCHED = "crmkit.search"
_WHY = "keeping the index of the search"
_document: Any = SearchDocument.__table__
_word: Any = SearchWord.__table__
_leftover: Any = SearchLeftover.__table__


@frozen
class Indexed:
    """What of one record is searched."""

    record_id: UUID
    customer_id: UUID | None = None
    words: list[str] = field(factory=list[str])
    lengths: dict[int, int] = field(factory=dict[int, int])

    def add(self, part: str, text: str, *, personal: bool) -> None:
        """Add the words of one field."""
        code = PARTS[part]
        tokens = words_of(text)[: MOST - len(self.words)]
        if self.words and tokens:
            self.words.append(BREAK)
        self.words.extend(f"{code + PERSONAL * personal}{token}" for token in tokens)
        self.lengths[code] = self.lengths.get(code, 0) + len(tokens)

    def row(self, resource: str) -> dict[str, Any]:
        """Return the row of the document."""
        words = " ".join(self.words)
        if len(words) > _MOST_LETTERS:
            words = words[:_MOST_LETTERS].rpartition(" ")[0]
        counted = Counter(words.split())
        del counted[BREAK]
        repeats = {word: min(count, 255) for word, count in counted.items() if count > 1}
        return {
            "resource": resource,
            "record_id": self.record_id,
            "customer_id": self.customer_id,
            "words": words,
            "repeats": repeats or None,
            "title_length": self.lengths.get(PARTS["title"], 0),
            "text_length": self.lengths.get(PARTS["text"], 0),
            "digest": int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), "big", signed=True),
        }


# --- which records were touched --------------------------------------------------------------------------------------


def touch(session: CrmSession, name: str, ids: Iterable[UUID], *, new: bool = False) -> None:
    """Have records of a kind indexed anew at the end of the transaction; ``new`` ones cannot be in the index yet."""
    touched: dict[str, dict[UUID, bool]] = session.info.setdefault(_TOUCHED, {})
    records = touched.setdefault(name, {})
    for identity in ids:
        records[identity] = new and records.get(identity, True)
    session.unit.before_commit["search"] = settle


def _flushed(session: Any, _context: Any) -> None:
    if not isinstance(session, CrmSession):
        return
    wanted = _followed(session.gate.registry.searchables.values())
    for records, new in ((session.new, True), (session.dirty, False), (session.deleted, False)):
        for record in records:
            for name, column in wanted.get(type(record), ()):
                if new or record in session.deleted or session.is_modified(record):
                    # Only the record itself is new to the index: what belongs to it may be new where it is not.
                    touch(session, name, _named(record, column), new=new and column == "id")


def _followed(searchables: Iterable[Searchable]) -> Mapping[type[Any], list[tuple[str, str]]]:
    found: dict[type[Any], list[tuple[str, str]]] = {}
    for each in searchables:
        found.setdefault(each.model, []).append((each.name, "id"))
        for related in each.related:
            found.setdefault(related.model, []).append((each.name, related.column))
    return found


def _named(record: Any, column: str) -> set[UUID]:
    """Return the records that a row belongs to and belonged to."""
    history = inspect(record).attrs[column].history
    return {value for value in (*history.added, *history.unchanged, *history.deleted) if isinstance(value, UUID)}


event.listen(CrmSession, "after_flush", _flushed)


def heard(session: CrmSession, item: Any) -> None:
    """Note what set-based writers of the kernel tell of; for subscriptions before the commit."""
    name = event_name(item)
    if name in ("customer.created", "customer.updated"):
        touch(session, "customer", item.customer_ids, new=name == "customer.created")
    elif name == "interaction.recorded":
        touch(session, "interaction", item.interaction_ids, new=True)
    elif name in ("product.created", "product.updated"):
        touch(session, "product", item.product_ids)


# --- writing the index -----------------------------------------------------------------------------------------------


def settle(session: CrmSession) -> None:
    """Bring the index into step with what the transaction has touched."""
    touched: dict[str, dict[UUID, bool]] = session.info.pop(_TOUCHED, {})
    with region(session, _WHY):
        for name, records in touched.items():
            searchable = session.gate.registry.searchables.get(name)
            for part in chunks(records) if searchable is not None else ():
                index(session, cast(Searchable, searchable), part, known=[each for each in part if not records[each]])
    forget_words(session)


def index(
    session: CrmSession, searchable: Searchable, ids: Sequence[UUID], *, known: Sequence[UUID], anew: bool = False
) -> None:
    """Write the documents of records, inside a region. ``known`` are those that may be in the index; documents that
    are as they were are left alone, unless ``anew``."""
    connection = session.connection()
    there: dict[UUID, Any] = {}
    if known:
        columns = (_document.c.record_id, _document.c.number, _document.c.digest, _document.c.customer_id)
        query = select(*columns).where(_document.c.resource == searchable.name, _document.c.record_id.in_(known))
        there = {row.record_id: row for row in connection.execute(query)}
    added: list[dict[str, Any]] = []
    for item in _read(session, searchable, ids):
        if not item.words:
            continue
        row, old = item.row(searchable.name), there.get(item.record_id)
        if old is not None and not anew and (old.digest, old.customer_id) == (row["digest"], row["customer_id"]):
            del there[item.record_id]
        else:
            added.append(row)
    if there:
        gone = [row.number for row in there.values()]
        connection.execute(delete(_document).where(_document.c.number.in_(gone)))
    _add(connection, added)
    _learn(session, {word for row in added for word in row["words"].split()})


def _add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows or connection.dialect.name == "postgresql":
        insert_rows(connection, _document, rows)
        return
    # Nobody else writes to SQLite in the meantime, so what has a higher number is ours.
    before = connection.execute(select(func.max(_document.c.number))).scalar() or 0
    insert_rows(connection, _document, rows)
    ours = select(_document.c.number, _document.c.words).where(_document.c.number > before)
    connection.execute(insert(VIRTUAL).from_select(["rowid", "words"], ours))


def _read(session: CrmSession, searchable: Searchable, ids: Sequence[UUID]) -> list[Indexed]:
    """Return what of records is searched, those that are gone left out; with no more than is kept in plain."""
    table: Any = searchable.model.__table__
    customer = None if searchable.customer is None else table.c[searchable.customer]
    columns = [table.c[item.name] for item in searchable.fields]
    personal = [field_info(column).classified == "personal" for column in columns]
    query = select(table.c.id, *(() if customer is None else (customer,)), *columns).where(table.c.id.in_(ids))
    first = 1 if customer is None else 2
    found: dict[UUID, Indexed] = {}
    for row in session.connection().execute(query):
        item = found[row[0]] = Indexed(row[0], None if customer is None else row[1])
        for declared, value, hidden in zip(searchable.fields, row[first:], personal, strict=True):
            if value:
                item.add(declared.part, str(value), personal=hidden)
    if searchable.keywords is not None:
        for identity, text in searchable.keywords(session, list(found)):
            if identity in found:
                found[identity].add("keywords", text, personal=False)
    return list(found.values())


def _learn(session: CrmSession, coded: Collection[str]) -> None:
    """Note words that the index did not have yet, with their stems and pieces."""
    words = sorted(word for word in coded if is_word(word[1:]))
    connection = session.connection()
    known: set[str] = set()
    for part in chunks(words):
        known.update(connection.execute(select(_word.c.word).where(_word.c.word.in_(part))).scalars())
    language = session.crm.config.get(session).language
    rows = [word_row(word, language) for word in words if word not in known]
    if rows:
        # In their order, so that two transactions that learn the same words wait for each other and no more.
        dialect = cast(Any, postgresql if connection.dialect.name == "postgresql" else sqlite)
        for part in chunks(rows):
            connection.execute(dialect.insert(_word).on_conflict_do_nothing(), part)


def word_row(word: str, language: str) -> dict[str, Any]:
    """Return the row of a word; of a personal one, such as a name, there is no stem."""
    code, plain = word[0], word[1:]
    pieces = {f"piece_{place}": f"{code}{piece}" for place, piece in enumerate(pieces_of(plain), 1)}
    stem = None if int(code) > PERSONAL else code + stem_of(plain, language)
    return {"word": word, "stem": stem, "piece_1": None, "piece_2": None, "piece_3": None, **pieces}


def forget_words(session: CrmSession) -> None:
    """Take the tokens of documents that are gone out of the index, and forget the words that none has any more."""
    connection = session.connection()
    # Rows that another transaction is about to forget are left to it.
    waiting = select(_leftover.c.number, _leftover.c.words).order_by(_leftover.c.number).limit(BATCH)
    with region(session, _WHY):
        while rows := connection.execute(waiting.with_for_update(skip_locked=True)).all():
            numbers = [row.number for row in rows]
            if connection.dialect.name == "sqlite":
                taken = select(literal("delete"), _leftover.c.number, _leftover.c.words)
                into = insert(VIRTUAL).from_select(
                    [VIRTUAL.name, "rowid", "words"], taken.where(_leftover.c.number.in_(numbers))
                )
                connection.execute(into)
            connection.execute(delete(_leftover).where(_leftover.c.number.in_(numbers)))
            words = sorted({word for row in rows for word in row.words.split() if is_word(word[1:])})
            for part in chunks(words):
                connection.execute(delete(_word).where(_word.c.word.in_(_unused(connection, part))))


def _unused(connection: Connection, words: Sequence[str]) -> list[str]:
    there = connection.execute(select(_word.c.word).where(_word.c.word.in_(words))).scalars().all()
    dialect = connection.dialect.name
    left = (matching(dialect, question(dialect, [word])).limit(1) for word in there)
    return [word for word, query in zip(there, left, strict=True) if connection.execute(query).first() is None]


def compact(connection: Connection) -> None:
    """Rewrite the inverted index of SQLite, which keeps the tokens of what is gone until its parts are put together."""
    connection.execute(insert(VIRTUAL).values({VIRTUAL.name: "optimize"}))


# --- making it anew --------------------------------------------------------------------------------------------------


def drop_orphans(session: CrmSession, searchable: Searchable) -> None:
    """Remove the documents of records that are gone."""
    table: Any = searchable.model.__table__
    gone = ~exists(select(true()).select_from(table).where(table.c.id == _document.c.record_id))
    with region(session, _WHY):
        session.connection().execute(delete(_document).where(_document.c.resource == searchable.name, gone))


def next_ids(session: CrmSession, searchable: Searchable, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Return the ids of the next records of a kind, inside a region. Those that have nothing to index are left out as
    far as that shows in their columns."""
    table: Any = searchable.model.__table__
    query: Select[Any] = select(table.c.id).order_by(table.c.id).limit(limit)
    if searchable.keywords is None:
        query = query.where(or_(*(table.c[item.name].is_not(None) for item in searchable.fields)))
    if after is not None:
        query = query.where(table.c.id > after)
    return session.connection().execute(query).scalars().all()
