"""Keeping the clocks of cases in step with what was computed: rows of clocks, and what the case itself shows.

Writes set-wise; must not decide when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from attrs import define
from sqlalchemy import case, insert, select, update

from crmkit import CrmSession, new_id
from crmkit_service.cases.models import Case, CaseEvent
from crmkit_service.sla.choosing import Book
from crmkit_service.sla.computing import Computed, Computer
from crmkit_service.sla.events import ClockBreached
from crmkit_service.sla.folding import ClockState
from crmkit_service.sla.ladders import Step, parse_steps
from crmkit_service.sla.models import Clock
from crmkit_service.sla.timers import begun, climb_of, coming_at, late

CHUNK = 500
MANY = 2000
"""Rows that one statement writes."""
SHOWN = 100
"""Cases whose deadlines one statement shows."""
_Rows = list[dict[str, Any]]
_COLUMNS = (
    Clock.id,
    Clock.case_id,
    Clock.clock,
    Clock.party,
    Clock.number,
    Clock.state,
    Clock.started_at,
    Clock.due_at,
    Clock.ended_at,
    Clock.breached_at,
    Clock.target,
    Clock.policy_id,
    Clock.policy_version,
    Clock.priority,
    Clock.calendar,
    Clock.next_at,
    Clock.taken,
    Clock.told_breach,
    Clock.acknowledged_at,
    Clock.acknowledged_by_id,
)
_COMPARED = (
    "state",
    "started_at",
    "due_at",
    "ended_at",
    "breached_at",
    "target",
    "policy_id",
    "policy_version",
    "priority",
    "calendar",
    "next_at",
    "taken",
    "told_breach",
    "acknowledged_at",
    "acknowledged_by_id",
)
"""What makes a row another one; what has been used up of a clock that runs goes on by itself."""
_ALONG = ("consumed", "computed_at")
"""What is written with it."""
_compared = attrgetter(*_COMPARED)


@define
class Stored:
    """How many rows of clocks were written, and how many cases show another deadline."""

    written: int = 0
    cases: int = 0


class Ladders:
    """The steps of policies, each parsed once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._known: dict[UUID | None, Sequence[Step]] = {}

    def of(self, policy_id: UUID | None) -> Sequence[Step]:
        """Return the steps of the ladder of a policy; none without one."""
        if policy_id not in self._known:
            ladder = self._book.ladder(policy_id)
            self._known[policy_id] = parse_steps(ladder.steps) if ladder is not None else ()
        return self._known[policy_id]


def rows_of(session: CrmSession, case_ids: Sequence[UUID]) -> dict[UUID, dict[tuple[str, str, int], Any]]:
    """Return the clocks of cases as they are kept."""
    found: dict[UUID, dict[tuple[str, str, int], Any]] = defaultdict(dict)
    for start in range(0, len(case_ids), CHUNK):
        query = select(*_COLUMNS).where(Clock.case_id.in_(case_ids[start : start + CHUNK]))
        for row in session.execute(query):
            found[row.case_id][row.clock, row.party, row.number] = row
    return found


def store(
    session: CrmSession,
    computer: Computer,
    found: Sequence[Computed],
    ladders: Ladders,
    *,
    single: bool = False,
) -> Stored:
    """Keep the clocks of cases as they were computed.

    Where one case was followed (``single``), a breach that is found is told at once, and of the steps of a ladder that
    lie in the past since a change the last one is still to be taken; among many they count as taken.
    """
    rows = rows_of(session, [each.kept.id for each in found])
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for each in found:
        before = rows.get(each.kept.id, {})
        keys = set()
        for clock in each.all:
            keys.add(clock.key)
            row = before.get(clock.key)
            values = _values(session, computer, each, clock, ladders.of(clock.policy_id), row, single=single)
            if row is None:
                fresh.append({"id": new_id(), **_named(each, clock), **values})
            elif differing := [
                name for name, kept in zip(_COMPARED, _compared(row), strict=True) if kept != values[name]
            ]:
                names = [*differing, *_ALONG] if not single else values
                changed.append({"id": row.id, **{name: values[name] for name in names}})
        changed += [
            {"id": row.id, **_cancelled(row, computer)}
            for key, row in before.items()
            if key not in keys and row.ended_at is None
        ]
        if (new := _shown(each)) is not None:
            shown.append(new)
        if each.moved:
            moved.append(_moved(session, computer, each))
    if single:
        _one_by_one(session, fresh, changed, moved)
    else:
        _at_once(session, fresh, changed, moved)
    _show(session, shown, single=single)
    return Stored(written=len(fresh) + len(changed), cases=len(shown))


def _one_by_one(session: CrmSession, fresh: _Rows, changed: _Rows, moved: _Rows) -> None:
    session.add_all([Clock(**row) for row in fresh])
    session.add_all([CaseEvent(**row) for row in moved])
    for row in changed:
        clock = session.get_one(Clock, row["id"])
        for name, value in row.items():
            setattr(clock, name, value)
    session.flush()


def _at_once(session: CrmSession, fresh: _Rows, changed: _Rows, moved: _Rows) -> None:
    for rows, model in ((fresh, Clock), (moved, CaseEvent)):
        # With what is empty written as well: else there would be a statement for every pattern of empty columns.
        statement = insert(model).execution_options(render_nulls=True)
        for start in range(0, len(rows), MANY):
            session.execute(statement, rows[start : start + MANY])
    alike: dict[tuple[str, ...], _Rows] = defaultdict(list)
    for row in changed:
        alike[tuple(row)].append(row)
    for group in alike.values():
        for start in range(0, len(group), MANY):
            session.execute(update(Clock), group[start : start + MANY])


def _show(session: CrmSession, rows: Sequence[dict[str, Any]], *, single: bool) -> None:
    """Let cases show their deadlines. What a case shows is no change that anybody makes: its version stays."""
    if single:
        for row in rows:
            values = {name: row[name] for name in ("due_at", "due_clock", "breached")}
            session.execute(update(Case).where(Case.id == row["id"]).values(**values))
        return
    alike: dict[tuple[Any, Any], _Rows] = defaultdict(list)
    for row in rows:
        alike[row["due_clock"], row["breached"]].append(row)
    for (due_clock, breached), group in alike.items():
        for start in range(0, len(group), SHOWN):
            part = group[start : start + SHOWN]
            values: dict[str, Any] = {"due_clock": due_clock, "breached": breached, "due_at": None}
            if due_clock is not None:
                values["due_at"] = case(*((Case.id == row["id"], row["due_at"]) for row in part))
            statement = update(Case).where(Case.id.in_([row["id"] for row in part])).values(**values)
            session.execute(statement, execution_options={"synchronize_session": False})


def _named(each: Computed, clock: ClockState) -> dict[str, Any]:
    return {
        "case_id": each.kept.id,
        "customer_id": each.kept.customer_id,
        "clock": clock.clock,
        "party": clock.party,
        "number": clock.number,
    }


def _values(
    session: CrmSession,
    computer: Computer,
    each: Computed,
    clock: ClockState,
    steps: Sequence[Step],
    row: Any,
    *,
    single: bool,
) -> dict[str, Any]:
    another = row is None or row.target != clock.target
    before = row.taken if row is not None else ()
    climb = climb_of(clock, steps)
    taken = before
    if another:
        running = clock.state == "running"
        taken = begun(climb, computer.now, running=running, taken=before, tell_last=single)
    told = row is not None and row.told_breach and clock.breached_at is not None
    if clock.breached_at is not None and not told and (clock.ended_at is not None or single):
        told = True
        if single:
            session.emit(
                ClockBreached(
                    case_id=each.kept.id,
                    customer_id=each.kept.customer_id,
                    clock=clock.clock,
                    due_at=clock.breached_at,
                    late_seconds=late(clock.breached_at, computer.now),
                )
            )
    acknowledged = row is not None and not another and row.acknowledged_at is not None
    next_at = coming_at(clock, climb, taken=taken, told=told, acknowledged=acknowledged)
    return {
        "state": clock.state,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "ended_at": clock.ended_at,
        "breached_at": clock.breached_at,
        "target": clock.target,
        "consumed": clock.consumed,
        "policy_id": clock.policy_id,
        "policy_version": clock.version,
        "priority": clock.priority,
        "calendar": clock.calendar,
        "computed_at": computer.now,
        "next_at": next_at,
        "taken": list(taken),
        "told_breach": told,
        "acknowledged_at": row.acknowledged_at if row is not None and acknowledged else None,
        "acknowledged_by_id": row.acknowledged_by_id if row is not None and acknowledged else None,
    }


def _cancelled(row: Any, computer: Computer) -> dict[str, Any]:
    values = {"state": "cancelled", "due_at": None, "breached_at": None, "ended_at": computer.now, "next_at": None}
    return {**values, "computed_at": computer.now}


def _shown(each: Computed) -> dict[str, Any] | None:
    """Return what a case is to show of its deadline, where that is something else than what it shows."""
    due_at = each.due.due_at if each.due is not None else None
    due_clock = each.due.clock if each.due is not None else None
    kept = each.kept
    if (kept.due_at, kept.due_clock, kept.breached) == (due_at, due_clock, each.breached):
        return None
    return {"id": kept.id, "due_at": due_at, "due_clock": due_clock, "breached": each.breached}


def _moved(session: CrmSession, computer: Computer, each: Computed) -> dict[str, Any]:
    """Return the row of history that says that another policy holds from now on."""
    return {
        "id": new_id(),
        "recorded_at": session.gate.clock.now(),
        "case_id": each.kept.id,
        "customer_id": each.kept.customer_id,
        "at": computer.now,
        "kind": "policy",
        "before": each.kept.chosen[-1][1] if each.kept.chosen else "",
        "after": each.policy,
        "actor_id": session.actor.id,
        "user_id": session.actor.user_id,
        "message_id": None,
    }
