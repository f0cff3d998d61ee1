"""Revealing what is masked of one customer: said why, audited, and shown once.

Lists never reveal; who reads sealed values in full by right needs this for nothing but the record of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from uuid import UUID

import attrs
from sqlalchemy import or_, select

from crmkit.core.customers.fields import sealed_names
from crmkit.core.customers.models import Customer, Relationship, custom_of
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard.masking import personal_attributes
from crmkit.core.store.opening import plain
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


@attrs.frozen(kw_only=True)
class RevealedPoint:
    """A contact point in full."""

    id: UUID
    kind: str
    label: str | None
    value: str = attrs.field(repr=False)
    details: Mapping[str, Any] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Revealed:
    """What was revealed of a customer: fields by name (custom ones as ``custom.NAME``), contact points, and the notes
    of relationships by their ids. It is kept nowhere."""

    given_once: ClassVar[bool] = True

    customer_id: UUID
    fields: Mapping[str, Any] = attrs.field(repr=False)
    contact_points: tuple[RevealedPoint, ...] = attrs.field(repr=False)
    notes: Mapping[UUID, str] = attrs.field(repr=False)


@operation("customer.reveal", title=_("Reveal what is masked"), permission="customer.reveal")
def reveal_customer(
    session: CrmSession,
    customer: Customer,
    *,
    reason: Annotated[str, Input(title=_("Reason"), max_length=500)],
    fields: Annotated[tuple[str, ...], Input(title=_("Fields"), max_length=200, classified="internal")] = (),
    contact_points: Annotated[
        tuple[UUID, ...], Input(title=_("Contact points"), max_length=100, classified="internal")
    ] = (),
) -> Revealed:
    """Return fields and contact points of a customer in full; everything that is masked where neither is named.

    Which ones, by whom and why is audited, the values are not. Raises InvalidInput for a blank reason, and for a field
    or a contact point that the customer does not have.
    """
    known = {*sealed_names(session.crm.config.get(session)), *personal_attributes(Customer)} - {"custom_open"}
    points = {point.id: point for point in customer.contact_points}
    problems: list[Problem] = []
    if not reason.strip():
        problems.append(Problem("CK500", _("A reason is required."), field="reason"))
    problems.extend(
        Problem("CK500", _("There is no such field."), field="fields", value=name)
        for name in fields
        if name not in known
    )
    problems.extend(
        Problem("CK500", _("The customer has no such contact point."), field="contact_points", value=id_)
        for id_ in contact_points
        if id_ not in points
    )
    if problems:
        raise InvalidInput(problems)
    everything = not fields and not contact_points
    names = sorted(known) if everything else list(dict.fromkeys(fields))
    custom = custom_of(customer)
    shown = {name: custom.get(name[7:]) if name.startswith("custom.") else plain(customer, name) for name in names}
    shown = {name: value for name, value in shown.items() if value is not None}
    chosen = points.values() if everything else [points[id_] for id_ in dict.fromkeys(contact_points)]
    notes = _notes(session, customer.id) if everything else {}
    session.note(
        "reveal",
        resource="customer",
        target=customer,
        subjects=[customer.id],
        details={"fields": list(shown), "contact_points": len(chosen), "notes": len(notes)},
        reason=reason.strip(),
    )
    return Revealed(
        customer_id=customer.id,
        fields=shown,
        contact_points=tuple(
            RevealedPoint(
                id=point.id,
                kind=point.kind,
                label=point.label,
                value=plain(point, "value"),
                details=plain(point, "details"),
            )
            for point in chosen
        ),
        notes=notes,
    )


def _notes(session: CrmSession, customer_id: UUID) -> dict[UUID, str]:
    query = select(Relationship).where(
        or_(Relationship.customer_id == customer_id, Relationship.other_id == customer_id)
    )
    return {item.id: note for item in session.scalars(query) if (note := plain(item, "note")) is not None}


OPERATIONS: list[Any] = [reveal_customer]
