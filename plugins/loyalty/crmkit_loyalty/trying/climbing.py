"""Which tier members have in a replay: decided as in earnest, by figures of the replay. Must not write anything.

Tiers that somebody gave by hand stay. Where the window begins members have the tier that they had then.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CrmSession
from crmkit_loyalty.programs.models import Member, Program
from crmkit_loyalty.tiers.counting import counter_of
from crmkit_loyalty.tiers.deciding import Figures, Held, decide, good_until, period_of
from crmkit_loyalty.tiers.models import TierChange
from crmkit_loyalty.tiers.moving import ladder_of, tiers_of
from crmkit_loyalty.tiers.operations import metrics_of
from crmkit_loyalty.trying.past import Window
from crmkit_loyalty.trying.replaying import Replay


class Climb:
    """The tiers of members in one replay."""

    def __init__(self, session: CrmSession, program: Program, window: Window, replay: Replay) -> None:
        self._session, self._window, self._replay = session, window, replay
        tiers = tiers_of(session, program)
        self._zone = ZoneInfo(session.business().zone)
        self._ladder = ladder_of(session, program, tiers) if tiers else None
        self._metrics = metrics_of(session, program)
        self._members: dict[UUID, Member] = {}
        query = select(Member).where(Member.program_id == program.id).order_by(Member.joined_at.desc())
        for each in session.scalars(query) if tiers else ():
            self._members[each.customer_id] = each
        self.held: dict[UUID, Held] = {}
        self._by_hand: set[UUID] = set()
        if tiers:
            self._begin(program)

    def _begin(self, program: Program) -> None:
        assert self._ladder is not None
        steps = {each.name: each for each in self._ladder.steps}
        query = select(TierChange).where(TierChange.program_id == program.id, TierChange.at <= self._window.end)
        for each in self._session.scalars(query.order_by(TierChange.at, TierChange.id)):
            member = self._members.get(each.customer_id)
            if member is None or each.after not in steps:
                continue
            if each.reason == "by_hand":
                self._by_hand.add(each.customer_id)
            elif each.at >= self._window.begin:
                continue
            joined = member.joined_at.astimezone(self._zone).date()
            counted = each.on_day
            if each.reason == "kept":
                counted = (
                    period_of(self._ladder, each.on_day, joined)[0] if self._ladder.window != "rolling" else counted
                )
                counted -= timedelta(days=1)
            step = steps[each.after]
            until = good_until(self._ladder, counted, joined) if step.level else None
            self.held[each.customer_id] = Held(step=step, since=each.on_day, until=until)

    def tier_of(self, customer_id: UUID) -> tuple[str | None, int | None]:
        """Return the tier that somebody has, and its level."""
        held = self.held.get(customer_id)
        return (None, None) if held is None else (held.step.name, held.step.level)

    def look(self, customer_id: UUID, at: datetime) -> None:
        """Decide which tier a member has after something happened."""
        member = self._members.get(customer_id)
        if self._ladder is None or member is None or customer_id in self._by_hand:
            return
        today = at.astimezone(self._zone).date()
        joined = min(member.joined_at.astimezone(self._zone).date(), today)
        figures = self._figures(member, at)
        held = self.held.get(customer_id)
        while held is not None and held.until is not None and held.until < today:
            day = held.until + timedelta(days=1)
            found = decide(self._ladder, held, day, joined, figures)
            if found is None:
                day += timedelta(days=self._ladder.grace_days)
                found = decide(self._ladder, held, day, joined, figures) if day <= today else None
            if found is None:
                break
            held = Held(step=found.step, since=found.since, until=found.until)
        decided = decide(self._ladder, held, today, joined, figures)
        if decided is not None:
            held = Held(step=decided.step, since=decided.since, until=decided.until)
        if held is not None:
            self.held[customer_id] = held

    def _figures(self, member: Member, at: datetime) -> Callable[[date, date], Figures]:
        """Return what counts metrics up to an instant: points of the replay, the rest as it was."""
        points = [each for each in self._metrics if each.source == "points"]
        others = [each for each in self._metrics if each.source != "points"]
        counted = counter_of(self._session, others, member) if others else None

        def figures(first: date, last: date) -> Figures:
            begin = datetime.combine(first, time(), self._zone)
            end = min(datetime.combine(last + timedelta(days=1), time(), self._zone), at + timedelta(microseconds=1))
            found = dict(counted(first, last)) if counted is not None else {}
            for each in points:
                assert each.type_id is not None
                own = self._replay.points_of(member.customer_id, each.type_id, begin, end)
                found[each.name] = Decimal(own)
            if points and begin < self._window.begin:
                past = self._window.first - timedelta(days=1)
                before = counter_of(self._session, points, member)(first, min(last, past))
                for name, number in before.items():
                    found[name] += number
            return found

        return figures
