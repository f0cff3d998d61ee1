"""The page of the overview: how needs get on, who is served, and what promises are due.

Must not change anything, nor compute figures of its own: they are those of the reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Customer, Moment, Page, Period, moment_of, texts
from crmkit.errors import UnknownFact
from crmkit_needs.catalogue.models import Need
from crmkit_needs.overview.coverage import LEAST, covered, told, usual
from crmkit_needs.overview.drawing import bars, square
from crmkit_needs.overview.effect import CAUTION, HELD, NOT_HELD, effects, news_of, table_of
from crmkit_needs.overview.promises import OUTCOMES, Promise, PromiseParameters, promise_rows, promises
from crmkit_needs.overview.reports import BANDS, AgeParameters, SpanParameters, age_rows, decline_rows, throughput_rows
from crmkit_needs.scoring.kano import CATEGORIES
from crmkit_needs.scoring.kano_report import asked

_ = texts("crmkit_needs")

HOME = "/modules/needs/overview"
MONTHS = 12
SHOWN = 20
MOST_POINTS = 200
TELLINGS = 12
"""Of how many days on which customers were told the page looks at what came of it; the report looks at more."""
COURSE = {"opened": _("Opened"), "decided": _("Decided"), "delivered": _("Delivered"), "declined": _("Declined")}
AGES = {**{name: title for name, _end, title in BANDS}, "older": _("Older")}
REPORTS = {
    "needs.priorities": _("Priorities of needs"),
    "needs.age": _("Age of open needs"),
    "needs.throughput": _("Course of needs"),
    "needs.declines": _("Why needs are declined"),
    "needs.coverage": _("Who is served"),
    "needs.promises": _("Promises"),
    "needs.effect": _("What telling changes"),
    "needs.kano": _("Kano's categories of needs"),
}


def overview_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the figures of the last twelve months with their drawings, and the promises that are overdue."""
    moment = moment_of(session)
    today = moment.today
    period = Period(first=_months_ago(today, MONTHS - 1), last=today)
    language = session.actor.language or session.business().language
    ages = age_rows(session, AgeParameters(by="state"), moment)
    course = throughput_rows(session, SpanParameters(period=period), moment)
    whole = ages.totals or (ages.rows[0] if ages.rows else None)
    return {
        "ages": ages.rows,
        "whole": whole,
        "age_titles": AGES,
        "age_chart": bars(ages.rows, "group", list(AGES), stacked=True) if ages.rows else None,
        "course": course.rows,
        "course_titles": COURSE,
        "course_chart": bars(_short(course.rows), "month", list(COURSE)),
        "sums": {name: sum(row[name] for row in course.rows) for name in COURSE},
        "notes": course.notes,
        "declines": decline_rows(session, SpanParameters(period=period), moment).rows,
        "reports": {name: title for name, title in REPORTS.items() if name in session.gate.registry.tables["report"]},
        "home": HOME,
        **_served(session, query, moment, period, language),
    }


def _served(
    session: CrmSession, query: Mapping[str, str], moment: Moment, period: Period, language: str
) -> dict[str, Any]:
    """Return what is known of customers, nothing for who may not see who needs what."""
    rights = session.guarding.rights
    if not (rights.unrestricted or rights.scope("needs.evidence", "read") != "none"):
        return {"sees": False}
    by, wrong = query.get("by", "").strip()[:80] or usual(session), ""
    try:
        groups, small = told(covered(session, by, moment), LEAST)
    except UnknownFact as error:
        groups, small, wrong = [], 0, error.render(language)
    effect = effects(session, most=TELLINGS)
    found = promises(session, moment)
    late = [each for each in found if each.outcome == "overdue"]
    kept = promise_rows(session, PromiseParameters(period=period), moment).rows
    return {
        "sees": True,
        "by": by,
        "wrong": wrong,
        "groups": groups,
        "small": small,
        "least": LEAST,
        "kept": kept,
        "outcomes": OUTCOMES,
        "kept_count": sum(row["kept"] for row in kept),
        "settled": sum(row["settled"] for row in kept),
        "late": len(late),
        "effect": effect,
        "effect_rows": table_of(session, effect).rows,
        "effect_notes": news_of(effect),
        "held": HELD,
        "not_held": NOT_HELD,
        "caution": CAUTION,
        **_kano(session),
        "overdue": _named(session, late[:SHOWN]),
    }


def _named(session: CrmSession, found: list[Promise]) -> list[tuple[Promise, Need, str]]:
    """Return promises with their needs and the names of those to whom they were made, "" for all who ask."""
    needs = {
        each.id: each for each in session.scalars(select(Need).where(Need.id.in_({p.story.need_id for p in found})))
    }
    ids = {each.customer_id for each in found if each.customer_id is not None}
    names = {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    return [(each, needs[each.story.need_id], names.get(each.customer_id, "")) for each in found]


def _kano(session: CrmSession) -> dict[str, Any]:
    """Return the open needs about which Kano's questions were answered, and where they stand by better and worse."""
    found = [each for each in asked(session) if each.kano.better is not None]
    points = [(each.kano.better or 0.0, -(each.kano.worse or 0.0), each) for each in found[:MOST_POINTS]]
    return {"kano": found[:SHOWN], "kano_chart": square(points) if points else None, "categories": CATEGORIES}


def _months_ago(day: date, months: int) -> date:
    """Return the first day of the month so many months before that of a day."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _short(rows: Any) -> list[dict[str, Any]]:
    """Return rows of months by names that stand below a drawing: the month, and with January the year."""
    return [{**row, "month": row["month"] if row["month"].endswith("-01") else row["month"][5:]} for row in rows]


PAGES = [
    Page(
        name="needs.overview",
        title=_("Overview of needs"),
        path="/overview",
        template="needs/overview/overview.html",
        context=overview_page,
        permission="needs.need.read",
        icon="chart-bar",
        order=78,
    )
]
