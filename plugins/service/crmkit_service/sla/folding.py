"""The clocks of a case as a fold over what happened to it, under whatever policies held when.

Pure; must not know the database. A clock is folded anew from the first event whenever its policy changes: its
conditions are those of the policy that holds now, and what it has used up stays used up. What has ended is judged by
the policy that held when it ended, and never comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import define, evolve, field, frozen

from crmkit_service.sla.spans import ZERO, Span, Worked, measured, reached, used
from crmkit_service.sla.story import ENDED, GONE, Moment, Story
from crmkit_service.sla.terms import Rule, Terms
from crmkit_service.sla.words import UNMET

Calendars = Callable[[str, str], Worked]
"""Gives the calendar for the name that a rule has ("" for none) and a team."""

THIRD = "waiting_third_party"


@frozen(kw_only=True)
class Reign:
    """The time during which terms hold for a case, from an instant on until the next ones do; the first ones hold from
    the beginning. Without terms nothing is promised."""

    since: datetime
    terms: Terms | None


@frozen(kw_only=True)
class ClockState:
    """A turn of a clock as it stands.

    ``party`` is the queue that a clock of an agreement is about, "" for the customer's. ``target`` and ``consumed`` are
    seconds of working time, the latter up to the end or to now. ``due_at`` is the deadline: of a clock that ended the
    one that it was held to, none while it is paused. ``breached_at`` is when the deadline passed unmet, which it may
    have done before a change that brought it forward. All instants are in UTC.
    """

    clock: str
    number: int
    party: str
    state: str
    started_at: datetime
    started_by: str
    target: int
    consumed: int
    due_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    breached_at: datetime | None
    calendar: str
    policy: str
    policy_id: Any
    version: int
    priority: str
    spans: tuple[Span, ...] = field(repr=False)
    carried: timedelta = field(default=ZERO, repr=False)
    measures: tuple[timedelta, ...] = field(default=(), repr=False, eq=False)

    @property
    def unmet(self) -> bool:
        """Whether the clock is still to be met."""
        return self.state in UNMET

    @property
    def remaining(self) -> int:
        """Seconds of working time that are left; negative beyond the deadline."""
        return self.target - self.consumed

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells this turn from every other one of the case."""
        return self.clock, self.party, self.number

    def reaches(self, amount: timedelta) -> datetime | None:
        """Return when an amount of working time is used up; None while the clock is paused."""
        return reached(self.spans, amount, self.carried, self.measures)


@define
class Turn:
    """A turn of a clock while it is folded."""

    rule: Rule
    number: int
    started: Moment
    started_by: str
    carried: timedelta
    spans: list[Span]
    at: Moment
    ended: datetime | None = None
    ended_by: str = ""
    gone: bool = False


def fold(story: Story, reigns: Sequence[Reign], calendars: Calendars, now: datetime) -> tuple[ClockState, ...]:
    """Return every turn of every clock of the customer's policies, as it stands at ``now``, in the order in which they
    started. ``reigns`` are in order."""
    held = [each for each in reigns if each.since <= now] or list(reigns[:1])
    finished: dict[tuple[str, int], ClockState] = {}
    left: dict[tuple[str, int], ClockState] = {}
    place = 0
    while place < len(held):
        alike = _alike(held, place)
        first, place = place, place + len(alike)
        end = held[place].since if place < len(held) else None
        terms = alike[-1].terms
        if terms is None:
            continue
        for turn in _walk(story, terms.rules, calendars, end if end is not None else now):
            key = (turn.rule.clock, turn.number)
            early = turn.ended is not None and first > 0 and turn.ended < alike[0].since
            if key in finished or early or (end is not None and turn.started.at >= end):
                continue
            found = _judged(turn, _ruling(alike, turn) or terms, now if end is None else end)
            if found is None:
                continue
            if turn.ended is not None or end is None:
                finished[key] = found
                left.pop(key, None)
            else:
                gone = evolve(found, state="cancelled", ended_at=end, ended_by="policy")
                left[key] = evolve(gone, due_at=None, breached_at=None)
    return tuple(sorted([*finished.values(), *left.values()], key=lambda each: (each.started_at, each.number)))


def _alike(reigns: Sequence[Reign], place: int) -> Sequence[Reign]:
    """Return the reigns from a place on whose clocks differ in their targets alone: they are folded at once."""
    first = reigns[place].terms
    last = place + 1
    while last < len(reigns) and _conditions(reigns[last].terms) == _conditions(first):
        last += 1
    return reigns[place:last]


def _conditions(terms: Terms | None) -> tuple[Rule, ...] | None:
    return terms.conditions if terms is not None else None


def _ruling(alike: Sequence[Reign], turn: Turn) -> Terms | None:
    """Return the terms by which a turn is judged: those that held when it ended, or the last ones."""
    if turn.ended is not None:
        for each in reversed(alike):
            if each.since < turn.ended or each is alike[0]:
                return each.terms
    return alike[-1].terms


def fold_stays(
    story: Story, agreement: Callable[[str, str, datetime], Terms | None], calendars: Calendars, now: datetime
) -> tuple[ClockState, ...]:
    """Return the clocks of agreements: one for each stay of the case in a queue (``ola``), and one for each time that
    it waited for a third party (``uc``).

    ``agreement(kind, queue, at)`` gives the terms that held for a queue at an instant, or None.
    """
    found: list[ClockState] = []
    for kind in ("ola", "uc"):
        for number, stay in enumerate(_stays(story, kind, now), start=1):
            first, moments, end, ended_by = stay
            terms = agreement(kind, first.queue, end if end is not None else now)
            rule = terms.rule(kind) if terms is not None else None
            if terms is None or rule is None:
                continue
            turn = Turn(rule, number, first, "queue" if kind == "ola" else THIRD, ZERO, [], first)
            _note(turn, first, calendars)
            for moment in moments:
                _note(turn, moment, calendars)
            if end is not None:
                _end(turn, end, ended_by, gone=ended_by in GONE)
            judged = _judged(turn, terms, now)
            if judged is not None:
                found.append(evolve(judged, party=first.queue))
    return tuple(found)


def due(clocks: Sequence[ClockState]) -> ClockState | None:
    """Return the clock that a case is due by: the earliest one that is still to be met and not paused."""
    waiting = [each for each in clocks if each.state == "running" and each.due_at is not None]
    return min(waiting, key=lambda each: (each.due_at, each.clock), default=None)


def _walk(story: Story, rules: Sequence[Rule], calendars: Calendars, until: datetime) -> Iterator[Turn]:
    """Give the turns of clocks up to an instant, with what happens at it."""
    active: dict[str, Turn] = {}
    done: dict[str, list[Turn]] = {}
    for moment in story.moments:
        if moment.at > until:
            break
        triggers = moment.triggers
        for rule in rules:
            turn = active.get(rule.clock)
            fresh = False
            if not triggers.isdisjoint(rule.heard):
                before, turn = turn, _step(turn, rule, moment, active, done)
                fresh = turn is not before
            if turn is None:
                continue
            if fresh or moment.moves:
                _note(turn, moment, calendars)
            else:
                turn.at = moment
    for turns in done.values():
        yield from turns
    yield from active.values()


def _step(
    turn: Turn | None, rule: Rule, moment: Moment, active: dict[str, Turn], done: dict[str, list[Turn]]
) -> Turn | None:
    """End, restore or start the turn of a clock at a moment of which it hears; returns the one that runs then."""
    triggers = moment.triggers
    if turn is not None:
        hit = _hit(rule.cancel, triggers) or _hit(rule.stop, triggers) or _hit(rule.reset, triggers)
        if not hit:
            return turn
        _end(turn, moment.at, hit, gone=hit in rule.cancel)
        # What ended a turn is judged by what the case was then.
        turn.at = moment
        done.setdefault(rule.clock, []).append(active.pop(rule.clock))
        turn = None
    if "restored" in triggers and (turn := _restored(done.get(rule.clock))) is not None:
        active[rule.clock] = turn
    if turn is None and (hit := _hit(rule.start, triggers)) and rule.after not in active:
        before = done.get(rule.clock, [])
        carried = used(before[-1].spans, moment.at, before[-1].carried) if rule.carry and before else ZERO
        active[rule.clock] = turn = Turn(rule, len(before) + 1, moment, hit, carried, [], moment)
    return turn


def _hit(names: Sequence[str], triggers: frozenset[str]) -> str:
    for name in names:
        if name in triggers:
            return name
    return ""


def _restored(turns: list[Turn] | None) -> Turn | None:
    """Return the last turn of a clock where it was cancelled, to go on: the case is one of its own again."""
    if not turns or not turns[-1].gone:
        return None
    turn = turns.pop()
    turn.ended, turn.ended_by, turn.gone = None, "", False
    return turn


def _note(turn: Turn, moment: Moment, calendars: Calendars) -> None:
    """Go on with a turn from a moment, in a new stretch where something of the case has changed that counts for it."""
    turn.at = moment
    rule, spans = turn.rule, turn.spans
    counted = moment.state not in rule.pause
    last = spans[-1] if spans else None
    worked = calendars(rule.calendar, moment.team)
    if last is not None and last.end is None:
        same = (last.counted, last.queue, last.worked.name) == (counted, moment.queue, worked.name)
        alike = (last.state == THIRD) == (moment.state == THIRD) if counted else last.state == moment.state
        if same and alike:
            return
        _close(spans, moment.at)
    spans.append(Span(moment.at, None, counted, worked, moment.state, moment.queue))


def _close(spans: list[Span], at: datetime) -> None:
    last = spans.pop()
    if last.start < at:
        spans.append(Span(last.start, at, last.counted, last.worked, last.state, last.queue))


def _end(turn: Turn, at: datetime, trigger: str, *, gone: bool) -> None:
    turn.ended, turn.ended_by, turn.gone = at, trigger, gone
    _close(turn.spans, at)


def _judged(turn: Turn, terms: Terms, now: datetime) -> ClockState | None:
    """Return a turn as it stands at an instant, or None where nothing is promised for the priority of the case."""
    rule = terms.rule(turn.rule.clock)
    target = rule.target(turn.at.priority) if rule is not None else None
    if target is None:
        return None
    spans = tuple(turn.spans)
    measures = measured(spans, turn.ended if turn.ended is not None else now)
    consumed = sum(measures, turn.carried)
    deadline = reached(spans, timedelta(seconds=target), turn.carried, measures)
    breached: datetime | None = None
    if turn.ended is not None:
        late = deadline is not None and deadline < turn.ended
        state = "cancelled" if turn.gone else "missed" if late else "met"
        breached = deadline if late and not turn.gone else None
        if turn.gone:
            deadline = None
        elif deadline is None:
            deadline = _would_be(turn, timedelta(seconds=target) - consumed)
    elif spans and not spans[-1].counted:
        state = "paused"
        breached = deadline if consumed > timedelta(seconds=target) else None
        deadline = None
    else:
        state = "running"
        breached = deadline if deadline is not None and deadline < now else None
    return ClockState(
        clock=turn.rule.clock,
        number=turn.number,
        party="",
        state=state,
        started_at=turn.started.at,
        started_by=turn.started_by,
        target=target,
        consumed=int(consumed.total_seconds()),
        due_at=deadline,
        ended_at=turn.ended,
        ended_by=turn.ended_by,
        breached_at=breached,
        calendar=spans[-1].worked.name if spans else "",
        policy=terms.policy,
        policy_id=terms.policy_id,
        version=terms.version,
        priority=turn.at.priority,
        spans=spans,
        carried=turn.carried,
        measures=tuple(measures),
    )


def _would_be(turn: Turn, left: timedelta) -> datetime | None:
    """Return when a turn would have been due that ended before: what it was held to."""
    last = turn.spans[-1] if turn.spans else None
    return last.worked.after(turn.ended or last.start, left) if last is not None and last.counted else None


def _stays(story: Story, kind: str, now: datetime) -> Iterator[tuple[Moment, Sequence[Moment], datetime | None, str]]:
    """Give the stays of a case in queues, or with third parties: the moment of coming, what happened meanwhile, when it
    left, if it has, and why."""
    begun: Moment | None = None
    meanwhile: list[Moment] = []
    for moment in story.moments:
        if moment.at > now:
            break
        here = moment.queue if kind == "ola" else THIRD if moment.state == THIRD else ""
        if moment.state in ENDED:
            here = ""
        before = "" if begun is None else begun.queue if kind == "ola" else THIRD
        if begun is not None and here != before:
            why = moment.state if moment.state in ENDED else "queue" if kind == "ola" else moment.state
            yield begun, meanwhile, moment.at, why
            begun, meanwhile = None, []
        if begun is None:
            begun = moment if here else None
        else:
            meanwhile.append(moment)
    if begun is not None:
        yield begun, meanwhile, None, ""


def shares(clock: ClockState, now: datetime) -> Mapping[tuple[str, bool], int]:
    """Return how the seconds that a clock has used up are shared among queues, and third parties for which it ran on:
    by queue and whether the case waited for a third party."""
    found: dict[tuple[str, bool], timedelta] = {}
    until = clock.ended_at or now
    for span in clock.spans:
        key = span.queue, span.state == THIRD
        found[key] = found.get(key, ZERO) + used([span], until)
    return {key: int(amount.total_seconds()) for key, amount in found.items() if amount > ZERO}
