"""The reports of effort: by channel, kind, team or month with intervals, what it is made of, and whether customers say
the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Period, Report, Table, Team, texts
from crmkit.engines.statistics.intervals import mean_interval
from crmkit_experience.effort.index import PARTS
from crmkit_experience.effort.models import EffortIssue
from crmkit_experience.effort.validating import pairs_with_ces, spearman
from crmkit_experience.effort.words import PART_TITLES

_ = texts("crmkit_experience")

READ = "experience.effort.read"
BY = {
    "channel": _("Channel"),
    "kind": _("Kind"),
    "team": _("Team"),
    "channel_kind": _("Channel and kind"),
    "all": _("Channel, kind and team"),
    "month": _("Month"),
}
KEY = Column(name="key", title=_("Key"), hidden=True)
LOW = Column(name="low", title=_("From (95%)"), kind="number")
HIGH = Column(name="high", title=_("To (95%)"), kind="number")


@frozen(kw_only=True)
class EffortParameters:
    """Issues that ended, or were last looked at, in which days, and by what they are told apart."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[
        Literal["channel", "kind", "team", "channel_kind", "all", "month"],
        Input(title=_("By"), choices=BY, classified="internal"),
    ] = "all"


@frozen(kw_only=True)
class SaidParameters:
    """Answers of which days."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


def effort_rows(session: CrmSession, parameters: EffortParameters, moment: Moment) -> Table:
    """Return the mean effort of each group with Student's interval, the share that is high with Wilson's, and how many
    points each part brings on the mean."""
    query = select(EffortIssue).where(
        EffortIssue.ended_on >= parameters.period.first,
        EffortIssue.ended_on <= min(parameters.period.last, moment.today),
    )
    groups: dict[tuple[str, ...], list[EffortIssue]] = defaultdict(list)
    for each in session.scalars(query.order_by(EffortIssue.id)):
        groups[_key(each, parameters.by)].append(each)
    teams = _teams(session, {each.team_id for held in groups.values() for each in held})
    rows = [_row(key, held, teams) for key, held in groups.items()]
    return Table(rows=sorted(rows, key=lambda row: (-row["effort"], row["key"])))


def _key(each: EffortIssue, by: str) -> tuple[str, ...]:
    team = str(each.team_id or "")
    return {
        "channel": (each.channel,),
        "kind": (each.kind,),
        "team": (team,),
        "channel_kind": (each.channel, each.kind),
        "all": (each.channel, each.kind, team),
        "month": (f"{each.ended_on:%Y-%m}",),
    }[by]


def _row(key: tuple[str, ...], held: Sequence[EffortIssue], teams: Mapping[str, str]) -> dict[str, Any]:
    found = mean_interval([each.index for each in held])
    points = {
        part.name: sum(each.parts.get(part.name, {}).get("points", 0.0) for each in held) / len(held) for part in PARTS
    }
    return {
        "key": " · ".join(key),
        "group": " · ".join(teams.get(each, each) or "–" for each in key),
        "issues": found.n,
        "effort": found.value or 0.0,
        "low": None if found.low is None else max(0.0, found.low),
        "high": None if found.high is None else min(100.0, found.high),
        "hard": sum(each.level == "high" for each in held),
        "rate": None,
        **points,
    }


def _teams(session: CrmSession, ids: set[UUID | None]) -> dict[str, str]:
    real = [each for each in ids if each is not None]
    return {str(each.id): each.name for each in session.scalars(select(Team).where(Team.id.in_(real)))} if real else {}


def said_rows(session: CrmSession, parameters: SaidParameters, moment: Moment) -> Table:
    """Return how the index goes together with the efforts that customers state themselves."""
    start, end = _span(parameters.period, moment)
    pairs = pairs_with_ces(session, start, end)
    found = spearman(pairs)
    row = {
        "key": "ces",
        "group": _("Effort and Customer Effort Score"),
        "answers": found.n,
        "correlation": found.value,
        "low": found.low,
        "high": found.high,
    }
    return Table(rows=[row])


def _span(period: Period, moment: Moment) -> tuple[datetime, datetime]:
    zone = ZoneInfo(moment.zone)
    start = datetime.combine(period.first, datetime.min.time(), zone)
    return start, datetime.combine(min(period.last, moment.today) + timedelta(days=1), datetime.min.time(), zone)


REPORTS = [
    Report(
        name="experience.effort",
        title=_("Effort of customers"),
        rows=effort_rows,
        parameters=EffortParameters,
        defaults={"period": "last 3 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(name="issues", title=_("Issues"), kind="integer", total=True),
            Column(name="effort", title=_("Effort"), kind="number", doc=_("The mean index, 0 to 100.")),
            LOW,
            HIGH,
            Column(name="hard", title=_("Much effort"), kind="integer", total=True),
            Column(name="rate", title=_("Share"), kind="rate", successes="hard", trials="issues"),
            *(
                Column(name=each.name, title=PART_TITLES[each.name], kind="number", doc=_("Points of the index."))
                for each in PARTS
            ),
        ],
        charts=[Chart.bars("group", "effort")],
        temporal=False,
        doc=_("What it takes customers to have something settled, and what it is made of."),
    ),
    Report(
        name="experience.effort_said",
        title=_("Effort, as customers say it"),
        rows=said_rows,
        parameters=SaidParameters,
        defaults={"period": "last 12 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="group", title=_("What is compared")),
            Column(name="answers", title=_("Answers"), kind="integer"),
            Column(
                name="correlation",
                title=_("Spearman's correlation"),
                kind="number",
                doc=_("Of the index with the score; as more is easier there, it should be below 0."),
            ),
            LOW,
            HIGH,
        ],
        temporal=False,
        doc=_("Whether the index goes together with what customers answer to surveys about effort."),
    ),
]
