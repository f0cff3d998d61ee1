"""The same months under other rules: pure computation over what happened. Must not know the database.

Each happening goes through the rules with the limits and the tier that its customer has by then in the replay; refunds
take back by the same arithmetic as the books; points expire by the policy of their kind, after what was really spent
was taken from those that expire first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from crmkit_loyalty.earning.computing import Happening, Rule, Used, compute, totals
from crmkit_loyalty.earning.limits import limited
from crmkit_loyalty.earning.refunding import Bought, Returned, fallen
from crmkit_loyalty.ledger.spending import share_of

Values = Mapping[Any, Any]


@frozen(kw_only=True)
class Past:
    """Something that earned, or could have: the happening as far as it does not depend on the replay, and its lines."""

    id: UUID
    customer_id: UUID
    at: datetime
    day: date
    month: str
    happened: Happening
    whole: int
    lines: Sequence[Bought]


@frozen(kw_only=True)
class Back:
    """A refund of something, or with ``everything`` that it was reversed."""

    about_id: UUID
    at: datetime
    amount: int = 0
    returned: Sequence[Returned] = ()
    everything: bool = False


@frozen(kw_only=True)
class Spent:
    """Points of a kind that a customer really spent."""

    customer_id: UUID
    type_id: UUID
    at: datetime
    points: int


@define(kw_only=True)
class Heap:
    """Points that were earned at once; ``left`` is what was neither spent, taken back nor expired."""

    type_id: UUID
    line_no: int
    points: int
    left: int
    at: datetime
    expires_at: datetime | None
    back: int = 0
    new: bool = True


@define(kw_only=True)
class Tally:
    """What came and went of a kind of points."""

    given: int = 0
    taken_back: int = 0
    expired: int = 0

    @property
    def left(self) -> int:
        """Return what is left but for what was spent."""
        return self.given - self.taken_back - self.expired


@define
class _Known:
    """What is known of something that has earned in the replay."""

    past: Past
    heaps: list[Heap]
    before: dict[int, int] = field(factory=dict[int, int])


class Replay:
    """One version of rules over the past. ``expiry`` says when points that are earned at an instant are gone, ``used``
    what limited rules gave before, ``opening`` what customers had when it began."""

    def __init__(
        self,
        rules: Sequence[Rule],
        expiry: Callable[[UUID, datetime], datetime | None],
        used: Mapping[tuple[UUID, str], Sequence[tuple[datetime, date, int]]],
        opening: Mapping[tuple[UUID, UUID], Sequence[Heap]],
    ) -> None:
        self._rules = rules
        self._limited = limited(rules)
        self._expiry = expiry
        self._used = {key: list(gifts) for key, gifts in used.items()}
        self._heaps = {key: list(heaps) for key, heaps in opening.items()}
        self._earned: dict[UUID, _Known] = {}
        self._of: dict[UUID, list[_Known]] = {}
        self.tallies: dict[UUID, Tally] = {}
        self.by_customer: dict[tuple[UUID, UUID], int] = {}
        self.by_month: dict[tuple[UUID, str], int] = {}
        self.by_rule: dict[str, int] = {}

    def earn(self, past: Past, facts: Values) -> None:
        """Have something earn; ``facts`` are those about its customer at that time."""
        happened = past.happened
        if facts:
            happened = Happening(
                event=happened.event,
                day=happened.day,
                whole={**facts, **happened.whole},
                lines={number: {**facts, **values} for number, values in happened.lines.items()},
            )
        parts = compute(self._rules, happened, self._before(past))
        heaps: list[Heap] = []
        for (type_id, line_no, _pending), points in totals(parts).items():
            heap = Heap(
                type_id=type_id,
                line_no=line_no,
                points=points,
                left=points,
                at=past.at,
                expires_at=self._expiry(type_id, past.at),
            )
            heaps.append(heap)
            self._heaps.setdefault((past.customer_id, type_id), []).append(heap)
            self._tally(type_id).given += points
            self._counts(past, type_id, points)
            month = type_id, past.month
            self.by_month[month] = self.by_month.get(month, 0) + points
        names = {rule.name for rule in self._limited}
        for part in parts:
            if part.points:
                self.by_rule[part.rule.name] = self.by_rule.get(part.rule.name, 0) + part.points
            if part.points and part.rule.name in names:
                key = past.customer_id, part.rule.name
                self._used.setdefault(key, []).append((past.at, past.day, part.points))
        if heaps:
            self._earned[past.id] = _Known(past, heaps)
            self._of.setdefault(past.customer_id, []).append(self._earned[past.id])

    def take_back(self, back: Back) -> None:
        """Take back what a refund or a reversal costs."""
        known = self._earned.get(back.about_id)
        if known is None:
            return
        past, before = known.past, known.before
        lines = [
            Bought(
                line_no=each.line_no, product_id=each.product_id, amount=each.amount, before=before.get(each.line_no, 0)
            )
            for each in (Bought(line_no=0, product_id=None, amount=past.whole), *past.lines)
        ]
        if back.everything:
            parts = {line.line_no: line.left for line in lines}
        else:
            amount = min(back.amount, lines[0].left)
            parts = {0: amount, **fallen(lines[1:], amount, back.returned)}
        by_line = {line.line_no: line for line in lines}
        for heap in known.heaps:
            line = by_line.get(heap.line_no, by_line[0])
            if back.everything and line.amount <= 0:
                wanted = heap.points - heap.back
            else:
                wanted = share_of(heap.points, parts.get(line.line_no, 0), line.amount, line.before)
            heap.back += wanted
            heap.left -= min(wanted, heap.left)
            self._tally(heap.type_id).taken_back += wanted
            self._counts(past, heap.type_id, -wanted)
        for line_no, amount in parts.items():
            before[line_no] = before.get(line_no, 0) + amount

    def spend(self, spent: Spent) -> None:
        """Take what was spent from what expires first, as far as there is something."""
        self.expire(spent.at, (spent.customer_id, spent.type_id))
        heaps = self._heaps.get((spent.customer_id, spent.type_id), [])
        wanted = spent.points
        for heap in sorted(heaps, key=lambda each: (each.expires_at is None, each.expires_at or each.at, each.at)):
            here = min(heap.left, wanted)
            heap.left -= here
            wanted -= here

    def expire(self, at: datetime, only: tuple[UUID, UUID] | None = None) -> None:
        """Have points expire whose time is over at an instant."""
        for key in (only,) if only is not None else tuple(self._heaps):
            kept: list[Heap] = []
            for heap in self._heaps.get(key, ()):
                if heap.expires_at is not None and heap.expires_at <= at:
                    if heap.new:
                        self._tally(heap.type_id).expired += heap.left
                    heap.left = 0
                elif heap.left > 0 or heap.new:
                    kept.append(heap)
            self._heaps[key] = kept

    def points_of(self, customer_id: UUID, type_id: UUID, begin: datetime, end: datetime) -> int:
        """Return the points that a customer earned in the replay within a span, less what was taken back of them."""
        return sum(
            heap.points - heap.back
            for known in self._of.get(customer_id, ())
            for heap in known.heaps
            if heap.type_id == type_id and begin <= heap.at < end
        )

    def _before(self, past: Past) -> dict[str, Used]:
        found: dict[str, Used] = {}
        for rule in self._limited:
            gifts = self._used.get((past.customer_id, rule.name))
            if gifts:
                since = past.at - timedelta(days=rule.cap_days)
                found[rule.name] = Used(
                    day=sum(points for _at, day, points in gifts if day == past.day),
                    period=sum(points for at, _day, points in gifts if at > since),
                )
        return found

    def _tally(self, type_id: UUID) -> Tally:
        return self.tallies.setdefault(type_id, Tally())

    def _counts(self, past: Past, type_id: UUID, points: int) -> None:
        key = past.customer_id, type_id
        self.by_customer[key] = self.by_customer.get(key, 0) + points
