"""What became of a pipeline between two instants: opening, what came in, what went out, closing, to the cent.

Every deal is looked at as it stood at both ends; what happened to it follows from the two. Must not know the database.

The identity, which holds exactly for any deals whatever::

    closing = opening + new + reopened + increased − decreased + moved in − moved out − won − lost − removed + rates
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from attrs import evolve, field, frozen

from crmkit import texts
from crmkit_sales.forecasting.deals import Deal, Measure, Unconverted, unconverted

_ = texts("crmkit_sales")

LINES: Mapping[str, str] = {
    "opening": _("Opening"),
    "new": _("New"),
    "reopened": _("Opened again"),
    "increased": _("Increased"),
    "decreased": _("Decreased"),
    "moved_in": _("Moved in"),
    "moved_out": _("Moved out"),
    "won": _("Won"),
    "lost": _("Lost"),
    "removed": _("Removed"),
    "rates": _("Exchange rates"),
    "closing": _("Closing"),
}
"""The lines of a movement in their order, with their titles."""

OUTGOING = frozenset(("decreased", "moved_out", "won", "lost", "removed"))
"""The lines that are taken off; their figures are given as they are said, without a sign."""

InScope = Callable[[Deal], bool]
AtOldRates = Callable[[Deal, Deal], int | None]


@frozen(kw_only=True)
class Part:
    """What one deal adds to a line, in minor units of the base currency; below 0 in what is taken off."""

    line: str
    deal_id: UUID
    amount: int


@frozen(kw_only=True)
class Movement:
    """What became of a pipeline: the parts of every line, and what is in none of them as there is no rate."""

    parts: tuple[Part, ...] = field(converter=tuple)
    unconverted: tuple[Unconverted, ...] = field(default=(), converter=tuple)

    def total(self, line: str) -> int:
        """Return the sum of a line, in minor units; what is taken off is below 0."""
        return sum(part.amount for part in self.parts if part.line == line)

    def said(self, line: str) -> int:
        """Return the figure of a line as it is said: what is taken off, without a sign."""
        return -self.total(line) if line in OUTGOING else self.total(line)

    def of(self, line: str) -> list[Part]:
        """Return the parts of a line, the largest first."""
        return sorted(
            (part for part in self.parts if part.line == line), key=lambda part: (-abs(part.amount), part.deal_id)
        )

    @property
    def reconciles(self) -> bool:
        """Say whether opening and changes come to the closing, to the last minor unit."""
        changes = sum(self.total(line) for line in LINES if line not in ("opening", "closing"))
        return self.total("opening") + changes == self.total("closing")


def movement(
    earlier: Mapping[UUID, Deal],
    later: Mapping[UUID, Deal],
    *,
    in_scope: InScope,
    measure: Measure = "amount",
    at_old_rates: AtOldRates = lambda before, after: after.value,
) -> Movement:
    """Return what became of the open deals in a scope between two instants.

    ``in_scope`` says of a deal as it stood whether the pipeline in question holds it, were it open: by its period, its
    owner, its category. ``at_old_rates(before, after)`` gives the later amount at the rate of the earlier instant, None
    where there is none: what is left of the difference is the effect of rates.
    """
    parts: list[Part] = []
    for deal_id in sorted({*earlier, *later}):
        before, after = earlier.get(deal_id), later.get(deal_id)
        held, holds = _holds(before, in_scope), _holds(after, in_scope)
        if before is not None and held:
            parts.append(Part(line="opening", deal_id=deal_id, amount=before.measured(measure)))
        parts.extend(
            Part(line=line, deal_id=deal_id, amount=amount)
            for line, amount in _changes(before, after, held, in_scope, measure, at_old_rates)
            if amount or line not in ("increased", "decreased", "rates")
        )
        if after is not None and holds:
            parts.append(Part(line="closing", deal_id=deal_id, amount=after.measured(measure)))
    concerned = {part.deal_id for part in parts}
    missing = unconverted(deal for each in concerned for deal in [later.get(each) or earlier[each]])
    return Movement(parts=parts, unconverted=missing)


def _holds(deal: Deal | None, in_scope: InScope) -> bool:
    return deal is not None and deal.is_open and in_scope(deal)


def _changes(
    before: Deal | None,
    after: Deal | None,
    held: bool,
    in_scope: InScope,
    measure: Measure,
    at_old_rates: AtOldRates,
) -> Iterable[tuple[str, int]]:
    if after is None or after.kind == "removed":
        if before is not None and held:
            yield "removed", -before.measured(measure)
        return
    now = after.measured(measure)
    if before is not None and held:
        if after.is_open and not in_scope(after):
            yield "moved_out", -before.measured(measure)
            return
        if after.kind == "won" and not in_scope(after):
            # It was won, but in another period or for somebody else: there it counts, here it is gone.
            yield "moved_out", -before.measured(measure)
            return
        # What is closed has no probability of its own any more: it leaves with what it counted for.
        if measure == "weighted" and not after.is_open:
            yield after.kind, -before.measured(measure)
            return
        yield from _revalued(before, after, measure, at_old_rates)
    elif not in_scope(after):
        return
    elif before is None:
        yield "new", now
    elif before.is_open:
        yield "moved_in", now
    elif after.is_open or after.kind != before.kind:
        yield "reopened", now
    else:
        return
    if not after.is_open:
        yield after.kind, -now


def _revalued(before: Deal, after: Deal, measure: Measure, at_old_rates: AtOldRates) -> Iterable[tuple[str, int]]:
    """Part a changed value into what the deal changed and what the rates did."""
    was, now = before.measured(measure), after.measured(measure)
    value = at_old_rates(before, after)
    if before.value is None or value is None:
        yield "rates", now - was
        return
    at_old = evolve(after, value=value).measured(measure)
    yield ("increased" if at_old >= was else "decreased"), at_old - was
    yield "rates", now - at_old
