"""The clocks of cases from what is kept of them: many at once, or one.

Reads, and folds; must not write anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select, type_coerce
from sqlalchemy.types import NullType

from crmkit import CrmSession
from crmkit_service.cases.models import Case, CaseEvent, CaseType
from crmkit_service.sla.choosing import About, Book, Holds, chosen
from crmkit_service.sla.folding import Calendars, ClockState, due, fold, fold_stays
from crmkit_service.sla.story import Happening, Story
from crmkit_service.sla.terms import Terms

CHUNK = 500
HEARD = frozenset(
    (
        "opened",
        "customer_message",
        "unanswered",
        "unmerged",
        "agent_message",
        "note",
        "acknowledged",
        "state",
        "priority",
        "queue",
        "team",
        "owner",
        "rated",
        "policy",
    )
)
"""Kinds of events that clocks hear of."""
CHOOSING = ("opened", "type", "queue", "priority", "about")
"""Kinds of events after which another policy may hold."""


@frozen(kw_only=True)
class Kept:
    """What is kept of a case that its clocks follow from."""

    id: UUID
    customer_id: UUID
    about: About
    current: Mapping[str, str]
    happenings: Sequence[Happening]
    chosen: Sequence[tuple[datetime, str]]
    due_at: datetime | None = None
    due_clock: str | None = None
    breached: bool = False


@frozen(kw_only=True)
class Computed:
    """The clocks of a case as they stand: its own ones, those of agreements, the clock that it is due by, whether any
    target was missed; ``policy`` is the name of the one that holds now, and ``moved`` says whether another one did."""

    kept: Kept
    clocks: tuple[ClockState, ...]
    agreements: tuple[ClockState, ...] = ()
    due: ClockState | None = None
    breached: bool = False
    policy: str = ""
    moved: bool = False

    @property
    def all(self) -> tuple[ClockState, ...]:
        """Return all clocks of the case."""
        return (*self.clocks, *self.agreements)


@frozen(kw_only=True)
class Computer:
    """Folds the clocks of cases by one reading of policies, at one instant."""

    book: Book
    holds: Holds
    now: datetime
    _plain: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_plain", not self.book.of_kind("ola") and not self.book.of_kind("uc"))

    def compute(self, kept: Kept, calendars: Calendars, *, choose: bool = True) -> Computed:
        """Return the clocks of a case; without ``choose`` the policy that was chosen last goes on to hold."""
        held = list(kept.chosen)
        name = held[-1][1] if held else ""
        moved = False
        if choose or not held:
            policy = chosen(self.book, "sla", kept.about, self.holds)
            wanted = policy.name if policy is not None else ""
            moved = wanted != name
            if moved:
                held.append((self.now, wanted))
                name = wanted
        story = Story.of(kept.happenings, kept.current)
        clocks = fold(story, self.book.reigns(held), calendars, self.now)
        agreements = () if self._plain else fold_stays(story, self._agreement(kept.about), calendars, self.now)
        return Computed(
            kept=kept,
            clocks=clocks,
            agreements=agreements,
            due=due(clocks),
            breached=any(each.breached_at is not None for each in clocks),
            policy=name,
            moved=moved,
        )

    def _agreement(self, about: About) -> Any:
        def agreed(kind: str, queue: str, at: datetime) -> Terms | None:
            there = About(
                customer_id=about.customer_id,
                type=about.type,
                queue=queue,
                priority=about.priority,
                about=about.about,
            )
            policy = chosen(self.book, kind, there, self.holds)
            return self.book.terms_at(policy, at) if policy is not None else None

        return agreed


def keepings(session: CrmSession, case_ids: Sequence[UUID]) -> Iterator[Kept]:
    """Give what is kept of cases, as far as they can be seen."""
    types = {each.id: each.name for each in session.execute(select(CaseType.id, CaseType.name))}
    for start in range(0, len(case_ids), CHUNK):
        ids = case_ids[start : start + CHUNK]
        happened: dict[Any, list[Happening]] = defaultdict(list)
        policies: dict[Any, list[tuple[datetime, str]]] = defaultdict(list)
        query = (
            select(_as_kept(CaseEvent.case_id), CaseEvent.at, CaseEvent.kind, CaseEvent.before, CaseEvent.after)
            .where(CaseEvent.case_id.in_(ids))
            .order_by(CaseEvent.case_id, CaseEvent.at, CaseEvent.id)
        )
        for case_id, at, kind, before, after in session.execute(query):
            if kind == "policy":
                policies[case_id].append((at, after))
            elif kind in HEARD:
                happened[case_id].append(Happening(at, kind, before, after))
        columns = (
            Case.id,
            Case.customer_id,
            Case.type_id,
            Case.state,
            Case.priority,
            Case.queue_id,
            Case.team_id,
            Case.about,
            Case.due_at,
            Case.due_clock,
            Case.breached,
            _as_kept(Case.id).label("key"),
        )
        for row in session.execute(select(*columns).where(Case.id.in_(ids))):
            queue, team = _text(row.queue_id), _text(row.team_id)
            yield Kept(
                id=row.id,
                customer_id=row.customer_id,
                about=About(
                    customer_id=row.customer_id,
                    type=types.get(row.type_id, ""),
                    queue=queue,
                    priority=row.priority,
                    about=row.about or "",
                ),
                current={"state": row.state, "priority": row.priority, "queue": queue, "team": team},
                happenings=happened[row.key],
                chosen=policies[row.key],
                due_at=row.due_at,
                due_clock=row.due_clock,
                breached=row.breached,
            )


def _as_kept(column: Any) -> Any:
    """Return a column of ids with the values that the driver has: they only tell cases apart, and there are many."""
    return type_coerce(column, NullType())


def _text(value: UUID | None) -> str:
    return str(value) if value is not None else ""
