"""Closing the points of a programme for a day: what they were taken to cost is written down, for the books."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from sqlalchemy import func, select

from crmkit import CrmSession, Input, operation, texts
from crmkit_loyalty.liability.errors import AlreadyClosed
from crmkit_loyalty.liability.estimating import liability_of
from crmkit_loyalty.liability.models import LiabilityClosing
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import program_named, types_of
from crmkit_loyalty.programs.inputs import ProgramName
from crmkit_loyalty.programs.money import currency_of

_ = texts("crmkit_loyalty")

CLOSE = "loyalty.liability.close"
_SIX = Decimal("0.000001")


@operation(CLOSE, title=_("Close the points for a day"), permission=CLOSE, effect="create")
def close(
    session: CrmSession,
    *,
    program: ProgramName = "",
    day: Annotated[
        date | None, Input(title=_("Day"), help=_("Its end counts. Empty: yesterday."), classified="internal")
    ] = None,
) -> int:
    """Write down what the points of a programme that can be spent were taken to cost at the end of a day of the
    company's zone, which has to be over: one entry for each kind, of which the number is returned. Raises
    AlreadyClosed for a day up to the last one that was closed, InvalidInput for one that is not over, NotFound."""
    found = program_named(session, program)
    today = session.today()
    last = day or today - timedelta(days=1)
    if last >= today:
        raise problem("day", _("This day is not over."))
    closed = session.scalar(select(func.max(LiabilityClosing.day)).where(LiabilityClosing.program_id == found.id))
    if closed is not None and last <= closed:
        raise AlreadyClosed(closed)
    made: list[LiabilityClosing] = []
    for kind in types_of(session, found.id):
        if not kind.spendable:
            continue
        owed = liability_of(session, kind, last)
        made.append(
            LiabilityClosing(
                recorded_at=session.gate.clock.now(),
                program_id=found.id,
                type_id=kind.id,
                day=last,
                points=owed.points,
                share=Decimal(owed.share.value).quantize(_SIX),
                cost_minor=owed.cost_minor,
                expected_minor=round(owed.expected.value),
                low_minor=round(owed.expected.low),
                high_minor=round(owed.expected.high),
                currency=currency_of(session),
                actor_id=str(session.actor.id)[:80],
            )
        )
    session.add_all(made)
    session.flush()
    return len(made)


OPERATIONS = [close]
