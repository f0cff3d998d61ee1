"""Computing effort: a job does it, set by set, and keeps the index of each issue and what it was on which day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import asdict
from sqlalchemy import select

from crmkit import CrmSession, Do, Input, InvalidInput, Job, Problem, Refused, Rule, operation, texts
from crmkit_experience.effort.counting import Between, measure
from crmkit_experience.effort.events import EffortHigh
from crmkit_experience.effort.gathering import Issue, cases, threads
from crmkit_experience.effort.index import Part, index_of, level_of, parts_by
from crmkit_experience.effort.models import EffortDay, EffortIssue
from crmkit_experience.settings import ExperienceSettings, settings_of

_ = texts("crmkit_experience")

MANAGE = "experience.effort.manage"
REFRESH, JOB = "experience.effort.refresh", "experience.compute_effort"
USUALLY = 3
"""Days back that the hourly job looks at, beside what is open."""
Days = Annotated[int, Input(title=_("Days"), help=_("0: as the settings say."), classified="internal")]


@operation(REFRESH, title=_("Compute effort"), permission=MANAGE, hidden=True)
def refresh(session: CrmSession, *, days: Days = 0) -> int:
    """Compute the effort of the issues that are open or in which something happened within some days, and return of how
    many. Raises Refused outside system scope, InvalidInput for weights of the settings that cannot be used."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    settings = settings_of(session.crm.settings)
    parts = parts_of(settings)
    now = session.gate.clock.business_now()
    since = now - timedelta(days=days or settings.effort_days)
    calendars = Calendars(session)
    count = 0
    for chunk in cases(session, since):
        count += _keep(session, chunk, parts, settings, calendars, now)
    for chunk in threads(session, since, now, timedelta(days=settings.effort_quiet_days)):
        count += _keep(session, chunk, parts, settings, calendars, now)
    return count


@operation("experience.effort.recompute", title=_("Compute effort anew"), permission=MANAGE)
def recompute(session: CrmSession) -> None:
    """Have all effort within the days of the settings computed anew, soon: after weights were changed."""
    session.defer(JOB, days=0)


@operation("experience.effort.tell", title=_("Tell of high effort"), permission=MANAGE, effect="update")
def tell(session: CrmSession, effort: EffortIssue) -> bool:
    """Tell whoever looks after an issue that it takes the customer much effort, and say whether anybody could be told;
    without the plugin work nobody is."""
    if "work.notice.add" not in session.gate.registry.operations or effort.owner_id is None:
        return False
    from crmkit_work.api import NewNotice, notify

    notice = NewNotice(
        kind="experience.effort",
        title=_("This is taking {customer} much effort: {index} of 100"),
        values={"index": round(effort.index)},
        ref=f"experience.effort:{effort.id}",
        customer_id=effort.customer_id,
    )
    notify(session, [effort.owner_id], notice)
    return True


def parts_of(settings: ExperienceSettings) -> tuple[Part, ...]:
    """Return the parts of the index as the settings weigh them. Raises InvalidInput for what cannot be used."""
    try:
        return parts_by(settings.effort_weights, settings.effort_caps)
    except ValueError as error:
        message = _('effort_weights and effort_caps cannot be used: "{name}".')
        raise InvalidInput([Problem(InvalidInput.code, message, field="effort_weights", name=str(error))]) from error


class Calendars:
    """Working time by team, each looked up once; without work, or without a calendar, all time counts."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session
        self._enabled = "work.notice.add" in session.gate.registry.operations
        self._known: dict[UUID | None, Between | None] = {}

    def of(self, team_id: UUID | None) -> Between | None:
        """Return how much working time lies between two instants, None where there is no calendar."""
        if not self._enabled:
            return None
        if team_id not in self._known:
            from crmkit_work.api import calendar_for, working_calendar

            found = calendar_for(self._session, team_id=team_id)
            self._known[team_id] = working_calendar(self._session, found).diff if found is not None else None
        return self._known[team_id]


def _keep(
    session: CrmSession,
    issues: Sequence[Issue],
    parts: tuple[Part, ...],
    settings: ExperienceSettings,
    calendars: Calendars,
    now: datetime,
) -> int:
    if not issues:
        return 0
    zone, refs = ZoneInfo(session.business().zone), [each.ref for each in issues]
    known = {each.ref: each for each in session.scalars(select(EffortIssue).where(EffortIssue.ref.in_(refs)))}
    today = now.astimezone(zone).date()
    days = {
        each.issue_id: each
        for each in session.scalars(
            select(EffortDay).where(
                EffortDay.day == today, EffortDay.issue_id.in_([each.id for each in known.values()])
            )
        )
    }
    fresh: list[EffortIssue] = []
    for each in issues:
        worked = calendars.of(each.team_id)
        end = each.end or now
        how = {"between": worked} if worked is not None else {}
        counted = measure(each.said, each.moves, start=each.start, end=end, **how)
        index = index_of(counted, parts)
        values = {
            "customer_id": each.customer_id,
            "owner_id": each.owner_id,
            "team_id": each.team_id,
            "unit": each.unit,
            "kind": each.kind,
            "channel": each.channel,
            "started_at": each.start,
            "last_at": each.last,
            "ended_at": each.end,
            "ended_on": end.astimezone(zone).date(),
            "contacts": int(counted.contacts),
            "switches": int(counted.switches),
            "transfers": int(counted.transfers),
            "repeats": int(counted.repeats),
            "wait_minutes": round(counted.wait_hours * 60),
            "working": worked is not None,
            "elapsed_minutes": round(counted.elapsed_days * 1440),
            "index": round(index.value, 4),
            "level": level_of(index.value, settings.effort_medium, settings.effort_high),
            "parts": {one.name: {k: v for k, v in asdict(one).items() if k != "name"} for one in index.parts},
        }
        row = known.get(each.ref)
        moved = row is None or row.index != values["index"]
        if row is None:
            row = EffortIssue(ref=each.ref, **values)
            fresh.append(row)
        else:
            for name, value in values.items():
                if getattr(row, name) != value:
                    setattr(row, name, value)
        if row.level == "high" and row.told_at is None:
            row.told_at = now
            session.emit(EffortHigh(issue_id=row.id, customer_id=row.customer_id, index=row.index))
        if moved:
            _on_day(session, row, days.get(row.id), today, fresh)
    session.add_all(fresh)
    session.flush()
    session.add_all(
        EffortDay(issue_id=each.id, day=today, customer_id=each.customer_id, index=each.index) for each in fresh
    )
    session.flush()
    return len(issues)


def _on_day(
    session: CrmSession, row: EffortIssue, known: EffortDay | None, today: object, fresh: Sequence[EffortIssue]
) -> None:
    if known is not None:
        known.index = row.index
    elif row not in fresh:
        session.add(EffortDay(issue_id=row.id, day=today, customer_id=row.customer_id, index=row.index))


def _run(session: CrmSession, tick: datetime) -> None:
    """Compute what is open, and what happened lately: the job."""
    session.run(REFRESH, {"days": USUALLY})


def _anew(session: CrmSession, days: int) -> None:
    """Compute everything within the days of the settings: the job."""
    session.run(REFRESH, {"days": days})


OPERATIONS = [refresh, recompute, tell]
JOBS = [
    Job(
        name="experience.effort",
        title=_("Effort of customers"),
        handler=_run,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        lease=600,
    ),
    Job(name=JOB, title=_("Effort of customers, anew"), handler=_anew, acts_as="system", lease=900),
]
RULES = [
    Rule(
        name="experience.effort_high",
        title=_("Tell of high effort"),
        doc=_("Whoever looks after an issue hears when it takes the customer much effort."),
        on="experience.effort.high",
        then=[Do(operation="experience.effort.tell", target="event.issue_id")],
        enabled=False,
    )
]
