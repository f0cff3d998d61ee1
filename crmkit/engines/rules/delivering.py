"""What sets rules off: events, after their commit, and the times that have come, looked for every five minutes.

A rule with a schedule is decided in one statement over all customers, and carried out in batches of them. Must not know
how a rule is carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.customers.references import chunks
from crmkit.core.operations.events import event_from
from crmkit.core.operations.failures import describe
from crmkit.core.operations.schedule import due
from crmkit.core.operations.tables import EventRecord, Schedule
from crmkit.core.store.guard import region
from crmkit.engines.facts.counting import ids
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.rules.carrying import Trigger, carry_out
from crmkit.engines.rules.compiling import scheduled
from crmkit.engines.rules.firing import Firing, again, keep
from crmkit.engines.rules.happening import Occasion
from crmkit.engines.rules.index import Ready, index_of, is_wanted
from crmkit.engines.rules.limits import used_up
from crmkit.engines.rules.publishers import check_reading, publisher_of
from crmkit.errors import CrmkitError
from crmkit.hooks.contributions import Job, Subscription
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")
_SCHEDULE = cast(Any, Schedule).__table__
_EVENT = cast(Any, EventRecord).__table__

LOOK = "rules.look"
RUN = "rules.run"
BATCH = "rules.fire"
AGAIN = "rules.again"
SIZE = 200
"""Customers whom one transaction carries a rule with a schedule out for."""


# --- events ----------------------------------------------------------------------------------------------------------


def deliver(session: CrmSession, event: Any) -> None:
    """Carry out the rules that an event sets off."""
    rules = index_of(session).candidates(event, session.gate.clock.now())
    if rules and session.unit.cause is not None:
        identity = session.unit.cause
        occasions = occasions_of(session, rules, event, identity.hex)
        _try_later(session, carry_out(session, rules, occasions, Trigger(key=identity.hex, event_id=identity)))


def occasions_of(session: CrmSession, rules: Sequence[Ready], event: Any, key: str) -> list[Occasion]:
    """Return what an event says to rules, about each of its customers."""
    shape = rules[0].compiled.shape
    assert shape is not None
    return shape.occasions(session, event, key, {name for ready in rules for name in ready.compiled.told})


# --- schedules -------------------------------------------------------------------------------------------------------


def look(session: CrmSession, *, tick: datetime) -> None:
    """Put in the queue what rules with a schedule have to do. Of several times that were missed only the last counts;
    a rule that is seen for the first time waits for its next one."""
    rules = {f"rule:{ready.rule.name}": ready for ready in index_of(session).scheduled(session.gate.clock.now())}
    zone = str(session.crm.config.get(session).zone)
    query = select(_SCHEDULE.c.name, _SCHEDULE.c.last_tick).where(_SCHEDULE.c.name.startswith("rule:"))
    with region(session, "the schedules of rules"):
        known = {row.name: row.last_tick for row in session.connection().execute(query)}
    for name, ready in rules.items():
        found = due(scheduled(ready.rule), known.get(name, tick), tick, zone)
        if name not in known:
            _note(session, name, tick)
        elif found.ticks:
            _note(session, name, found.ticks[-1])
            arguments = {"rule": ready.rule.name, "at": found.ticks[-1].isoformat()}
            session.unit.defer(RUN, arguments, unique=f"{name}@{arguments['at']}")


def _note(session: CrmSession, name: str, tick: datetime) -> None:
    dialect = cast(Any, postgresql if session.get_bind().dialect.name == "postgresql" else sqlite)
    noted = dialect.insert(_SCHEDULE).values(name=name, last_tick=tick)
    with region(session, "the schedules of rules"):
        session.connection().execute(noted.on_conflict_do_update(index_elements=["name"], set_={"last_tick": tick}))


def run(session: CrmSession, *, rule: str, at: str) -> None:
    """Find the customers for whom a rule holds, and put them in the queue in batches."""
    ready = _in_effect(session, rule)
    if ready is None or ready.compiled.whole is None:
        return
    now, zone, found, spent = session.gate.clock.now(), session.crm.config.get(session).zone, list[UUID](), 0
    firing = Firing(ready=ready, key=at, customer_id=None, outcome="run")
    try:
        with session.gate.acting(session, publisher_of(ready.item)) as inner:
            firing.actor_id = inner.actor.id
            check_reading(inner, ready.compiled)
            found = ids(inner, ready.compiled.whole, moment_of(inner))
    except CrmkitError as error:
        again(error)
        firing.outcome, firing.code, firing.details = "refused", error.code, {"error": describe(error)}
    for part in chunks(found, SIZE):
        left = used_up(session, rule, ready.compiled.limits, part, now, zone)
        spent += len(left)
        wanted = [str(each) for each in part if each not in left]
        if wanted:
            session.unit.defer(BATCH, {"rule": rule, "at": at, "customers": wanted})
    if firing.outcome == "run":
        firing.details = {"matched": len(found), "limited": spent}
    keep(session, firing)


def fire_batch(session: CrmSession, *, rule: str, at: str, customers: list[str]) -> None:
    """Carry a rule out for customers for whom it held a moment ago."""
    ready = _in_effect(session, rule)
    if ready is not None:
        occasions = [Occasion(key=f"{at}:{UUID(each).hex}", customer_id=UUID(each)) for each in customers]
        _try_later(session, carry_out(session, [ready], occasions, Trigger(key=at, tick=True)))


def _in_effect(session: CrmSession, name: str) -> Ready | None:
    index = index_of(session)
    item = index.items.get(name)
    return index.made_ready(item) if item is not None and item.in_effect(session.gate.clock.now()) else None


# --- what failed ------------------------------------------------------------------------------------------------------


def _try_later(session: CrmSession, firings: Sequence[Firing]) -> None:
    """Put in the queue what failed in a way that may pass: not what was refused, nor what contradicts the data."""
    for firing in firings:
        if firing.outcome == "failed" and firing.code is None and firing.customer_id is not None:
            arguments = {
                "rule": firing.ready.rule.name,
                "key": firing.key,
                "customer": str(firing.customer_id),
                "event": None if firing.event_id is None else str(firing.event_id),
            }
            session.unit.defer(AGAIN, arguments, unique=f"{firing.ready.rule.name}:{firing.key}")


def try_again(session: CrmSession, *, rule: str, key: str, customer: str, event: str | None) -> None:
    """Carry a rule out once more for a customer for whom it failed. Raises RuntimeError when it fails again, so
    that the queue tries it later."""
    ready = _in_effect(session, rule)
    if ready is None:
        return
    occasions = [Occasion(key=key, customer_id=UUID(customer))]
    identity = None if event is None else UUID(event)
    if identity is not None:
        with region(session, "an event that is delivered again"):
            row = session.connection().execute(select(_EVENT).where(_EVENT.c.id == identity)).first()
        if row is None or row.name not in session.gate.registry.events:
            return
        told = event_from(session.gate.registry.events[row.name], row.payload)
        occasions = [each for each in occasions_of(session, [ready], told, identity.hex) if each.key == key]
    firings = carry_out(session, [ready], occasions, Trigger(key=key, event_id=identity, tick=identity is None))
    if any(firing.outcome == "failed" and firing.code is None for firing in firings):
        raise RuntimeError("it failed again")


SUBSCRIPTIONS = [Subscription(name="rules", event="*", handler=deliver, wanted=is_wanted)]
JOBS = [
    Job(
        name=LOOK,
        title=_("Look which rules' time has come"),
        handler=look,
        cron="*/5 * * * *",
        catch_up="latest",
        acts_as="system",
    ),
    Job(name=RUN, title=_("Find whom a rule is about"), handler=run, acts_as="system", lease=300),
    Job(name=BATCH, title=_("Carry out a rule"), handler=fire_batch, acts_as="system", lease=300),
    Job(name=AGAIN, title=_("Carry out a rule that failed"), handler=try_again, acts_as="system", attempts=6),
]
