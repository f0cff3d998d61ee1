"""The page of cleaning: what to clean and whom, what that would change row by row, and what was cleaned before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Page, new_id, texts
from crmkit_quality.cleaning.cleaners import CLEANERS, USUAL, chosen
from crmkit_quality.cleaning.finding import Preview, preview
from crmkit_quality.cleaning.models import STATES, Cleaning
from crmkit_quality.scores.fields import title_of

_ = texts("crmkit_quality")

LOOKED_AT = 2000
"""Customers that the page looks at; the command line looks at all."""
ROWS = 50


def cleaning(session: CrmSession, query: Mapping[str, str], language: str = "en") -> Mapping[str, Any]:
    """Return what a cleaning would change, once somebody asks, and the cleanings before."""
    names = [name for name in CLEANERS if query.get(f"c_{name}")] or list(USUAL)
    where = query.get("where", "")
    found: Preview | None = None
    problem = ""
    if query.get("show"):
        try:
            found = preview(session, chosen(names), where, rows=ROWS, limit=LOOKED_AT)
        except CrmkitError as error:
            problem = error.render(language)
    before = session.scalars(select(Cleaning).order_by(Cleaning.created_at.desc(), Cleaning.id.desc()).limit(10)).all()
    return {
        "cleaners": CLEANERS,
        "names": names,
        "where": where,
        "found": found,
        "problem": problem,
        "before": before,
        "states": STATES,
        "field_title": lambda name: _FIELDS.get(name) or title_of(name),
        "may_clean": session.guarding.rights.scope("quality.cleaning", "create") != "none",
        "key": str(new_id()),
    }


_FIELDS = {
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "middle_name": _("Middle name"),
    "salutation": _("Salutation"),
    "occupation": _("Occupation"),
    "industry": _("Industry"),
}

PAGES = [
    Page(
        name="quality.cleaning",
        title=_("Cleaning"),
        path="/cleaning",
        template="quality/cleaning/cleaning.html",
        context=cleaning,
        permission="quality.cleaning.read",
        icon="wand",
        menu=False,
    )
]
