"""What of a plugin's records is found by its words. Must not know sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from attrs import field, frozen

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from crmkit.core.store.session import CrmSession

SearchPart = Literal["title", "keywords", "text"]


@frozen(kw_only=True)
class SearchField:
    """A field of a model whose words are indexed: ``part`` "title" counts for more than "text".

    What is sealed cannot be; a field of class personal is searched by readers alone who may read it in full.
    """

    name: str
    part: SearchPart = "text"


@frozen(kw_only=True)
class SearchRelated:
    """A model whose rows belong to a record: where one is added, changed or removed, the record is indexed anew.
    ``column`` names the record."""

    model: type[Any]
    column: str


@frozen(kw_only=True)
class Synonyms:
    """Terms that say the same, words or several words: whoever searches for one finds the others, too. With ``of`` it
    is one way: whoever searches for one of these finds ``terms``."""

    terms: tuple[str, ...] = field(converter=tuple)
    of: tuple[str, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Searchable:
    """A kind of record that is found by its words. ``name`` is that of its resource.

    ``customer`` is the column that names the customer whom the record is about, if any; the table of the index is in
    the personal-data map by it. ``keywords(session, ids)`` gives pairs of a record's id and further plain words, none
    of them personal, such as its tags; ``related`` are the models that they come from. ``shown`` gives the condition
    for records that are found; they are filtered by what the reader may see besides. What is ``alone`` is found by
    searches that name it, and not by those of everything. ``synonyms(session)`` gives the terms that say the same,
    at each search; they hold for this kind of record, and a tuple that is given again is not read again. A set-based
    writer of one's own calls `crmkit.engines.search.indexing.touch`; everything that sessions write is followed by
    itself.
    """

    name: str
    model: type[Any]
    title: str
    fields: tuple[SearchField, ...] = field(converter=tuple)
    customer: str | None = None
    keywords: Callable[[CrmSession, Sequence[UUID]], Iterable[tuple[UUID, str]]] | None = None
    related: tuple[SearchRelated, ...] = field(default=(), converter=tuple)
    shown: Callable[[], ColumnElement[bool]] | None = None
    alone: bool = False
    synonyms: Callable[[CrmSession], Iterable[Synonyms]] | None = None
