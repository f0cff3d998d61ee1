"""What spared a case: visitors of forms who were shown something, and sent nothing within an hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import frozen
from sqlalchemy import case, func, select

from crmkit import Chart, Column, CrmSession, Moment, Report, Table, texts
from crmkit_service.channels.models import Deflection, ServiceChannel
from crmkit_service.measures.grouping import PeriodField
from crmkit_service.measures.reading import span
from crmkit_service.measures.reports import KEY, LAST, PERMISSION

_ = texts("crmkit_service")

WITHIN = timedelta(hours=1)
"""Who has sent nothing for so long sends nothing any more."""


@frozen(kw_only=True)
class DeflectionParameters:
    """Over which days."""

    period: PeriodField


def deflection_rows(session: CrmSession, parameters: DeflectionParameters, moment: Moment) -> Table:
    """Return, for each form, the visits that began within a period and an hour ago at the latest, and how many of them
    ended without the form being sent."""
    first, last = span(session, parameters.period)
    shown = func.min(case((Deflection.what == "shown", Deflection.at)))
    visits = (
        select(
            Deflection.channel_id,
            Deflection.visit,
            func.max(case((Deflection.what == "sent", 1), else_=0)).label("sent"),
        )
        .where(Deflection.at >= first, Deflection.at <= moment.as_of, Deflection.recorded_at <= moment.known_at)
        .group_by(Deflection.channel_id, Deflection.visit)
        .having(shown >= first, shown < last, shown <= moment.as_of - WITHIN)
        .subquery()
    )
    query = (
        select(visits.c.channel_id, func.count(), func.sum(visits.c.sent))
        .group_by(visits.c.channel_id)
        .order_by(func.count().desc(), visits.c.channel_id)
    )
    titles = {each.id: each.title for each in session.scalars(select(ServiceChannel))}
    rows: list[Mapping[str, object]] = [
        {
            "key": str(channel_id),
            "group": titles.get(channel_id, str(channel_id)),
            "shown": count,
            "sent": sent,
            "spared": count - sent,
            "rate": None,
        }
        for channel_id, count, sent in session.execute(query)
    ]
    return Table(rows=rows)


REPORTS = [
    Report(
        name="service.deflection",
        title=_("Cases that were spared"),
        rows=deflection_rows,
        parameters=DeflectionParameters,
        defaults=LAST,
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="group", title=_("Form")),
            Column(
                name="shown",
                title=_("Were shown something"),
                kind="integer",
                total=True,
                doc=_("Visits to a form in which something was shown that may answer what the visitor asks."),
            ),
            Column(name="sent", title=_("Sent the form all the same"), kind="integer", total=True),
            Column(name="spared", title=_("Sent nothing"), kind="integer", total=True),
            Column(
                name="rate",
                title=_("Share spared"),
                kind="rate",
                successes="spared",
                trials="shown",
                doc=_(
                    "At most: who sends nothing may also have given up, or have called. With a 95 per cent interval."
                ),
            ),
        ],
        charts=[Chart.intervals("group", "rate")],
        doc=_("How often visitors of a form found what they needed before they sent it."),
    )
]
