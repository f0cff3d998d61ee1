"""What became of a case until an instant, folded from its events: when it was answered, handed on, solved, reopened.

Pure computation over the log of cases; must not know databases. All instants are aware and in UTC. What happened later
than the instant that is asked about counts for nothing, so a figure of a past day stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import define, field, frozen

CLOSED = ("resolved", "closed")
GONE = ("merged", "spam")
"""States of what is no case: it counts nowhere."""


@frozen(kw_only=True)
class Happened:
    """One line of the log of a case. ``actor`` is the id of the user who did it, empty for a machine."""

    at: datetime
    kind: str
    before: str = ""
    after: str = ""
    actor: str = ""


@frozen(kw_only=True)
class Wait:
    """That the customer waited for an answer: since when, and until when, or None while there is none."""

    since: datetime
    until: datetime | None = None


@frozen(kw_only=True)
class Resolution:
    """That a case was solved: when, who had it, after how many answers of persons since it began or was opened again,
    and when it was opened again, or None."""

    at: datetime
    owner: str
    answers: int
    reopened_at: datetime | None = None


@frozen(kw_only=True)
class Story:
    """What became of a case until an instant.

    ``first`` is the wait for the first answer, ``next`` those for every later one; an acknowledgement by a machine is
    no answer. ``owners`` are those who had the case, one after the other; ``moves`` counts how often it went to another
    queue. ``scores`` are the ratings that the customer gave, with their instants.
    """

    opened_at: datetime
    state: str
    first: Wait
    next: tuple[Wait, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    owners: tuple[str, ...] = ()
    queue: str = ""
    team: str = ""
    priority: str = ""
    moves: int = 0
    answers: int = 0
    contacts: int = 0
    scores: tuple[tuple[datetime, int], ...] = ()

    @property
    def counts(self) -> bool:
        """Say whether it is a case at all: neither spam nor merged into another one."""
        return self.state not in GONE

    @property
    def is_open(self) -> bool:
        """Say whether it was still to be solved."""
        return self.counts and self.state not in CLOSED

    @property
    def resolved_at(self) -> datetime | None:
        """Return when it was solved for good, as far as was known then."""
        if self.is_open or not self.counts or not self.resolutions:
            return None
        return self.resolutions[-1].at

    @property
    def owner(self) -> str:
        """Return who has it, or had it last."""
        return self.owners[-1] if self.owners else ""

    @property
    def transfers(self) -> int:
        """Return how often it went from somebody to somebody else, or to another queue."""
        return max(len(self.owners) - 1, 0) + self.moves


@define
class _Folding:
    opened_at: datetime
    state: str = "new"
    asked: datetime | None = None
    lent: str = ""
    """The number of the merged case with which the question came over that waits."""
    first: Wait | None = None
    next: list[Wait] = field(factory=list[Wait])
    resolutions: list[Resolution] = field(factory=list[Resolution])
    owners: list[str] = field(factory=list[str])
    now: dict[str, str] = field(factory=dict[str, str])
    moves: int = 0
    answers: int = 0
    since: int = 0
    """Answers since the case began or was opened again."""
    contacts: int = 0
    scores: list[tuple[datetime, int]] = field(factory=list[tuple[datetime, int]])


def story(events: Iterable[Happened], until: datetime) -> Story | None:
    """Return what became of a case until an instant, or None where it did not exist yet. ``events`` are in order."""
    found: _Folding | None = None
    for event in events:
        if event.at > until:
            break
        if found is None:
            found = _Folding(opened_at=event.at, asked=event.at)
        _take(found, event)
    if found is None:
        return None
    waits = [*found.next]
    if found.first is not None and found.asked is not None and found.state not in (*CLOSED, *GONE):
        waits.append(Wait(since=found.asked))
    return Story(
        opened_at=found.opened_at,
        state=found.state,
        first=found.first or Wait(since=found.opened_at),
        next=tuple(waits),
        resolutions=tuple(found.resolutions),
        owners=tuple(found.owners),
        queue=found.now.get("queue", ""),
        team=found.now.get("team", ""),
        priority=found.now.get("priority", ""),
        moves=found.moves,
        answers=found.answers,
        contacts=found.contacts,
        scores=tuple(found.scores),
    )


def _take(found: _Folding, event: Happened) -> None:
    kind = event.kind
    if kind == "customer_message":
        found.contacts += 1
        found.asked = found.asked or event.at
    elif kind == "unanswered":
        if found.asked is None:
            found.asked, found.lent = event.at, event.before
    elif kind == "unmerged":
        if found.lent and found.lent == event.before:
            found.asked, found.lent = None, ""
    elif kind == "agent_message":
        _answered(found, event)
    elif kind == "state":
        _moved(found, event)
    elif kind == "owner":
        if event.after and (not found.owners or found.owners[-1] != event.after):
            found.owners.append(event.after)
    elif kind in ("queue", "team", "priority"):
        found.moves += kind == "queue" and bool(event.before) and bool(event.after) and event.before != event.after
        found.now[kind] = event.after
    elif kind == "rated" and event.after.isdigit():
        found.scores.append((event.at, int(event.after)))


def _answered(found: _Folding, event: Happened) -> None:
    found.answers += 1
    found.since += 1
    if found.first is None:
        found.first = Wait(since=found.opened_at, until=event.at)
    elif found.asked is not None:
        found.next.append(Wait(since=found.asked, until=event.at))
    found.asked, found.lent = None, ""


def _moved(found: _Folding, event: Happened) -> None:
    was, found.state = found.state, event.after
    if (event.after == "resolved" and was not in CLOSED) or (event.after == "closed" and was not in CLOSED):
        owner = found.owners[-1] if found.owners else event.actor
        found.resolutions.append(Resolution(at=event.at, owner=owner, answers=found.since))
        found.asked = None
    elif was in CLOSED and event.after not in (*CLOSED, *GONE) and found.resolutions:
        last = found.resolutions[-1]
        found.resolutions[-1] = Resolution(at=last.at, owner=last.owner, answers=last.answers, reopened_at=event.at)
        found.since = 0
