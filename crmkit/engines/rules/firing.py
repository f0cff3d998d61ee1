"""One rule firing for one customer: its limits, its operations in a savepoint, and the entry in the log.

Must not know how it was decided.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, field
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from crmkit.core.operations.failures import describe
from crmkit.core.operations.translate import is_transient
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.types import dumps
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.rules.causality import Chain
from crmkit.engines.rules.events import RuleFired
from crmkit.engines.rules.happening import Occasion
from crmkit.engines.rules.limits import take, take_of_day
from crmkit.engines.rules.tables import RuleLog
from crmkit.engines.statistics.hashing import held_out
from crmkit.errors import CrmkitError, LeaseLost, Refused

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.engines.rules.index import Ready

_LOG = cast(Any, RuleLog).__table__
Outcome = Literal["fired", "held_out", "limited", "capped", "loop", "refused", "failed", "run"]


@define(kw_only=True, eq=False)
class Firing:
    """What became of a rule that held for a customer; without a customer, of the rule as a whole."""

    ready: Ready
    key: str
    customer_id: UUID | None
    outcome: Outcome
    event_id: UUID | None = None
    id: UUID = field(factory=new_id)
    actor_id: str = ""
    facts_hash: str | None = None
    code: str | None = None
    details: dict[str, Any] = field(factory=dict[str, Any])
    micros: int = 0
    results: list[Any] = field(factory=list[Any])
    """What the operations returned; it is not kept."""


class _LeftOut(Exception):
    """The limits leave a customer out."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome: Outcome = outcome


def fire(
    session: CrmSession,
    ready: Ready,
    occasion: Occasion,
    values: Mapping[str, Any],
    surroundings: Surroundings,
    chain: Chain,
    event_id: UUID | None,
) -> Firing:
    """Run a rule's operations for a customer for whom it holds, as the session's actor, within its limits.

    What fails is undone and returned as such. Raises what the database raises when the transaction should be tried
    again.
    """
    began = time.perf_counter_ns()
    compiled = ready.compiled
    read = {name: values.get(name) for name in compiled.read}
    firing = Firing(
        ready=ready,
        key=occasion.key,
        customer_id=occasion.customer_id,
        outcome="fired",
        event_id=event_id,
        actor_id=session.actor.id,
        facts_hash=session.crm.vault.fingerprint(dumps({name: _kept(value) for name, value in read.items()})),
        details={
            "read": {
                name: _kept(value)
                for name, value in compiled.for_people(read, surroundings.base_currency).items()
                if name not in compiled.withheld
            },
            "done": [],
        },
    )
    if compiled.withheld:
        firing.details["withheld"] = sorted(compiled.withheld)
    if chain.loops(ready.rule.name, occasion.customer_id, firing.facts_hash or ""):
        firing.outcome = "loop"
        return firing
    unit = session.unit
    before = unit.cause, unit.cause_depth
    try:
        with session.gate.savepoint(session):
            _run(session, firing, values, surroundings)
            firing.micros = (time.perf_counter_ns() - began) // 1000
            if not keep(session, firing):
                # Somebody else has done it in the meantime: then it is not done twice.
                raise _LeftOut("limited")
    except _LeftOut as left:
        firing.outcome = left.outcome
    except LeaseLost:
        raise
    except CrmkitError as error:
        again(error)
        firing.outcome = "refused" if isinstance(error, Refused) else "failed"
        firing.code = error.code
        firing.details["error"] = describe(error)
    except (Exception, SystemExit) as error:
        # An operation of a plugin may fail in any way; it costs this customer's firing and nothing else.
        firing.outcome = "failed"
        firing.details["error"] = describe(error)
    finally:
        unit.cause, unit.cause_depth = before
    return firing


def _run(session: CrmSession, firing: Firing, values: Mapping[str, Any], surroundings: Surroundings) -> None:
    compiled, customer_id = firing.ready.compiled, cast(UUID, firing.customer_id)
    rule, limits = compiled.rule, compiled.limits
    now, zone = session.gate.clock.now(), surroundings.zone
    if not take(session, rule.name, limits, customer_id, now, zone):
        raise _LeftOut("limited")
    if rule.control and held_out(rule.name, rule.control, customer_id):
        firing.outcome = "held_out"
        return
    if not take_of_day(session, rule.name, limits, now.astimezone(ZoneInfo(zone)).date()):
        raise _LeftOut("capped")
    unit = session.unit
    session.gate.emit(session, RuleFired(rule=rule.name, customer_id=customer_id), id=firing.id)
    unit.cause, unit.cause_depth = firing.id, max(unit.cause_depth, 1)
    for action in compiled.actions:
        target = None if action.target is None else action.target.evaluate(values, surroundings)
        inputs = action.inputs(values, surroundings)
        firing.details["doing"] = action.operation.name
        firing.results.append(session.run(action.operation.name, inputs, target=target))
        firing.details["done"].append(action.operation.name)
    session.gate.tell(session)
    del firing.details["doing"]


def _kept(value: Any) -> Any:
    """Return a value in a form that JSON has."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_kept(item) for item in cast("list[Any]", value)]
    return str(value)


def keep(session: CrmSession, firing: Firing) -> bool:
    """Write what became of a rule into the log, and say whether it was; of what stands there only failures give way."""
    row = {
        "id": firing.id,
        "recorded_at": session.gate.clock.now(),
        "rule": firing.ready.rule.name,
        "number": firing.ready.item.number,
        "customer_id": firing.customer_id,
        "occasion": firing.key,
        "outcome": firing.outcome,
        "event_id": firing.event_id,
        "actor_id": firing.actor_id,
        "correlation_id": session.unit.correlation,
        "facts_hash": firing.facts_hash,
        "code": firing.code,
        "details": firing.details,
        "micros": firing.micros,
    }
    dialect = cast(Any, postgresql if session.get_bind().dialect.name == "postgresql" else sqlite)
    entry = dialect.insert(_LOG).values(row)
    entry = entry.on_conflict_do_update(
        index_elements=["rule", "occasion"], set_=row, where=_LOG.c.outcome.in_(("failed", "refused"))
    )
    with region(session, "the log of rules"):
        return session.connection().execute(entry.returning(_LOG.c.id)).first() is not None


def again(error: CrmkitError) -> None:
    """Raise an error once more after which the database wants the whole transaction tried again."""
    if isinstance(error.__cause__, DBAPIError) and is_transient(error.__cause__):
        raise error
