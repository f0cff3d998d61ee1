"""The page of what points will cost. Must not change anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, texts
from crmkit_loyalty.desk.common import HOME, may
from crmkit_loyalty.desk.drawing import bars
from crmkit_loyalty.ledger.words import KINDS, SIDES
from crmkit_loyalty.liability.models import LiabilityClosing
from crmkit_loyalty.liability.operations import CLOSE
from crmkit_loyalty.liability.reports import READ, chosen_program, owed_by
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.programs.money import currency_of

_ = texts("crmkit_loyalty")

PATH = "/modules/loyalty/liability"
SERIES = [_("Redeemed"), _("Expired"), _("Taken back"), _("Left")]
LAST = 12
"""Closings that are shown."""


def liability_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what the points of a programme will cost, as of the days that are asked for."""
    programs = session.scalars(select(Program).order_by(Program.active.desc(), Program.created_at, Program.id)).all()
    names = {each.name for each in programs}
    program = chosen_program(session, query.get("program", "") if query.get("program") in names else "")
    first, last = _day(query.get("first", "")), _day(query.get("last", ""))
    found = owed_by(session, program, first, last) if program is not None else []
    closings = (
        session.scalars(
            select(LiabilityClosing)
            .where(LiabilityClosing.program_id == program.id)
            .order_by(LiabilityClosing.day.desc(), LiabilityClosing.id)
            .limit(LAST)
        ).all()
        if program is not None
        else []
    )
    return {
        "programs": programs,
        "program": program,
        "first": first,
        "last": last,
        "found": [
            {
                "owed": each,
                "chart": bars(
                    [(row.quarter, [row.redeemed, row.expired, row.taken_back, row.left]) for row in each.cost.cohorts]
                ),
            }
            for each in found
        ],
        "titles": {each.moved.kind.id: each.moved.kind.title for each in found},
        "series": SERIES,
        "kinds": KINDS,
        "sides": SIDES,
        "closings": closings,
        "may_close": may(session, "loyalty.liability", "close"),
        "close": f"/operations/{CLOSE}",
        "currency": currency_of(session),
        "path": PATH,
        "home": HOME,
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


PAGES = [
    Page(
        name="loyalty.liability",
        title=_("What points will cost"),
        path="/liability",
        template="loyalty/liability/liability.html",
        context=liability_page,
        permission=READ,
        icon="coin",
        order=87,
    )
]
