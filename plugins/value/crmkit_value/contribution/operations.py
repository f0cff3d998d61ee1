"""Saying what stays of an amount, and what contacts and winning customers cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, operation, texts
from crmkit_value.contribution.models import AcquisitionCost, CategoryMargin, ServiceCost

_ = texts("crmkit_value")

Category = Annotated[str, Input(title=_("Category"), max_length=120, classified="internal")]
Kind = Annotated[str, Input(title=_("Kind"), max_length=60, classified="internal")]
Minor = Annotated[int, Input(minimum=0, maximum=10**12, classified="internal")]


@operation("value.margin.create", title=_("Set the margin of a category"), permission="value.margin.manage")
def set_margin(
    session: CrmSession,
    *,
    category: Category,
    percent: Annotated[Decimal, Input(title=_("Margin (percent)"), minimum=-100, maximum=100, classified="internal")],
) -> CategoryMargin:
    """Say what stays of the amounts of a category, in place of what was said before."""
    found = session.scalars(select(CategoryMargin).where(CategoryMargin.category == category)).first()
    if found is None:
        found = CategoryMargin(category=category, percent=percent)
        session.add(found)
    found.percent = percent
    return found


@operation("value.margin.delete", title=_("Take back"), permission="value.margin.manage", effect="delete")
def delete_margin(session: CrmSession, margin: CategoryMargin) -> None:
    """Have the policy's margin count again for a category."""
    session.delete(margin)


@operation("value.service_cost.create", title=_("Set what a contact costs"), permission="value.margin.manage")
def set_service_cost(
    session: CrmSession, *, kind: Kind, contact_minor: Minor = 0, hour_minor: Minor = 0
) -> ServiceCost:
    """Say what interactions of a kind cost, in minor units of the base currency, in place of what was said before."""
    found = session.scalars(select(ServiceCost).where(ServiceCost.kind == kind)).first()
    if found is None:
        found = ServiceCost(kind=kind, contact_minor=contact_minor, hour_minor=hour_minor)
        session.add(found)
    found.contact_minor, found.hour_minor = contact_minor, hour_minor
    return found


@operation("value.service_cost.delete", title=_("Take back"), permission="value.margin.manage", effect="delete")
def delete_service_cost(session: CrmSession, cost: ServiceCost) -> None:
    """Have interactions of a kind cost nothing."""
    session.delete(cost)


@operation(
    "value.acquisition_cost.create", title=_("Note what winning customers cost"), permission="value.margin.manage"
)
def add_acquisition_cost(
    session: CrmSession,
    *,
    source: Annotated[str, Input(title=_("Source"), max_length=60, classified="internal")],
    first: Annotated[date, Input(title=_("From"), classified="internal")],
    last: Annotated[date, Input(title=_("Until"), classified="internal")],
    amount_minor: Annotated[int, Input(title=_("Amount"), minimum=0, maximum=10**14, classified="internal")],
    currency: Annotated[str, Input(title=_("Currency"), max_length=3, classified="internal")],
    note: Annotated[str, Input(title=_("Note"), max_length=300, classified="internal")] = "",
) -> AcquisitionCost:
    """Note what was spent to win customers of a source. Raises InvalidInput where it ends before it begins."""
    if last < first:
        raise InvalidInput(_("The first day {first} is after the last day {last}."), first=first, last=last)
    found = AcquisitionCost(
        source=source.strip(),
        first=first,
        last=last,
        amount_minor=amount_minor,
        currency=currency.upper(),
        note=note or None,
    )
    session.add(found)
    return found


@operation("value.acquisition_cost.delete", title=_("Take back"), permission="value.margin.manage", effect="delete")
def delete_acquisition_cost(session: CrmSession, cost: AcquisitionCost) -> None:
    """Forget what was noted."""
    session.delete(cost)


OPERATIONS = [
    set_margin,
    delete_margin,
    set_service_cost,
    delete_service_cost,
    add_acquisition_cost,
    delete_acquisition_cost,
]
