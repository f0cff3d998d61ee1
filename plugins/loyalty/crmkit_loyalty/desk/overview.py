"""The overview of loyalty: every programme with its members, points and tiers, and what came and went by month.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, texts
from crmkit_loyalty.desk.common import HOME, PROGRAMME, REDEMPTIONS, may
from crmkit_loyalty.desk.drawing import bars
from crmkit_loyalty.desk.figures import flows, members_of, open_redemptions, outstanding, tier_counts
from crmkit_loyalty.programs.finding import types_of
from crmkit_loyalty.programs.models import Program

_ = texts("crmkit_loyalty")

SERIES = {
    "issued": _("Given out"),
    "spent": _("Spent"),
    "expired": _("Expired"),
    "back": _("Taken back"),
}
LIABILITY = "/modules/loyalty/liability"
EFFECT = "/modules/loyalty/effect"
SOON = timedelta(days=90)


def overview_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return all programmes with their figures, and the course of the one that is chosen: the first unless said."""
    programs = session.scalars(select(Program).order_by(Program.active.desc(), Program.title, Program.name)).all()
    chosen = next((each for each in programs if each.name == query.get("program")), None)
    if chosen is None and programs:
        chosen = programs[0]
    return {
        "programs": [_row(session, each) for each in programs],
        "chosen": chosen,
        "course": _course(session, chosen) if chosen is not None else [],
        "tiers": tier_counts(session, chosen) if chosen is not None else [],
        "series": SERIES,
        "waiting": open_redemptions(session),
        "reports": _reports(session),
        "may_manage": may(session, "loyalty.program", "manage"),
        "may_join": may(session, "loyalty.member", "create"),
        "home": HOME,
        "programme": PROGRAMME,
        "redemptions": REDEMPTIONS,
        "effect": EFFECT if may(session, "loyalty.effect", "read") else None,
        "liability": LIABILITY if may(session, "loyalty.liability", "read") else None,
    }


def _row(session: CrmSession, program: Program) -> dict[str, Any]:
    soon = session.gate.clock.business_now() + SOON
    return {
        "program": program,
        "members": members_of(session, program),
        "kinds": outstanding(session, types_of(session, program.id), soon),
    }


def _course(session: CrmSession, program: Program) -> list[dict[str, Any]]:
    """Return for each kind of points its months and their drawing."""
    zone = session.business().zone
    course: list[dict[str, Any]] = []
    for kind in types_of(session, program.id):
        months = flows(session, kind, session.today(), zone)
        rows = [(_short(each.month), [each.issued, each.spent, each.expired, each.back]) for each in months]
        course.append({"kind": kind, "months": months, "chart": bars(rows)})
    return course


def _short(month: str) -> str:
    """Return what stands below a drawing: the month, and with January the year."""
    return month if month.endswith("-01") else month[5:]


def _reports(session: CrmSession) -> dict[str, str]:
    """Return the reports about loyalty that there are, by name."""
    if not may(session, "report", "read"):
        return {}
    known: Mapping[str, Any] = session.gate.registry.tables["report"]
    return {name: each.title for name, each in sorted(known.items()) if name.startswith("loyalty.")}


PAGES = [
    Page(
        name="loyalty.overview",
        title=_("Loyalty"),
        path="/overview",
        template="loyalty/desk/overview.html",
        context=overview_page,
        permission="loyalty.program.read",
        icon="award",
        order=80,
    )
]
