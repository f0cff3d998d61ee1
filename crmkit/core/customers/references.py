"""What new and changed customers refer to, looked up for many at once: owners, teams, parent organisations, identifiers
that are taken, organisations by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from crmkit.core.access.models import Team, User
from crmkit.core.customers.drafts import Draft
from crmkit.core.customers.models import Customer, CustomerIdentifier
from crmkit.core.customers.names import NameParts, folded, sort_name
from crmkit.core.store.guard import lookup, region
from crmkit.core.store.locks import hold
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyExists, CrmkitError, InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

T = TypeVar("T")


class Referring(Protocol):
    """What refers to other records: the draft of a new customer, or a change to one."""

    row: dict[str, Any]
    identifiers: list[tuple[str, str]]
    organization: str | None
    error: CrmkitError | None

    @property
    def id(self) -> UUID:
        """Return the customer's id."""
        ...


TREE = "organizations"
"""The name that is held while the tree of organisations is added to or changed."""
CHUNK = 5000
"""Most values of one ``IN``; drivers have a limit."""


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Return items in lists of at most ``size``."""
    whole = list(items)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def check_references(session: CrmSession, drafts: Sequence[Referring]) -> None:
    """Refuse the drafts that refer to an owner, a team or an organisation that does not exist."""
    _check(drafts, "owner_id", _("There is no such active user."), lambda ids: _existing(session, ids, active_users))
    _check(drafts, "team_id", _("There is no such team."), lambda ids: _existing(session, ids, teams))
    _check(drafts, "parent_id", _("There is no such organisation."), lambda ids: _existing(session, ids, organizations))


def _check(drafts: Sequence[Referring], name: str, message: str, existing: Callable[[set[UUID]], set[UUID]]) -> None:
    wanted = {value for draft in drafts if draft.error is None and (value := draft.row.get(name)) is not None}
    missing = wanted - existing(wanted) if wanted else wanted
    if missing:
        for draft in drafts:
            value = draft.row.get(name)
            if draft.error is None and value in missing:
                draft.error = InvalidInput([Problem("CK500", message, field=name, value=value)])


def active_users(ids: Sequence[UUID]) -> Select[UUID]:
    """Return the query for those of some ids that are active users."""
    return select(User.id).where(User.id.in_(ids), User.active.is_(True))


def teams(ids: Sequence[UUID]) -> Select[UUID]:
    """Return the query for those of some ids that are teams."""
    return select(Team.id).where(Team.id.in_(ids))


def organizations(ids: Sequence[UUID]) -> Select[UUID]:
    """Return the query for those of some ids that are organisations."""
    return select(Customer.id).where(
        Customer.id.in_(ids), Customer.kind == "organization", Customer.deleted_at.is_(None)
    )


def _existing(session: CrmSession, ids: set[UUID], query: Callable[[Sequence[UUID]], Select[UUID]]) -> set[UUID]:
    return {found for part in chunks(ids) for found in session.scalars(query(part))}


def check_identifiers(session: CrmSession, drafts: Sequence[Referring]) -> None:
    """Refuse the drafts with an identifier that another customer has, in the database or before them in the batch."""
    pending = [draft for draft in drafts if draft.error is None and draft.identifiers]
    holders = taken_identifiers(session, {pair for draft in pending for pair in draft.identifiers})
    for draft in pending:
        clash = next((pair for pair in draft.identifiers if holders.get(pair, draft.id) != draft.id), None)
        if clash is not None:
            draft.error = identifier_taken(clash)
        else:
            holders.update(dict.fromkeys(draft.identifiers, draft.id))


def check_circles(session: CrmSession, changes: Sequence[Referring]) -> None:
    """Refuse the changes by which an organisation would become a part of itself."""
    above = {
        change.id: change.row["parent_id"] for change in changes if change.error is None and change.row.get("parent_id")
    }
    if above:
        hold(session, TREE)
    wanted = {parent for parent in above.values() if parent is not None} - set(above)
    while wanted:
        found: dict[UUID, UUID | None] = {}
        for part in chunks(wanted):
            with region(session, "whether organisations form a circle"):
                rows = session.execute(select(Customer.id, Customer.parent_id).where(Customer.id.in_(part))).all()
            found.update((customer_id, parent_id) for customer_id, parent_id in rows)
        above.update(found)
        wanted = {parent for parent in found.values() if parent is not None} - set(above)
    for change in changes:
        if change.error is None and change.row.get("parent_id"):
            seen, here = {change.id}, above.get(change.id)
            while here is not None and here not in seen:
                seen.add(here)
                here = above.get(here)
            if here is not None:
                change.error = InvalidInput(
                    [Problem("CK500", _("An organisation cannot be a part of itself."), field="parent_id")]
                )


def taken_identifiers(session: CrmSession, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Return for each pair of source and external id that is known the customer that has it."""
    by_source: dict[str, list[str]] = {}
    for source, external in pairs:
        by_source.setdefault(source, []).append(external)
    found: dict[tuple[str, str], UUID] = {}
    for source, externals in by_source.items():
        for part in chunks(externals):
            query = select(CustomerIdentifier.external_id, CustomerIdentifier.customer_id).where(
                CustomerIdentifier.source == source, CustomerIdentifier.external_id.in_(part)
            )
            with region(session, "an identifier is one customer's, whoever may see which"):
                rows = session.execute(query).all()
            found.update({(source, external): customer_id for external, customer_id in rows})
    return found


def identifier_taken(pair: tuple[str, str]) -> CrmkitError:
    """Return the error for an identifier that another customer has."""
    return AlreadyExists(
        _('Another customer has the id "{external}" of {source} already.'), source=pair[0], external=pair[1]
    )


def organization_drafts(session: CrmSession, drafts: Sequence[Referring]) -> list[Draft]:
    """Let drafts belong to the organisations that they name; return drafts of those that do not exist yet.

    Names are compared without regard to case, width and spaces; of several organisations of a name the first made is
    meant. One that is added in the same batch counts, unless it names an organisation itself.
    """
    wanted: dict[str, str] = {}
    for draft in drafts:
        if draft.error is None and draft.organization and draft.row.get("parent_id") is None:
            wanted.setdefault(folded(draft.organization), draft.organization)
    if not wanted:
        return []
    known = {
        draft.row["name_key"]: draft.id
        for draft in reversed(drafts)
        if draft.error is None and stands_alone(draft) and draft.row.get("name_key") in wanted
    }
    found = organizations_named(session, wanted)
    if not wanted.keys() <= {*known, *found}:
        # Another transaction may be about to add the same one.
        hold(session, TREE)
        found = organizations_named(session, wanted)
    known |= found
    added: list[Draft] = []
    for key, name in wanted.items():
        if key not in known:
            new = new_organization(name)
            added.append(new)
            known[key] = new.id
    for draft in drafts:
        if draft.error is None and draft.organization and draft.row.get("parent_id") is None:
            draft.row["parent_id"] = known[folded(draft.organization)]
    return added


def stands_alone(draft: Referring) -> bool:
    """Say whether this is an organisation that others of its batch can belong to: it has to be written before them."""
    return draft.row.get("kind") == "organization" and not draft.organization and draft.row.get("parent_id") is None


def organizations_named(session: CrmSession, keys: Iterable[str]) -> dict[str, UUID]:
    """Return the organisation of each folded name that exists."""
    found: dict[str, UUID] = {}
    for part in chunks(keys):
        query = (
            select(Customer.name_key, Customer.id)
            .where(Customer.name_key.in_(part), Customer.kind == "organization", Customer.deleted_at.is_(None))
            .order_by(Customer.id.desc())
        )
        with lookup(session):
            rows = session.execute(query).all()
        found.update((key, customer_id) for key, customer_id in rows)
    return found


def new_organization(name: str) -> Draft:
    """Return the draft of an organisation of which only the name is known."""
    row: dict[str, Any] = {
        "kind": "organization",
        "standing": "potential",
        "name": name,
        "name_key": folded(name),
        "sort_name": sort_name(name, NameParts()),
        "preferences": {},
        "custom": {},
    }
    return Draft(row=row)
