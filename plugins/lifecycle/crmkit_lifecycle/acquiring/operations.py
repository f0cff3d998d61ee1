"""Writing down what sources cost. Must not know what they bring."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit_lifecycle.acquiring.models import SourceCost

_ = texts("crmkit_lifecycle")

MANAGE = "lifecycle.cost.manage"


@operation("lifecycle.cost.record", title=_("Record a cost"), permission=MANAGE, effect="create")
def record_cost(
    session: CrmSession,
    *,
    source: Annotated[str, Input(title=_("Source"), max_length=120, options="source", classified="internal")],
    first: Annotated[date, Input(title=_("From"), classified="internal")],
    last: Annotated[date, Input(title=_("Until"), classified="internal")],
    amount_minor: Annotated[int, Input(title=_("Cost"), minimum=0, classified="internal")],
    currency: Annotated[str, Input(title=_("Currency"), max_length=3, classified="internal")],
) -> SourceCost:
    """Write down what a source has cost from a day to another, both included. Raises InvalidInput for an end before the
    beginning."""
    if last < first:
        raise InvalidInput([Problem(InvalidInput.code, _("It ends before it begins."), field="last")])
    cost = SourceCost(source=source, first=first, last=last, amount_minor=amount_minor, currency=currency.upper())
    session.add(cost)
    return cost


@operation("lifecycle.cost.delete", title=_("Delete the cost"), permission=MANAGE, effect="delete")
def delete_cost(session: CrmSession, cost: SourceCost) -> None:
    """Delete a cost that was written down by mistake."""
    session.delete(cost)


OPERATIONS = [record_cost, delete_cost]
