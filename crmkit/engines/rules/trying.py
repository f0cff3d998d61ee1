"""Trying a rule on one customer: why it holds or not, and what it would do, in a transaction that is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.operations.events import event_from
from crmkit.core.operations.tables import EventRecord
from crmkit.core.operations.unit import Unit
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.engines.definitions.publishing import find
from crmkit.engines.expressions.tracing import Trace, trace
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.rules.carrying import Trigger, carry_out, decide
from crmkit.engines.rules.checking import compiled_for, own_of
from crmkit.engines.rules.delivering import occasions_of
from crmkit.engines.rules.happening import CUSTOMER, Occasion
from crmkit.engines.rules.index import KIND, Ready, index_of
from crmkit.engines.rules.publishers import check_reading
from crmkit.errors import DefinitionError, NotFound, Refused
from crmkit.hooks.rules import Rule
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")
_EVENT = cast(Any, EventRecord).__table__
LOOKED_AT = 2000
"""How many events are looked through for one about a customer."""


@frozen(kw_only=True)
class Trial:
    """What a rule would do for one customer. ``outcome`` is None where it does not hold; ``why`` and ``about`` say how
    each part of its conditions came out, and ``events`` names what its operations would tell."""

    rule: str
    customer_id: UUID
    event_id: UUID | None
    about: Trace
    why: Trace
    outcome: str | None = None
    code: str | None = None
    error: str | None = None
    done: tuple[str, ...] = field(default=(), converter=tuple)
    events: tuple[str, ...] = field(default=(), converter=tuple)

    @property
    def holds(self) -> bool:
        """Say whether the rule holds for the customer."""
        return self.about.holds and self.why.holds


class _Undo(Exception):
    """Everything was seen: now it is undone."""


def try_rule(crm: Any, actor: Actor, rule: Rule | str, customer_id: UUID, *, event_id: UUID | None = None) -> Trial:
    """Return what a rule, or one that is not saved yet, would do for a customer, as its publisher; nothing of it stays.

    A rule with an event is tried on ``event_id``, by default the last such event about the customer. Effects outside
    the database are not undone. Raises Refused without the right ``rule.admin``, UnknownFact for a fact that the actor
    may not read, NotFound for a customer whom the actor may not see and where there is no such event.
    """
    with crm.session(actor) as session:
        ready = _ready(session, rule)
        check_reading(session, ready.compiled)
        if session.get(Customer, customer_id) is None:
            raise NotFound(_("There is no customer {id}."), id=customer_id)
        row = None if ready.rule.on is None else _event(session, ready, customer_id, event_id)
    found: list[Trial] = []
    unit = Unit() if row is None else Unit(cause=row.id, cause_depth=row.depth + 1)
    try:
        with crm.gate.writing(Actor.system(f"trying the rule {ready.rule.name}"), unit) as session:
            found.append(_tried(session, ready, customer_id, row))
            raise _Undo
    except _Undo:
        return found[0]


def _ready(session: CrmSession, rule: Rule | str) -> Ready:
    if session.gate.rights(session).scope("rule", "admin") == "none":
        raise Refused(_("{actor} may not try rules."), fix=_("It needs the right rule.admin."), actor=session.actor.id)
    if isinstance(rule, Rule):
        return Ready(own_of(session, rule), compiled_for(session, rule))
    index = index_of(session)
    item = find(session, KIND, rule)
    ready = index.made_ready(item)
    if ready is None:
        raise DefinitionError(
            _('The rule "{name}" cannot be used: {reason}'),
            fix=_("Change it, or turn it off: crmkit rule disable {name}"),
            name=rule,
            reason=index.broken[rule].render(),
        )
    return ready


def _event(session: CrmSession, ready: Ready, customer_id: UUID, event_id: UUID | None) -> Any:
    query = select(_EVENT).where(_EVENT.c.name == ready.rule.on)
    if event_id is not None:
        query = query.where(_EVENT.c.id == event_id)
    with region(session, "the event that a rule is tried on"):
        rows = session.connection().execute(query.order_by(_EVENT.c.recorded_at.desc()).limit(LOOKED_AT)).all()
    named = str(customer_id)
    for row in rows:
        if named == row.payload.get("customer_id") or named in row.payload.get("customer_ids", ()):
            return row
    raise NotFound(_("There is no event {name} about customer {id} to try it on."), name=ready.rule.on, id=customer_id)


def _tried(session: CrmSession, ready: Ready, customer_id: UUID, row: Any) -> Trial:
    key = f"trial:{new_id().hex}"
    occasions = [Occasion(key=key, customer_id=customer_id)]
    if row is not None:
        told = event_from(session.gate.registry.events[row.name], row.payload)
        occasions = [each for each in occasions_of(session, [ready], told, key) if each.customer_id == customer_id][:1]
    at = moment_of(session)
    known = decide(session, [ready], occasions, at).get(customer_id, {})
    values = {**known, **occasions[0].values, CUSTOMER: str(customer_id)}
    surroundings = at.surroundings(session.get_bind().dialect.name)
    trial = Trial(
        rule=ready.rule.name,
        customer_id=customer_id,
        event_id=None if row is None else row.id,
        about=_for_people(ready, trace(ready.compiled.among, values, surroundings), surroundings.base_currency),
        why=_for_people(ready, trace(ready.compiled.when, values, surroundings), surroundings.base_currency),
    )
    firings = carry_out(session, [ready], occasions, Trigger(key=key, event_id=trial.event_id))
    if not firings:
        return trial
    (firing,) = firings
    query = select(_EVENT.c.name).where(_EVENT.c.cause_id == firing.id).order_by(_EVENT.c.id)
    with region(session, "what a rule would tell"):
        events = session.connection().execute(query).scalars().all()
    return evolve(
        trial,
        outcome=firing.outcome,
        code=firing.code,
        error=firing.details.get("error"),
        done=firing.details.get("done", ()),
        events=events,
    )


def _for_people(ready: Ready, found: Trace, currency: str | None) -> Trace:
    parts = tuple(_for_people(ready, part, currency) for part in found.parts)
    return evolve(found, values=ready.compiled.for_people(found.values, currency), parts=parts)
