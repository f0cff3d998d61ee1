"""The page of what a programme brings. Must not change anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, texts
from crmkit_loyalty.desk.common import HOME
from crmkit_loyalty.effect.migrating import NONE, migration_of
from crmkit_loyalty.effect.reading import program_effect, usage_of
from crmkit_loyalty.effect.reports import DAYS, NO_TIER, READ
from crmkit_loyalty.liability.reports import chosen_program
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.programs.money import currency_of

_ = texts("crmkit_loyalty")

PATH = "/modules/loyalty/effect"
SPANS = (30, 60, 90, 180, 365)
YEAR = 365


def effect_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what a programme brings, how it is used, and how its tiers move."""
    programs = session.scalars(select(Program).order_by(Program.active.desc(), Program.created_at, Program.id)).all()
    names = {each.name for each in programs}
    program = chosen_program(session, query.get("program", "") if query.get("program") in names else "")
    days = _number(query.get("days", ""), SPANS, DAYS)
    margin = _number(query.get("margin", ""), range(101), 0)
    last = _day(query.get("last", "")) or session.today()
    first = _day(query.get("first", "")) or last - timedelta(days=YEAR)
    moved = migration_of(session, program, first, last) if program is not None else None
    return {
        "programs": programs,
        "program": program,
        "days": days,
        "spans": SPANS,
        "margin": margin,
        "first": first,
        "last": last,
        "found": program_effect(session, program, days, margin) if program is not None else None,
        "usage": usage_of(session, program, first, last) if program is not None else None,
        "moved": moved if moved is not None and len(moved.tiers) > 1 else None,
        "tier_heads": [(moved.titles[each], "right") for each in moved.tiers if each != NONE] if moved else [],
        "no_tier": NO_TIER,
        "currency": currency_of(session),
        "path": PATH,
        "home": HOME,
    }


def _number(text: str, known: Any, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and int(text) in known else otherwise


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


PAGES = [
    Page(
        name="loyalty.effect",
        title=_("What the programme brings"),
        path="/effect",
        template="loyalty/effect/effect.html",
        context=effect_page,
        permission=READ,
        icon="trending-up",
        order=88,
    )
]
