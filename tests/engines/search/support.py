"""What the tests of the search share: records to find, and asking for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CRM, Actor
from crmkit.core.store.guard import region
from crmkit.engines.search.searching import SearchResults, search
from crmkit.engines.search.tables import SearchDocument, SearchLeftover, SearchWord

ACTOR = Actor.system("tests of the search")


def customer(crm: CRM, name: str, **values: Any) -> UUID:
    """Add a customer."""
    made: Any = crm.run(ACTOR, "customer.create", {"name": name, **values})
    return made.id


def open_notes(crm: CRM, *, searchable: bool = True) -> None:
    """Declare notes searchable, or no longer so."""
    crm.run(ACTOR, "interaction.declare_searchable", {"kind": "note", "searchable": searchable})


def note(crm: CRM, body: str, *, actor: Actor = ACTOR, **values: Any) -> UUID:
    """Record a note."""
    made: Any = crm.run(actor, "interaction.record", {"kind": "note", "body": body, **values})
    return made.id


def results(crm: CRM, text: str, *, actor: Actor = ACTOR, **options: Any) -> SearchResults:
    """Search as an actor."""
    with crm.session(actor) as session:
        return search(session, text, **options)


def found(crm: CRM, text: str, *, actor: Actor = ACTOR, **options: Any) -> list[UUID]:
    """Return the ids of what a text finds, in their order."""
    return [UUID(hit.ref.partition(":")[2]) for hit in results(crm, text, actor=actor, **options).hits]


def count(crm: CRM, model: Any) -> int:
    """Return how many rows a table of the index has."""
    with crm.session(ACTOR) as session, region(session, "tests"):
        return session.scalar(select(func.count()).select_from(model.__table__)) or 0


def index(crm: CRM) -> tuple[int, int, int]:
    """Return the numbers of documents, words and leftovers."""
    return count(crm, SearchDocument), count(crm, SearchWord), count(crm, SearchLeftover)


def words(crm: CRM) -> Sequence[str]:
    """Return the words that the index has learnt, without their codes."""
    with crm.session(ACTOR) as session, region(session, "tests"):
        return sorted(word[1:] for word in session.scalars(select(SearchWord.__table__.c.word)))
