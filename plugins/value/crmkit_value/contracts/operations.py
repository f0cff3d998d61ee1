"""Recording how many of a cohort were kept."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated

from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, operation, texts
from crmkit_value.contracts.models import ContractCohort

_ = texts("crmkit_value")


@operation("value.cohort.record", title=_("Record a cohort"), permission="value.policy.manage", effect="create")
def record(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=80, classified="internal")],
    started_on: Annotated[date, Input(title=_("Began on"), classified="internal")],
    counts: Annotated[
        tuple[int, ...],
        Input(
            title=_("Customers after each period"),
            help=_("How many there were at the start and after each period, such as 1000, 631, 468."),
            classified="internal",
        ),
    ],
    period_months: Annotated[
        int, Input(title=_("Months of a period"), minimum=1, maximum=60, classified="internal")
    ] = 12,
) -> ContractCohort:
    """Record how many of a cohort there were after each period, in place of what was recorded under the name before.

    Raises InvalidInput for fewer than two counts, and for one that is more than the one before.
    """
    rising = any(after > before for before, after in pairwise(counts))
    if len(counts) < 2 or counts[-1] < 0 or counts[0] < 1 or rising:
        raise InvalidInput(
            _("The counts of a cohort must not rise, and there must be two at least."),
            fix=_("Give how many there were at the start and after each period."),
        )
    found = session.scalars(select(ContractCohort).where(ContractCohort.name == name)).first()
    if found is None:
        found = ContractCohort(name=name, started_on=started_on, period_months=period_months, counts=list(counts))
        session.add(found)
    found.started_on, found.period_months, found.counts = started_on, period_months, list(counts)
    return found


@operation("value.cohort.delete", title=_("Delete a cohort"), permission="value.policy.manage", effect="delete")
def delete(session: CrmSession, cohort: ContractCohort) -> None:
    """Forget a cohort."""
    session.delete(cohort)


OPERATIONS = [record, delete]
