"""Carrying rules out: what is read, whether each rule holds for each customer, and what became of it.

All rules of one event or tick decide by the facts as they stand when the first of them is looked at; the effects of one
reach others through the events that it emits. Must not know what set the rules off.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import define, field, frozen
from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.operations.failures import describe
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.reading import values_of
from crmkit.engines.rules.causality import Chain, chain_of
from crmkit.engines.rules.firing import Firing, again, fire, keep
from crmkit.engines.rules.happening import CUSTOMER, Occasion
from crmkit.engines.rules.index import Ready
from crmkit.engines.rules.publishers import check_reading, publisher_of
from crmkit.engines.rules.tables import RuleLog
from crmkit.errors import CrmkitError, Refused
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")
_log = logging.getLogger("crmkit.rules")
_LOG = cast(Any, RuleLog).__table__


@frozen(kw_only=True)
class Trigger:
    """What set rules off: its key, which no other event or tick has, and the event's id if it is one. A ``tick`` does
    not log each customer whom the limits leave out."""

    key: str
    event_id: UUID | None = None
    tick: bool = False


@define(kw_only=True, eq=False)
class Carrying:
    """One delivery or batch: the facts that were read, and the customers for whom a rule has put an end to it."""

    session: CrmSession
    trigger: Trigger
    moment: Moment
    chain: Chain
    surroundings: Surroundings
    values: Mapping[UUID, Mapping[Any, Any]]
    handled: set[tuple[str, str]]
    stopped: set[UUID] = field(factory=set[UUID])
    firings: list[Firing] = field(factory=list[Firing])


def decide(
    session: CrmSession, rules: Sequence[Ready], occasions: Sequence[Occasion], moment: Moment
) -> dict[UUID, dict[Any, Any]]:
    """Return the facts that rules read, of the customers of their occasions; in one statement."""
    refs = sorted({ref for ready in rules for ref in ready.compiled.facts}, key=str)
    ids = list(dict.fromkeys(each.customer_id for each in occasions))
    found = values_of(session, refs, ids, moment, check=False)
    return {identity: cast("dict[Any, Any]", values) for identity, values in found.items()}


def carry_out(
    session: CrmSession, rules: Sequence[Ready], occasions: Sequence[Occasion], trigger: Trigger
) -> list[Firing]:
    """Carry rules out, in their order, in a transaction of system scope; return what became of each that held.

    Each rule acts as its publisher and has a savepoint for each customer, so what fails costs itself alone. Raises
    what the database raises when the transaction should be tried again.
    """
    near = [each for each in occasions if any(ready.compiled.may_hold(each.values) for ready in rules)]
    if not near:
        return []
    moment = moment_of(session)
    carrying = Carrying(
        session=session,
        trigger=trigger,
        moment=moment,
        chain=chain_of(session),
        surroundings=moment.surroundings(session.get_bind().dialect.name),
        values=decide(session, rules, near, moment),
        handled=_handled(session, rules, near),
    )
    acting: list[tuple[Actor, Ready]] = []
    for ready in rules:
        try:
            acting.append((publisher_of(ready.item), ready))
        except Refused as error:
            _not_run(carrying, ready, error)
    for actor, group in groupby(acting, key=lambda pair: pair[0]):
        members = [ready for _actor, ready in group]
        before = len(carrying.firings)
        try:
            _as_publisher(carrying, actor, members, near)
        except CrmkitError as error:
            again(error)
            del carrying.firings[before:]
            for ready in members:
                _not_run(carrying, ready, error, actor)
    return carrying.firings


def _as_publisher(carrying: Carrying, actor: Actor, rules: Sequence[Ready], occasions: Sequence[Occasion]) -> None:
    with carrying.session.gate.acting(carrying.session, actor) as inner:
        if inner.gate.rights(inner).because == "inactive":
            raise Refused(_("{actor} is no active user and may do nothing."), actor=actor.name or actor.id)
        visible = _visible(inner, carrying.values)
        for ready in rules:
            try:
                check_reading(inner, ready.compiled)
            except CrmkitError as error:
                again(error)
                _not_run(carrying, ready, error, actor, inner)
                continue
            _one_rule(carrying, inner, ready, [each for each in occasions if each.customer_id in visible])


def _one_rule(carrying: Carrying, inner: CrmSession, ready: Ready, occasions: Iterable[Occasion]) -> None:
    name, compiled = ready.rule.name, ready.compiled
    for occasion in sorted(occasions, key=lambda each: each.customer_id):
        if occasion.customer_id in carrying.stopped or not compiled.may_hold(occasion.values):
            continue
        values = {**carrying.values[occasion.customer_id], **occasion.values, CUSTOMER: str(occasion.customer_id)}
        if (name, occasion.key) in carrying.handled or not compiled.holds(values, carrying.surroundings):
            continue
        firing = fire(inner, ready, occasion, values, carrying.surroundings, carrying.chain, carrying.trigger.event_id)
        if carrying.trigger.tick and firing.outcome in ("limited", "capped"):
            if firing.outcome == "capped":
                return
            continue
        if firing.outcome not in ("fired", "held_out"):
            keep(inner, firing)
        carrying.firings.append(firing)
        if firing.outcome == "fired" and ready.rule.stop:
            carrying.stopped.add(occasion.customer_id)


def _visible(inner: CrmSession, values: Mapping[UUID, Any]) -> set[UUID]:
    """Return the customers whose facts were read and whom the publisher may see."""
    if inner.gate.rights(inner).unrestricted:
        return set(values)
    ids = list(values)
    found: set[UUID] = set()
    for start in range(0, len(ids), 1000):
        found.update(inner.scalars(select(Customer.id).where(Customer.id.in_(ids[start : start + 1000]))))
    return found


def _handled(session: CrmSession, rules: Sequence[Ready], occasions: Sequence[Occasion]) -> set[tuple[str, str]]:
    """Return what was done already, when the same comes again; what failed may be tried again."""
    found: set[tuple[str, str]] = set()
    names = [ready.rule.name for ready in rules]
    for start in range(0, len(occasions), 1000):
        keys = [each.key for each in occasions[start : start + 1000]]
        query = select(_LOG.c.rule, _LOG.c.occasion).where(
            _LOG.c.rule.in_(names), _LOG.c.occasion.in_(keys), _LOG.c.outcome != "failed"
        )
        with region(session, "what rules have done already"):
            found.update((row.rule, row.occasion) for row in session.connection().execute(query))
    return found


def _not_run(
    carrying: Carrying, ready: Ready, error: CrmkitError, actor: Actor | None = None, inner: CrmSession | None = None
) -> None:
    """Keep that a rule could not run at all; ``inner`` is the publisher's session, while it is the one at work."""
    firing = Firing(
        ready=ready,
        key=carrying.trigger.key,
        customer_id=None,
        outcome="refused",
        event_id=carrying.trigger.event_id,
        code=error.code,
        details={"error": describe(error)},
        actor_id=ready.item.publisher or "" if actor is None else actor.id,
    )
    keep(inner or carrying.session, firing)
    carrying.firings.append(firing)
    _log.warning("the rule %s did not run: %s", ready.rule.name, describe(error))
