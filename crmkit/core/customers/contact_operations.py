"""Operations on single contact points: add, change, prefer, verify, remove."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import attrs

from crmkit.core.customers.bulk import setting_of
from crmkit.core.customers.checks import refuse_emptied
from crmkit.core.customers.drafts import collect_points
from crmkit.core.customers.inputs import NewContactPoint
from crmkit.core.customers.lookups import key_of
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.core.customers.points import add_points, prefer, remove_point, set_values
from crmkit.core.customers.tags import touch
from crmkit.core.operations.inputs import UNSET, Input, UnsetType, given
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.opening import plain
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyExists, InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


def _normal(session: CrmSession, customer: Customer, new: NewContactPoint) -> dict[str, Any]:
    problems: list[Problem] = []
    rows = collect_points([new], {}, plain(customer, "country") or setting_of(session).config.country, problems)
    if problems:
        bare = [
            Problem(
                problem.code,
                problem.message,
                field=(problem.field or "").removeprefix("contact_points.0."),
                value=problem.value,
                hint=problem.hint,
                **problem.values,
            )
            for problem in problems
        ]
        raise InvalidInput(bare)
    return rows[0]


@operation("contact_point.add", title=_("Add a contact point"), effect="create", permission="customer.update")
def add_contact_point(session: CrmSession, customer: Customer, new: NewContactPoint) -> ContactPoint:
    """Add a way to reach a customer; the first of its kind is the preferred one. Raises InvalidInput for a value that
    is not of its kind, AlreadyExists when the customer has it."""
    row = _normal(session, customer, new)
    added = add_points(session, customer, [row])
    if not added:
        raise AlreadyExists(_("The customer has this contact point already."))
    (point,) = added
    if new.preferred:
        prefer(session, customer, point)
    return point


@attrs.frozen(kw_only=True)
class ContactPointUpdate:
    """What to change of a contact point; what is not given stays. ``details`` are all the parts of an address."""

    value: Annotated[str | UnsetType, Input(title=_("Value"), max_length=1000)] = UNSET
    label: Annotated[str | UnsetType | None, Input(title=_("Label"), max_length=40, classified="internal")] = UNSET
    details: Annotated[Mapping[str, Any] | UnsetType, Input(title=_("Details"))] = UNSET


@operation("contact_point.change", title=_("Change a contact point"), effect="update", permission="customer.update")
def change_contact_point(session: CrmSession, point: ContactPoint, changes: ContactPointUpdate) -> ContactPoint:
    """Change a contact point; another value is not verified any more. Raises InvalidInput, and AlreadyExists when the
    customer has that value already."""
    customer, values = point.customer, given(changes)
    if "value" in values or "details" in values:
        # The extension of a number is not that of another one.
        kept: Mapping[str, Any] = {} if point.kind == "phone" and "value" in values else plain(point, "details")
        details = values.get("details", kept)
        # An address that is known by its parts alone is written anew from them.
        written = values.get("value", "" if point.kind == "address" and details else plain(point, "value"))
        kind: Any = point.kind
        row = _normal(session, customer, NewContactPoint(kind=kind, value=written, details=details))
        for other in customer.contact_points:
            if other is not point and key_of(other) == (point.kind, row["match_key"]):
                raise AlreadyExists(_("The customer has this contact point already."))
        values["value"], values["details"] = row["value"], row["details"]
        if (point.kind, row["match_key"]) != key_of(point):
            values["verified_at"] = None
    if set_values(session, point, values):
        touch(customer)
    return point


@operation("contact_point.prefer", title=_("Prefer a contact point"), effect="update", permission="customer.update")
def prefer_contact_point(session: CrmSession, point: ContactPoint) -> ContactPoint:
    """Make a contact point the preferred one of its kind, in place of the one that was."""
    prefer(session, point.customer, point)
    return point


@operation("contact_point.verify", title=_("Verify a contact point"), effect="update", permission="customer.update")
def verify_contact_point(
    session: CrmSession,
    point: ContactPoint,
    *,
    verified_at: Annotated[datetime | None, Input(title=_("Verified at"), classified="internal")] = None,
) -> ContactPoint:
    """Note that the customer can be reached like this, now or at an instant. Raises InvalidInput for one to come."""
    now = system_now()
    if verified_at is not None and verified_at > now:
        raise InvalidInput([Problem("CK500", _("This is in the future."), field="verified_at", value=verified_at)])
    set_values(session, point, {"verified_at": verified_at or now})
    touch(point.customer)
    return point


@operation("contact_point.unverify", title=_("Doubt a contact point"), effect="update", permission="customer.update")
def unverify_contact_point(session: CrmSession, point: ContactPoint) -> ContactPoint:
    """Note that it is no longer known whether the customer can be reached like this, as after a bounce."""
    if set_values(session, point, {"verified_at": None}):
        touch(point.customer)
    return point


@operation("contact_point.remove", title=_("Remove a contact point"), effect="delete", permission="customer.update")
def remove_contact_point(session: CrmSession, point: ContactPoint) -> None:
    """Take a contact point away; where it was preferred, the first of its kind that is left is. Raises InvalidInput for
    the last one of a kind that is required."""
    if all(other is point or other.kind != point.kind for other in point.customer.contact_points):
        refuse_emptied(session.crm.config.get(session), point.kind)
    remove_point(session, point.customer, point)


OPERATIONS: list[Any] = [
    add_contact_point,
    change_contact_point,
    prefer_contact_point,
    verify_contact_point,
    unverify_contact_point,
    remove_contact_point,
]
