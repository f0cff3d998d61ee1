"""The reports on leads: what sources bring and cost, how sales answers what it is offered, and how soon leads hear of
us."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, field, frozen
from sqlalchemy import and_, func, select

from crmkit import (
    Chart,
    Column,
    CrmSession,
    Input,
    Interaction,
    Moment,
    Money,
    Note,
    Period,
    Report,
    Table,
    User,
    convert,
    texts,
)
from crmkit.errors import RateMissing
from crmkit_sales.leads.models import Lead, LeadChange, LeadSource
from crmkit_sales.pipelines.models import Opportunity

_ = texts("crmkit_sales")

NOBODY = _("Nobody")
UNKNOWN = _("Source not known")
HOUR = timedelta(hours=1)


@frozen(kw_only=True)
class SourcesParameters:
    """In which days the leads came in."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


@frozen(kw_only=True)
class AnswersParameters:
    """In which days leads were offered."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


@frozen(kw_only=True)
class ResponseParameters:
    """In which days the leads came in, by what they are grouped, and within how many hours somebody should have called
    or written."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[
        Literal["owner", "source"],
        Input(title=_("By"), choices={"owner": _("Owner"), "source": _("Source")}, classified="internal"),
    ] = "owner"
    hours: Annotated[int, Input(title=_("Within hours"), minimum=1, maximum=1000, classified="internal")] = 24


@define
class _Source:
    leads: int = 0
    qualified: int = 0
    accepted: int = 0
    converted: int = 0
    won: int = 0


def source_rows(session: CrmSession, parameters: SourcesParameters, moment: Moment) -> Table:
    """Return by source how many leads came in during a period, how far these have come since, and what one has cost."""
    first, last = _span(session, parameters.period)
    mine = and_(Lead.opened_at >= first, Lead.opened_at < last)
    tallies: dict[UUID | None, _Source] = defaultdict(_Source)
    query = select(Lead.id, Lead.source_id, Opportunity.stage_kind).outerjoin(
        Opportunity, Opportunity.id == Lead.opportunity_id
    )
    leads = session.execute(query.where(mine)).all()
    reached: dict[str, set[UUID]] = {}
    for cause in ("qualified", "accepted", "converted"):
        came = select(LeadChange.lead_id).join(Lead, Lead.id == LeadChange.lead_id)
        reached[cause] = set(session.scalars(came.where(mine, LeadChange.cause == cause).distinct()))
    for lead_id, source_id, kind in leads:
        tally = tallies[source_id]
        tally.leads += 1
        # What sales has taken was worth it, whoever said so first.
        tally.qualified += any(lead_id in reached[cause] for cause in reached)
        tally.accepted += lead_id in reached["accepted"] or lead_id in reached["converted"]
        tally.converted += lead_id in reached["converted"]
        tally.won += kind == "won"
    known = {each.id: each for each in session.scalars(select(LeadSource))}
    unconverted: list[str] = []
    rows = [
        _source_row(session, moment, known.get(source_id) if source_id else None, tally, unconverted)
        for source_id, tally in sorted(tallies.items(), key=lambda item: (-item[1].leads, str(item[0])))
    ]
    notes = [Note(text=_("The leads of the period, and how far they have come by now."))]
    if unconverted:
        text = _("There is no rate for what these sources cost: {sources}.")
        notes.append(Note(text=text, values={"sources": ", ".join(unconverted)}))
    return Table(rows=rows, notes=notes)


def _source_row(
    session: CrmSession, moment: Moment, source: LeadSource | None, tally: _Source, unconverted: list[str]
) -> Mapping[str, Any]:
    cost = _in_base(session, moment, source)
    if cost is None and source is not None and source.cost_minor is not None:
        unconverted.append(source.title)

    def each(number: int) -> int | None:
        return None if cost is None or not number else round(cost / number)

    return {
        "key": str(source.id) if source is not None else "-",
        "source": source.title if source is not None else UNKNOWN,
        "leads": tally.leads,
        "qualified": tally.qualified,
        "accepted": tally.accepted,
        "converted": tally.converted,
        "won": tally.won,
        "rate": None,
        "cost": cost,
        "per_lead": each(tally.leads),
        "per_accepted": each(tally.accepted),
        "per_won": each(tally.won),
    }


def _in_base(session: CrmSession, moment: Moment, source: LeadSource | None) -> int | None:
    """Return what a source has cost in minor units of the base currency, at the rate of the day that is asked about."""
    base = moment.base_currency
    if source is None or source.cost_minor is None or source.currency is None or base is None:
        return None
    try:
        return convert(session, Money(source.cost_minor, source.currency), base, moment.today).amount
    except RateMissing:
        return None


@define
class _Answers:
    offered: int = 0
    accepted: int = 0
    rejected: int = 0
    missed: int = 0
    waited: list[int] = field(factory=list)


def answer_rows(session: CrmSession, parameters: AnswersParameters, moment: Moment) -> Table:
    """Return by seller how many leads were offered in a period, and how many were accepted, rejected or not answered
    in time; hours are working time."""
    first, last = _span(session, parameters.period)
    query = select(LeadChange.cause, LeadChange.user_id, LeadChange.waited_seconds).where(
        LeadChange.cause.in_(("offered", "accepted", "rejected", "missed")),
        LeadChange.since >= first,
        LeadChange.since < last,
    )
    tallies: dict[UUID | None, _Answers] = defaultdict(_Answers)
    for cause, user_id, waited in session.execute(query):
        tally = tallies[user_id]
        setattr(tally, cause, getattr(tally, cause) + 1)
        if waited is not None:
            tally.waited.append(waited)
    names = _people(session, tallies)
    rows = [
        {
            "key": str(user_id or "-"),
            "seller": names.get(user_id, NOBODY) if user_id is not None else NOBODY,
            "offered": each.offered,
            "accepted": each.accepted,
            "rejected": each.rejected,
            "missed": each.missed,
            "answered": each.accepted + each.rejected,
            "rate": None,
            "hours": round(median(each.waited) / 3600, 1) if each.waited else None,
        }
        for user_id, each in sorted(tallies.items(), key=lambda item: (-item[1].offered, str(item[0])))
    ]
    return Table(rows=rows)


@define
class _Responses:
    leads: int = 0
    responded: int = 0
    in_time: int = 0
    hours: list[float] = field(factory=list)


def response_rows(session: CrmSession, parameters: ResponseParameters, moment: Moment) -> Table:
    """Return how soon after a lead came in somebody wrote, called or met: by the first interaction towards them."""
    first, last = _span(session, parameters.period)
    answered = and_(
        Interaction.customer_id == Lead.customer_id,
        Interaction.direction == "out",
        Interaction.occurred_at >= Lead.opened_at,
        Interaction.occurred_at <= moment.as_of,
        Interaction.reverses_id.is_(None),
    )
    query = (
        select(Lead.owner_id, Lead.source_id, Lead.opened_at, func.min(Interaction.occurred_at))
        .outerjoin(Interaction, answered)
        .where(Lead.opened_at >= first, Lead.opened_at < last)
        .group_by(Lead.id, Lead.owner_id, Lead.source_id, Lead.opened_at)
    )
    tallies: dict[UUID | None, _Responses] = defaultdict(_Responses)
    for owner_id, source_id, opened_at, at in session.execute(query):
        tally = tallies[owner_id if parameters.by == "owner" else source_id]
        tally.leads += 1
        if at is not None:
            hours = (at - opened_at) / HOUR
            tally.responded += 1
            tally.hours.append(hours)
            tally.in_time += hours <= parameters.hours
    if parameters.by == "owner":
        names, nobody = _people(session, tallies), NOBODY
    else:
        names, nobody = {each.id: each.title for each in session.scalars(select(LeadSource))}, UNKNOWN
    rows = [
        {
            "key": str(key or "-"),
            "group": names.get(key, nobody) if key is not None else nobody,
            "leads": each.leads,
            "responded": each.responded,
            "in_time": each.in_time,
            "rate": None,
            "hours": round(median(each.hours), 1) if each.hours else None,
        }
        for key, each in sorted(tallies.items(), key=lambda item: (-item[1].leads, str(item[0])))
    ]
    return Table(rows=rows)


def _people(session: CrmSession, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = [each for each in ids if each is not None]
    return {row[0]: row[1] for row in session.execute(select(User.id, User.name).where(User.id.in_(wanted)))}


def _span(session: CrmSession, period: Period) -> tuple[datetime, datetime]:
    zone = ZoneInfo(session.crm.config.get(session).zone)

    def begin(day: date) -> datetime:
        return datetime.combine(day, time(), zone).astimezone(UTC)

    return begin(period.first), begin(period.last + timedelta(days=1))


_KEY = Column(name="key", title=_("Key"), hidden=True)

REPORTS = [
    Report(
        name="sales.lead_sources",
        title=_("Sources of leads"),
        rows=source_rows,
        parameters=SourcesParameters,
        defaults={"period": "last 90 days"},
        columns=[
            _KEY,
            Column(name="source", title=_("Source")),
            Column(name="leads", title=_("Leads"), kind="integer", total=True),
            Column(
                name="qualified",
                title=_("Qualified by marketing"),
                kind="integer",
                total=True,
                doc=_("Leads that marketing qualified or sales took (MQL)."),
            ),
            Column(
                name="accepted",
                title=_("Accepted by sales"),
                kind="integer",
                total=True,
                doc=_("Leads that sales accepted or converted (SQL)."),
            ),
            Column(name="converted", title=_("Converted"), kind="integer", total=True),
            Column(name="won", title=_("Won"), kind="integer", total=True, doc=_("Whose opportunity was won.")),
            Column(
                name="rate",
                title=_("Share won"),
                kind="rate",
                successes="won",
                trials="leads",
                doc=_("Of the leads, those whose opportunity was won, with a 95 per cent interval."),
            ),
            Column(name="cost", title=_("Cost"), kind="money", total=True, doc=_("What the source has cost in all.")),
            Column(name="per_lead", title=_("Cost of a lead"), kind="money"),
            Column(name="per_accepted", title=_("Cost of an accepted lead"), kind="money"),
            Column(name="per_won", title=_("Cost of a won one"), kind="money"),
        ],
        charts=[Chart.bars("source", "leads", "qualified", "accepted", "won")],
        temporal=False,
        doc=_("What sources bring: leads, how far they come, and what they cost."),
    ),
    Report(
        name="sales.lead_answers",
        title=_("Answers to offered leads"),
        rows=answer_rows,
        parameters=AnswersParameters,
        defaults={"period": "last 30 days"},
        columns=[
            _KEY,
            Column(name="seller", title=_("Seller")),
            Column(name="offered", title=_("Offered"), kind="integer", total=True),
            Column(name="accepted", title=_("Accepted"), kind="integer", total=True),
            Column(name="rejected", title=_("Rejected"), kind="integer", total=True),
            Column(name="missed", title=_("Not answered in time"), kind="integer", total=True),
            Column(name="answered", title=_("Answered"), kind="integer", total=True),
            Column(
                name="rate",
                title=_("Share accepted"),
                kind="rate",
                successes="accepted",
                trials="answered",
                doc=_("Of the answers, those that accept, with a 95 per cent interval."),
            ),
            Column(
                name="hours",
                title=_("Median hours"),
                kind="number",
                doc=_("Working time from the offer to the answer."),
            ),
        ],
        charts=[Chart.stack("seller", "accepted", "rejected", "missed")],
        temporal=False,
        doc=_("How sales answers the leads that it is offered, and how soon."),
    ),
    Report(
        name="sales.lead_response",
        title=_("Time to the first response"),
        rows=response_rows,
        parameters=ResponseParameters,
        defaults={"period": "last 30 days"},
        columns=[
            _KEY,
            Column(name="group", title=_("Group")),
            Column(name="leads", title=_("Leads"), kind="integer", total=True),
            Column(name="responded", title=_("Responded to"), kind="integer", total=True),
            Column(name="in_time", title=_("In time"), kind="integer", total=True),
            Column(
                name="rate",
                title=_("Share in time"),
                kind="rate",
                successes="in_time",
                trials="leads",
                doc=_("Of the leads, those who heard of us within the hours, with a 95 per cent interval."),
            ),
            Column(
                name="hours",
                title=_("Median hours"),
                kind="number",
                doc=_("From when the lead came in to the first interaction towards the customer."),
            ),
        ],
        charts=[Chart.intervals("group", "rate")],
        temporal=False,
        doc=_("How soon somebody calls or writes after a lead came in."),
    ),
]
