"""Relationships between customers: typed and dated, read from both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import insert, or_, select, tuple_

from crmkit.core.business.config import Config
from crmkit.core.business.options import check_option
from crmkit.core.customers.events import RelationshipAdded, RelationshipEnded, RelationshipRemoved
from crmkit.core.customers.models import Customer, Relationship
from crmkit.core.customers.references import chunks
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region
from crmkit.core.store.history import change_row, changes_of
from crmkit.core.store.locks import hold
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import RecordChange
from crmkit.errors import AlreadyExists, InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


@frozen(kw_only=True)
class Related:
    """A relationship as one of its two customers sees it. ``title`` says what the one is to the other; days are
    calendar days, both included, and None where open."""

    relationship_id: UUID
    other_id: UUID
    other_name: str
    kind: str
    title: str
    inverse: bool
    valid_from: date | None
    valid_to: date | None
    note: str | None


@operation("relationship.add", title=_("Relate to another customer"), effect="create", permission="customer.update")
def add_relationship(
    session: CrmSession,
    customer: Customer,
    *,
    other_id: Annotated[UUID, Input(title=_("Other customer"), classified="internal", resource="customer")],
    kind: Annotated[str, Input(title=_("Kind"), max_length=60, classified="personal", options="relationship")],
    valid_from: Annotated[date | None, Input(title=_("From"), classified="personal")] = None,
    valid_to: Annotated[date | None, Input(title=_("Until"), classified="personal")] = None,
    note: Annotated[str | None, Input(title=_("Note"), max_length=1000, multiline=True)] = None,
) -> Relationship:
    """Say what a customer is to another one. Raises InvalidInput when that cannot be, AlreadyExists when it is known
    for an overlapping time."""
    problems: list[Problem] = []
    config = session.crm.config.get(session)
    other = session.get(Customer, other_id)
    if other is None or other.deleted_at is not None:
        problems.append(Problem("CK500", _("There is no such customer."), field="other_id", value=other_id))
    elif other.id == customer.id:
        problems.append(Problem("CK500", _("A customer is not related to itself."), field="other_id", value=other_id))
    if not kind.strip():
        problems.append(Problem("CK500", _("This is required."), field="kind"))
    flaw = check_option(config, "relationship", kind, "kind")
    if flaw is not None:
        problems.append(flaw)
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        problems.append(Problem("CK500", _("It ends before it begins."), field="valid_to", value=valid_to))
    if problems:
        raise InvalidInput(problems)
    pairs = [(customer.id, other_id)]
    if kind_title(config, kind) == config.options.get("relationship_inverse", {}).get(kind):
        # What reads alike from both sides, such as a marriage, is known already where the other one told of it.
        pairs.append((other_id, customer.id))
    hold(session, "relationship:" + ":".join(sorted((customer.id.hex, other_id.hex))))
    known = session.scalars(
        select(Relationship).where(
            tuple_(Relationship.customer_id, Relationship.other_id).in_(pairs), Relationship.kind == kind
        )
    )
    for item in known:
        if _overlap(item, valid_from, valid_to):
            raise AlreadyExists(_("This relationship is known already."))
    item = Relationship(
        customer_id=customer.id, other_id=other_id, kind=kind, valid_from=valid_from, valid_to=valid_to, note=note
    )
    session.add(item)
    session.emit(RelationshipAdded(relationship_id=item.id, customer_id=customer.id, other_id=other_id, kind=kind))
    return item


def _overlap(item: Relationship, first: date | None, last: date | None) -> bool:
    return (item.valid_to or date.max) >= (first or date.min) and (last or date.max) >= (item.valid_from or date.min)


@operation("relationship.end", title=_("End a relationship"), effect="update", permission="customer.update")
def end_relationship(
    session: CrmSession,
    item: Relationship,
    *,
    on: Annotated[date | None, Input(title=_("Last day"), classified="personal")] = None,
) -> Relationship:
    """Say on which day a relationship ended; today where none is given. Raises InvalidInput for a day before it
    began."""
    day = on or session.today()
    if item.valid_from is not None and day < item.valid_from:
        raise InvalidInput([Problem("CK500", _("It ends before it begins."), field="on", value=day)])
    _tell_other(session, item, "update", {"valid_to": (item.valid_to, day)})
    item.valid_to = day
    session.emit(
        RelationshipEnded(relationship_id=item.id, customer_id=item.customer_id, other_id=item.other_id, kind=item.kind)
    )
    return item


@operation("relationship.remove", title=_("Remove a relationship"), effect="delete", permission="customer.update")
def remove_relationship(session: CrmSession, item: Relationship) -> None:
    """Take away a relationship that should not have been there; one that is over is ended instead."""
    session.emit(
        RelationshipRemoved(
            relationship_id=item.id, customer_id=item.customer_id, other_id=item.other_id, kind=item.kind
        )
    )
    _tell_other(session, item, "delete", changes_of(item, "delete"))
    session.delete(item)


def _tell_other(session: CrmSession, item: Relationship, kind: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
    """Keep the change in the history of the other customer too, as a flush does for the first."""
    line = change_row(session, item, kind, changes) | {"customer_id": item.other_id}
    with region(session, "the history of records"):
        session.connection().execute(insert(cast(Any, RecordChange).__table__), [line])


def kind_title(config: Config, kind: str, *, inverse: bool = False) -> str:
    """Return what a kind of relationship is called, seen from the first customer, or from the second (``inverse``)."""
    if inverse:
        title = config.options.get("relationship_inverse", {}).get(kind)
        if title is not None:
            return title
    return config.options.get("relationship", {}).get(kind, kind)


def relationships_of(session: CrmSession, customer_id: UUID, *, on: date | None = None) -> Sequence[Related]:
    """Return the relationships of a customer from both sides, by title and name; those of deleted customers are left
    out. With ``on`` only those that hold on a calendar day."""
    config = session.crm.config.get(session)
    rows = session.scalars(
        select(Relationship).where(or_(Relationship.customer_id == customer_id, Relationship.other_id == customer_id))
    ).all()
    others = {item.other_id if item.customer_id == customer_id else item.customer_id for item in rows}
    names: dict[UUID, str] = {}
    for part in chunks(others):
        shown = select(Customer.id, Customer.name).where(Customer.id.in_(part), Customer.deleted_at.is_(None))
        names.update((other_id, name) for other_id, name in session.execute(shown))
    found: list[Related] = []
    for item in rows:
        inverse = item.customer_id != customer_id
        other = item.customer_id if inverse else item.other_id
        if other not in names or (on is not None and not _overlap(item, on, on)):
            continue
        found.append(
            Related(
                relationship_id=item.id,
                other_id=other,
                other_name=names[other],
                kind=item.kind,
                title=kind_title(config, item.kind, inverse=inverse),
                inverse=inverse,
                valid_from=item.valid_from,
                valid_to=item.valid_to,
                note=item.note,
            )
        )
    return sorted(found, key=lambda item: (item.title, item.other_name, item.relationship_id))


OPERATIONS: list[Any] = [add_relationship, end_relationship, remove_relationship]
