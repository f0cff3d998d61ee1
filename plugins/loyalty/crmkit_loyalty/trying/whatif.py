"""What past months would have given under a version of rules, beside what they gave. Nothing is written.

Both sides are replayed, so that they differ by the rules alone; what the books hold stands beside them. Facts are read
as they stood when each thing happened, where they have a history; the tier is that of the replay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import frozen

from crmkit import CrmSession, catalogue_of, moment_of, values_of
from crmkit_loyalty.earning.compiling import ReadySet, ready
from crmkit_loyalty.earning.models import RuleSet
from crmkit_loyalty.earning.operations import published
from crmkit_loyalty.ledger.giving import expiry_of
from crmkit_loyalty.programs.finding import types_of
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.tiers.moving import tiers_of
from crmkit_loyalty.trying.climbing import Climb
from crmkit_loyalty.trying.finding import version_named
from crmkit_loyalty.trying.past import Happened, Window, happened_in, ledger_of, used_in, window_of
from crmkit_loyalty.trying.replaying import Back, Past, Replay, Tally

TIERS = ("loyalty.tier", "loyalty.tier_level")
BANDS: Sequence[tuple[str, int | None, int | None]] = (
    ("-1000", None, -1000),
    ("-100", -999, -100),
    ("-1", -99, -1),
    ("0", 0, 0),
    ("1", 1, 99),
    ("100", 100, 999),
    ("1000", 1000, None),
)
"""Classes of how many points more or fewer a customer gets, with their ends."""


@frozen(kw_only=True)
class Figures:
    """What came and went of a kind of points: given, taken back for refunds, expired, and left but for what was spent.
    ``cost`` is what those given and not taken back cost when they are spent, ``liability`` what those that are left do;
    in major units of the base currency."""

    given: int
    taken_back: int
    expired: int
    left: int
    cost: Decimal
    liability: Decimal


@frozen(kw_only=True)
class KindEffect:
    """A kind of points: in the books, by the rules that count, and by those that are tried; what liability changes."""

    point_type: str
    title: str
    books: Figures
    now: Figures
    tried: Figures
    liability_change: Decimal


@frozen(kw_only=True)
class TierEffect:
    """How many members have a tier at the end, by the rules that count and by those that are tried."""

    tier: str
    title: str
    now: int
    tried: int


@frozen(kw_only=True)
class MonthEffect:
    """How many points of all kinds a month gave."""

    month: str
    now: int
    tried: int


@frozen(kw_only=True)
class RuleEffect:
    """How many points a rule that is tried gave, and one of the same name that counts."""

    rule: str
    now: int
    tried: int


@frozen(kw_only=True)
class Band:
    """How many customers get so many points more, or fewer: from ``low`` through ``high``, None being without end."""

    name: str
    low: int | None
    high: int | None
    customers: int


@frozen(kw_only=True)
class WhatIf:
    """What past months would have given: of how many happenings, for how many customers; who gains and who loses.
    ``skipped`` counts what has no rate to the base currency."""

    program: str
    version: int
    state: str
    months: int
    first: date
    last: date
    happenings: int
    skipped: int
    customers: int
    gainers: int
    losers: int
    smallest: int
    median: float
    largest: int
    kinds: tuple[KindEffect, ...]
    tiers: tuple[TierEffect, ...]
    climbed: int
    fallen: int
    by_month: tuple[MonthEffect, ...]
    by_rule: tuple[RuleEffect, ...]
    bands: tuple[Band, ...]


def what_if(session: CrmSession, *, program: str = "", version: str = "", months: int = 12) -> WhatIf:
    """Return what the last months would have given under a version of rules, of what the reader may see. Raises
    NotFound, NoRules, InvalidInput for rules that cannot be used."""
    found, tried = version_named(session, program, version)
    counts = published(session, found)
    window = window_of(session, months)
    made = ready(session, tried)
    present = ready(session, counts) if counts is not None else None
    events = {each.rule.event for each in (*made.rules, *(present.rules if present is not None else ()))}
    happened = happened_in(session, found, window, events)
    one, one_climb = _replayed(session, found, happened, made)
    if present is None:
        other, other_climb = _replayed(session, found, happened, ReadySet(set_id=made.set_id, rules=()))
    elif counts is not None and counts.id == tried.id:
        other, other_climb = one, one_climb
    else:
        other, other_climb = _replayed(session, found, happened, present)
    return _summed(session, found, tried, months, happened, (other, other_climb), (one, one_climb))


def _replayed(session: CrmSession, program: Program, happened: Happened, rules: ReadySet) -> tuple[Replay, Climb]:
    kinds = {each.id: each for each in types_of(session, program.id)}
    bound = rules.bound(session)
    days = max((rule.cap_days for rule in bound if rule.cap_period is not None), default=1)
    replay = Replay(
        bound,
        lambda type_id, at: expiry_of(session, kinds[type_id], at),
        used_in(session, program, happened.window, max(days, 1)),
        {key: [_copy(heap) for heap in heaps] for key, heaps in happened.opening.items()},
    )
    climb = Climb(session, program, happened.window, replay)
    owners: dict[UUID, UUID] = {}
    for each in happened.things:
        if isinstance(each, Past):
            owners[each.id] = each.customer_id
            replay.earn(each, _facts(session, rules, each, climb))
            climb.look(each.customer_id, each.at)
        elif isinstance(each, Back):
            replay.take_back(each)
            if each.about_id in owners:
                climb.look(owners[each.about_id], each.at)
        else:
            replay.spend(each)
    replay.expire(happened.window.end)
    return replay, climb


def _copy(heap: Any) -> Any:
    from attrs import evolve

    return evolve(heap)


def _facts(session: CrmSession, rules: ReadySet, past: Past, climb: Climb) -> Mapping[Any, Any]:
    if not rules.facts:
        return {}
    catalogue = catalogue_of(session)
    tier = dict(zip(TIERS, climb.tier_of(past.customer_id), strict=True))
    found: dict[Any, Any] = {}
    then: list[Any] = []
    now: list[Any] = []
    for ref in rules.facts:
        if ref.name in tier:
            found[ref] = tier[ref.name]
        else:
            (then if catalogue.known(ref.name).set.temporal else now).append(ref)
    for refs, moment in ((then, moment_of(session, as_of=past.at)), (now, moment_of(session))):
        if refs:
            values = values_of(session, refs, [past.customer_id], moment).get(past.customer_id, {})
            found.update({ref: values.get(ref, catalogue.known(ref.name).fact.default) for ref in refs})
    return found


def _figures(tally: Tally, unit_cost: Decimal) -> Figures:
    return Figures(
        given=tally.given,
        taken_back=tally.taken_back,
        expired=tally.expired,
        left=tally.left,
        cost=(tally.given - tally.taken_back) * unit_cost,
        liability=tally.left * unit_cost,
    )


def _summed(
    session: CrmSession,
    program: Program,
    version: RuleSet,
    months: int,
    happened: Happened,
    now: tuple[Replay, Climb],
    tried: tuple[Replay, Climb],
) -> WhatIf:
    books = ledger_of(session, program, happened.window)
    kinds: list[KindEffect] = []
    for kind in types_of(session, program.id):
        sides = [
            _figures(tally, kind.unit_cost)
            for tally in (
                books.get(kind.id, Tally()),
                now[0].tallies.get(kind.id, Tally()),
                tried[0].tallies.get(kind.id, Tally()),
            )
        ]
        change = sides[2].liability - sides[1].liability
        kinds.append(
            KindEffect(
                point_type=kind.name,
                title=kind.title,
                books=sides[0],
                now=sides[1],
                tried=sides[2],
                liability_change=change,
            )
        )
    changes = _changes(now[0], tried[0])
    levels = [(_level(now[1], each), _level(tried[1], each)) for each in {*now[1].held, *tried[1].held}]
    ordered = sorted(changes)
    middle = len(ordered) // 2
    return WhatIf(
        program=program.name,
        version=version.number,
        state=version.state,
        months=months,
        first=happened.window.first,
        last=happened.window.last,
        happenings=sum(isinstance(each, Past) for each in happened.things),
        skipped=happened.skipped,
        customers=len(ordered),
        gainers=sum(each > 0 for each in ordered),
        losers=sum(each < 0 for each in ordered),
        smallest=ordered[0] if ordered else 0,
        median=0.0 if not ordered else (ordered[middle] + ordered[(len(ordered) - 1) // 2]) / 2,
        largest=ordered[-1] if ordered else 0,
        kinds=tuple(kinds),
        tiers=tuple(
            TierEffect(
                tier=tier.name,
                title=tier.title,
                now=sum(held.step.name == tier.name for held in now[1].held.values()),
                tried=sum(held.step.name == tier.name for held in tried[1].held.values()),
            )
            for tier in tiers_of(session, program)
        ),
        climbed=sum(after > before for before, after in levels),
        fallen=sum(after < before for before, after in levels),
        by_month=_by_month(happened.window, now[0], tried[0]),
        by_rule=tuple(
            RuleEffect(rule=name, now=now[0].by_rule.get(name, 0), tried=tried[0].by_rule.get(name, 0))
            for name in sorted({*now[0].by_rule, *tried[0].by_rule})
        ),
        bands=tuple(
            Band(
                name=name,
                low=low,
                high=high,
                customers=sum((low is None or each >= low) and (high is None or each <= high) for each in ordered),
            )
            for name, low, high in BANDS
        ),
    )


def _changes(now: Replay, tried: Replay) -> list[int]:
    """Return how many points of all kinds more each customer gets."""
    found: dict[UUID, int] = {}
    for sign, replay in ((-1, now), (1, tried)):
        for (customer_id, _kind), points in replay.by_customer.items():
            found[customer_id] = found.get(customer_id, 0) + sign * points
    return list(found.values())


def _level(climb: Climb, customer_id: UUID) -> int:
    return climb.tier_of(customer_id)[1] or 0


def _by_month(window: Window, now: Replay, tried: Replay) -> tuple[MonthEffect, ...]:
    def of(replay: Replay, month: str) -> int:
        return sum(points for (_kind, each), points in replay.by_month.items() if each == month)

    months: list[str] = []
    year, month = window.first.year, window.first.month
    while (year, month) <= (window.last.year, window.last.month):
        months.append(f"{year:04}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return tuple(MonthEffect(month=each, now=of(now, each), tried=of(tried, each)) for each in months)
