"""What a rule would have done over past days, against what its current version would have done, and what was done.

Facts are read as of each event or tick. Limits and the control group are counted as they would have been; that the
effects of a firing would have changed what came after is not. Must not write anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, evolve, field, frozen
from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.customers.references import chunks
from crmkit.core.interactions.events import InteractionsRecorded
from crmkit.core.interactions.models import Interaction
from crmkit.core.operations.events import event_from, event_name
from crmkit.core.operations.schedule import due
from crmkit.core.operations.tables import EventRecord
from crmkit.core.store.guard import region
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.facts.counting import ids
from crmkit.engines.facts.moments import instant, moment_of
from crmkit.engines.facts.reading import values_of
from crmkit.engines.rules.checking import compiled_for
from crmkit.engines.rules.compiling import Compiled, scheduled
from crmkit.engines.rules.happening import CUSTOMER, Occasion
from crmkit.engines.rules.index import KIND
from crmkit.engines.rules.publishers import check_reading
from crmkit.engines.rules.tables import RuleLog
from crmkit.engines.statistics.hashing import held_out
from crmkit.errors import InvalidInput
from crmkit.hooks.rules import Rule
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")
_EVENT = cast(Any, EventRecord).__table__

MOST = 10_000
"""Most occasions that are looked at by default, the latest."""
MOST_TICKS = 400
SHOWN = 20
"""Most customers who are named on each side of the difference."""


@define(kw_only=True, eq=False)
class Effect:
    """What one version would have done: firings by day, whom it fired for, how often each operation would have run."""

    number: int | None
    days: Counter[date] = field(factory=Counter[date])
    customers: set[UUID] = field(factory=set[UUID])
    operations: Counter[str] = field(factory=Counter[str])
    held_out: int = 0
    limited: int = 0
    capped: int = 0
    keys: set[str] = field(factory=set[str])

    @property
    def firings(self) -> int:
        """Return how often it would have fired."""
        return self.days.total()


@frozen(kw_only=True)
class BackTest:
    """A back-test. ``current`` is None where there is no version to compare with, or the rule is that very version,
    whose number ``proposed`` has then. ``logged`` are the firings that the log has, by day; ``truncated`` says that
    there were more occasions than were looked at; ``more`` and ``less`` are customers for whom one version fires and
    the other does not, at most 20 of each."""

    rule: str
    first: date
    last: date
    occasions: int
    truncated: bool
    proposed: Effect
    current: Effect | None
    logged: Mapping[date, int]
    more: tuple[UUID, ...] = field(default=(), converter=tuple)
    less: tuple[UUID, ...] = field(default=(), converter=tuple)


@define(eq=False)
class _Version:
    """A version with what its limits would have counted so far."""

    compiled: Compiled
    effect: Effect
    claims: dict[tuple[UUID, str], datetime] = field(factory=dict[tuple[UUID, str], datetime])
    fired: Counter[date] = field(factory=Counter[date])

    def meet(self, key: str, customer_id: UUID, at: datetime, zone: str) -> None:
        """Count what becomes of an occasion on which the rule holds."""
        rule, limits, effect = self.compiled.rule, self.compiled.limits, self.effect
        day = at.astimezone(ZoneInfo(zone)).date()
        period, since = limits.period(at, zone), limits.rested_since(at, zone)
        last = self.claims.get((customer_id, "last"))
        if (customer_id, period or "") in self.claims or (since is not None and last is not None and last >= since):
            effect.limited += 1
            return
        out = bool(rule.control) and held_out(rule.name, rule.control, customer_id)
        if not out and limits.daily_cap is not None and self.fired[day] >= limits.daily_cap:
            effect.capped += 1
            return
        self.claims.update({(customer_id, name): at for name in ("last", period or "last")})
        if out:
            effect.held_out += 1
            return
        self.fired[day] += 1
        effect.days[day] += 1
        effect.customers.add(customer_id)
        effect.operations.update(action.operation.name for action in self.compiled.actions)
        effect.keys.add(key)


def backtest(
    session: CrmSession,
    rule: Rule,
    first: date,
    last: date,
    *,
    known: Literal["now", "then"] = "now",
    most: int = MOST,
) -> BackTest:
    """Return what a rule would have done from one day to another, both included, for customers whom the session's actor
    may see.

    ``known`` is what is known of those days "now", or what had been recorded "then". Events before crmkit was there are
    those interactions that were imported. Raises InvalidInput for days that end before they begin, UnknownFact for
    facts that the actor may not read, DefinitionError for a rule that can't be used.
    """
    if last < first:
        raise InvalidInput(_("The days end before they begin."))
    zone = session.crm.config.get(session).zone
    now = defined(session, KIND).get(rule.name)
    same = now is not None and now.value == rule
    versions = [_Version(compiled_for(session, rule), Effect(number=now.number if same and now else None))]
    if now is not None and not same and _trigger(now.value) == _trigger(rule):
        versions.append(_Version(compiled_for(session, now.value), Effect(number=now.number)))
    for version in versions:
        check_reading(session, version.compiled)
    begin, end = datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC), instant(last, zone)
    if rule.on is None:
        looked, truncated = _ticks(session, versions, begin, end, zone, known)
    else:
        looked, truncated = _events(session, versions, begin, end, zone, known, most)
    proposed, current = versions[0].effect, versions[1].effect if len(versions) > 1 else None
    before = set[UUID]() if current is None else current.customers
    return BackTest(
        rule=rule.name,
        first=first,
        last=last,
        occasions=looked,
        truncated=truncated,
        proposed=proposed,
        current=current,
        logged=_logged(session, rule.name, begin, end, zone),
        more=() if same else sorted(proposed.customers - before)[:SHOWN],
        less=sorted(before - proposed.customers)[:SHOWN],
    )


def _trigger(rule: Rule) -> tuple[str | None, str | None, str | None]:
    return (rule.on, rule.every, rule.cron)


# --- schedules -------------------------------------------------------------------------------------------------------


def _ticks(
    session: CrmSession, versions: list[_Version], begin: datetime, end: datetime, zone: str, known: str
) -> tuple[int, bool]:
    job = evolve(scheduled(versions[0].compiled.rule), catch_up="all")
    ticks = due(job, begin - timedelta(microseconds=1), min(end, session.gate.clock.business_now()), zone).ticks
    looked = 0
    for tick in ticks[-MOST_TICKS:]:
        moment = moment_of(session, tick, tick if known == "then" else None)
        met = set[UUID]()
        for version in versions:
            assert version.compiled.whole is not None
            for customer_id in ids(session, version.compiled.whole, moment):
                version.meet(f"{tick.isoformat()}:{customer_id}", customer_id, tick, zone)
                met.add(customer_id)
        looked += len(met)
    return looked, len(ticks) > MOST_TICKS


# --- events ----------------------------------------------------------------------------------------------------------


def _events(
    session: CrmSession, versions: list[_Version], begin: datetime, end: datetime, zone: str, known: str, most: int
) -> tuple[int, bool]:
    happened = list(_happened(session, versions[0].compiled.rule.on or "", begin, end, most + 1))
    shape = versions[0].compiled.shape
    assert shape is not None
    wanted = {name for version in versions for name in version.compiled.told}
    occasions = [
        (at, occasion)
        for number, (at, event) in enumerate(happened[-most:])
        for occasion in shape.occasions(session, event, str(number), wanted)
    ]
    visible = _visible(session, {occasion.customer_id for _at, occasion in occasions})
    refs = sorted({ref for version in versions for ref in version.compiled.facts}, key=str)
    for at, group in groupby(occasions, key=lambda pair: pair[0]):
        near = [each for _at, each in group if each.customer_id in visible and _near(versions, each)]
        if not near:
            continue
        moment = moment_of(session, at, at if known == "then" else None)
        facts = values_of(session, refs, [each.customer_id for each in near], moment) if refs else {}
        surroundings = moment.surroundings(session.get_bind().dialect.name)
        for each in near:
            if refs and each.customer_id not in facts:
                continue
            values = {**facts.get(each.customer_id, {}), **each.values, CUSTOMER: str(each.customer_id)}
            for version in versions:
                if version.compiled.may_hold(each.values) and version.compiled.holds(values, surroundings):
                    version.meet(each.key, each.customer_id, at, zone)
    return len(occasions), len(happened) > most


def _near(versions: Iterable[_Version], occasion: Occasion) -> bool:
    return any(version.compiled.may_hold(occasion.values) for version in versions)


def _happened(
    session: CrmSession, name: str, begin: datetime, end: datetime, most: int
) -> Iterator[tuple[datetime, Any]]:
    """Return the latest events of a name in a time, oldest first, each with when it happened."""
    if name == event_name(InteractionsRecorded):
        # The stream itself, since what was imported happened long before it was recorded.
        at = Interaction.occurred_at
        query = select(at, Interaction.id, Interaction.kind, Interaction.customer_id).where(
            at >= begin, at <= end, Interaction.customer_id.is_not(None), Interaction.reverses_id.is_(None)
        )
        for row in reversed(session.execute(query.order_by(at.desc(), Interaction.id.desc()).limit(most)).all()):
            yield row[0], InteractionsRecorded(kind=row[2], interaction_ids=(row[1],), customer_ids=(row[3],))
        return
    cls = session.gate.registry.events[name]
    told = select(_EVENT.c.recorded_at, _EVENT.c.payload).where(
        _EVENT.c.name == name, _EVENT.c.recorded_at >= begin, _EVENT.c.recorded_at <= end
    )
    with region(session, "past events"):
        latest = told.order_by(_EVENT.c.recorded_at.desc(), _EVENT.c.id.desc()).limit(most)
        rows = session.connection().execute(latest).all()
    for row in reversed(rows):
        yield row.recorded_at, event_from(cls, row.payload)


def _visible(session: CrmSession, wanted: set[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for part in chunks(sorted(wanted)):
        found.update(session.scalars(select(Customer.id).where(Customer.id.in_(part))))
    return found


def _logged(session: CrmSession, rule: str, begin: datetime, end: datetime, zone: str) -> Mapping[date, int]:
    query = select(RuleLog.recorded_at).where(
        RuleLog.rule == rule, RuleLog.outcome == "fired", RuleLog.recorded_at >= begin, RuleLog.recorded_at <= end
    )
    return Counter(at.astimezone(ZoneInfo(zone)).date() for at in session.scalars(query))
