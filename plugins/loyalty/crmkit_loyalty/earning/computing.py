"""What rules give for something that happened: pure computation, the same for a purchase, a dry run and a replay.

Amounts are in major units of the base currency, points whole numbers. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

Values = Mapping[str, Any]

_ROUNDING = {"down": ROUND_FLOOR, "half_up": ROUND_HALF_UP, "up": ROUND_CEILING}
_ONE = Decimal(1)
MOST = 1_000_000_000_000


@frozen(kw_only=True)
class Rule:
    """A rule made ready: its condition, None for always, and how many points, as functions of what is known."""

    name: str
    title: str
    type_id: UUID
    event: str
    scope: str
    mode: str
    condition: Callable[[Values], bool] | None
    points: Callable[[Values], Any]
    rounding: str = "down"
    stack: str | None = None
    last: bool = False
    cap_once: int | None = None
    cap_day: int | None = None
    cap_period: int | None = None
    cap_days: int = 365
    since: date | None = None
    until: date | None = None
    pending_days: int | None = None


@frozen(kw_only=True)
class Happening:
    """Something that happened: its kind, its day in the company's zone, what is known of the whole and of the customer,
    and of each line by its number."""

    event: str
    day: date
    whole: Values
    lines: Mapping[int, Values]


@frozen(kw_only=True)
class Used:
    """How many points a rule has given a customer before: on that day, and within its period."""

    day: int = 0
    period: int = 0


@frozen(kw_only=True)
class Part:
    """What one rule gave for one line, 0 being the whole; ``outcome`` says why not where it gave nothing. ``lost`` is
    how many more points the rule would have given but for its limits, or for another rule of its stack."""

    rule: Rule
    line_no: int
    points: int
    outcome: str
    lost: int = 0


@frozen
class _Gift:
    """What a rule would give: for each line, after its limits, and how much these took away."""

    rule: Rule
    lines: Sequence[tuple[int, int]]
    lost: int

    @property
    def points(self) -> int:
        return sum(points for _line, points in self.lines)


@define(kw_only=True)
class _Run:
    """One happening as it goes through the rules."""

    used: Mapping[str, Used]
    parts: list[Part] = field(factory=list[Part])
    by_line: dict[tuple[UUID, int], int] = field(factory=dict[tuple[UUID, int], int])
    stacks: dict[str, list[_Gift]] = field(factory=dict[str, list[_Gift]])
    stopped: bool = False

    def ask(self, rule: Rule, happened: Happening) -> None:
        """Ask a rule; what one of a stack gives waits until the whole stack has been asked."""
        reason = _not_asked(rule, happened, self.stopped)
        given = None if reason is not None else self._given(rule, happened)
        if given is None:
            self.parts.append(Part(rule=rule, line_no=0, points=0, outcome=reason or "condition"))
            return
        gift = _capped(rule, given, self.used.get(rule.name, Used()))
        if rule.stack is not None:
            self.stacks.setdefault(rule.stack, []).append(gift)
        else:
            self._keep(gift)

    def settle(self, stack: str) -> None:
        """Keep what gives most of a stack, the first of several."""
        rivals = self.stacks.pop(stack, [])
        best = max(range(len(rivals)), key=lambda at: (rivals[at].points, -at), default=0)
        for at, gift in enumerate(rivals):
            if at == best:
                self._keep(gift)
            else:
                lost = gift.points + gift.lost
                self.parts.append(Part(rule=gift.rule, line_no=0, points=0, outcome="group", lost=lost))

    def _given(self, rule: Rule, happened: Happening) -> list[tuple[int, int]] | None:
        asked = happened.lines.items() if rule.scope == "line" else ((0, happened.whole),)
        found = [
            (line_no, _points(rule, values, self._so_far(rule.type_id, line_no)))
            for line_no, values in asked
            if rule.condition is None or rule.condition(values)
        ]
        return found or None

    def _so_far(self, type_id: UUID, line_no: int) -> int:
        """Return what a rule multiplies: of a line what was given for it, of the whole everything."""
        if line_no:
            return self.by_line.get((type_id, line_no), 0)
        return sum(points for (kind, _line), points in self.by_line.items() if kind == type_id)

    def _keep(self, gift: _Gift) -> None:
        lost = gift.lost
        for line_no, points in gift.lines:
            if points:
                key = gift.rule.type_id, line_no
                self.by_line[key] = self.by_line.get(key, 0) + points
                self.parts.append(Part(rule=gift.rule, line_no=line_no, points=points, outcome="given", lost=lost))
                lost = 0  # said once of each rule
        if not gift.points:
            outcome = "cap" if lost else "nothing"
            self.parts.append(Part(rule=gift.rule, line_no=0, points=0, outcome=outcome, lost=lost))
        elif gift.rule.last:
            self.stopped = True


def compute(rules: Sequence[Rule], happened: Happening, used: Mapping[str, Used]) -> list[Part]:
    """Return what each rule gives, in the order in which they are given: every rule has a part, one that gives nothing
    with its reason. ``used`` is what rules with a limit have given before, by their names."""
    run = _Run(used=used)
    ends = {rule.stack: at for at, rule in enumerate(rules) if rule.stack is not None}
    for at, rule in enumerate(rules):
        run.ask(rule, happened)
        if rule.stack is not None and ends[rule.stack] == at:
            run.settle(rule.stack)
    return run.parts


def totals(parts: Sequence[Part]) -> dict[tuple[UUID, int, int | None], int]:
    """Return how many points are given of each kind, for each line and waiting time."""
    found: dict[tuple[UUID, int, int | None], int] = {}
    for part in parts:
        if part.points:
            key = part.rule.type_id, part.line_no, part.rule.pending_days
            found[key] = found.get(key, 0) + part.points
    return found


def _not_asked(rule: Rule, happened: Happening, stopped: bool) -> str | None:
    if rule.event != happened.event:
        return "kind"
    if stopped:
        return "stopped"
    if (rule.since is not None and happened.day < rule.since) or (rule.until is not None and happened.day > rule.until):
        return "period"
    return None


def _points(rule: Rule, values: Values, so_far: int) -> int:
    said = rule.points(values)
    if said is None:
        return 0
    exact = Decimal(str(said)) if isinstance(said, float) else Decimal(said)
    if rule.mode == "multiply":
        exact *= so_far
    return min(max(int(exact.quantize(_ONE, _ROUNDING[rule.rounding])), 0), MOST)


def _capped(rule: Rule, given: Sequence[tuple[int, int]], used: Used) -> _Gift:
    """Return what a rule gives within its limits, the first lines first."""
    room = [
        cap
        for cap in (
            rule.cap_once,
            None if rule.cap_day is None else rule.cap_day - used.day,
            None if rule.cap_period is None else rule.cap_period - used.period,
        )
        if cap is not None
    ]
    if not room:
        return _Gift(rule, given, 0)
    left = max(min(room), 0)
    found: list[tuple[int, int]] = []
    for line_no, points in given:
        here = min(points, left)
        left -= here
        found.append((line_no, here))
    return _Gift(rule, found, sum(points for _line, points in given) - sum(points for _line, points in found))
