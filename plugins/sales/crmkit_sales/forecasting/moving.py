"""The movement of a real pipeline between two days, from the history of its opportunities. Must not change anything."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from crmkit import CrmSession, Period
from crmkit_sales.forecasting.deals import Deal, Measure, within
from crmkit_sales.forecasting.movement import Movement, movement
from crmkit_sales.forecasting.rates import Basis, Rates
from crmkit_sales.forecasting.reading import ALL, Chosen, deals_at, rates_of


@frozen(kw_only=True)
class Moved:
    """A movement between the ends of two days, with what it is of."""

    since: date
    until: date
    period: Period | None
    basis: Basis
    measure: Measure
    currency: str | None
    movement: Movement


def moved(
    session: CrmSession,
    since: date,
    until: date | None = None,
    *,
    period: Period | None = None,
    basis: Basis = "close",
    measure: Measure = "amount",
    chosen: Chosen = ALL,
) -> Moved:
    """Return what became of the open deals between the end of one day and that of another, now without one.

    The pipeline is that of deals that close in the period, any day without one; what is omitted is not in it. What the
    deals themselves changed is told apart from what rates did to those of other currencies.
    """
    old, new = rates_of(session, basis, since), rates_of(session, basis, until)
    # The scope is decided deal by deal: one that went to somebody else is moved out, and not gone.
    before = {each.id: each for each in deals_at(session, basis=basis, as_of=since, rates=old)}
    after = {each.id: each for each in deals_at(session, basis=basis, as_of=until, rates=new)}

    def in_scope(deal: Deal) -> bool:
        counts = deal.category != "omitted" or not deal.is_open
        return counts and chosen.takes(deal) and (period is None or within(deal, period))

    def at_old_rates(earlier: Deal, later: Deal) -> int | None:
        return _at(old, earlier, later)

    found = movement(before, after, in_scope=in_scope, measure=measure, at_old_rates=at_old_rates)
    return Moved(
        since=since,
        until=until or new.today,
        period=period,
        basis=basis,
        measure=measure,
        currency=new.base,
        movement=found,
    )


def _at(rates: Rates, earlier: Deal, later: Deal) -> int | None:
    """Return what the later amount was worth at the rate by which the earlier one counted."""
    day = rates.day_of(earlier.opened_on, earlier.closed_on, earlier.close_on)
    return rates.value(later.amount_minor, later.currency, day)
