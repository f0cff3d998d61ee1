"""The page of profiles: what the values of customers look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit import CrmkitError, CrmSession, Page, texts
from crmkit_quality.profiling.reading import SMALLEST, SUSPICIONS, Profiled, profile_customers

_ = texts("crmkit_quality")


def profile(session: CrmSession, query: Mapping[str, str], language: str = "en") -> Mapping[str, Any]:
    """Return the profiles of the fields of customers, once somebody asks: all of them have to be read for that."""
    where = query.get("where", "")
    found: tuple[Profiled, ...] = ()
    problem = ""
    if query.get("show"):
        try:
            found = profile_customers(session, where)
        except CrmkitError as error:
            problem = error.render(language)
    return {"found": found, "where": where, "problem": problem, "suspicions": SUSPICIONS, "smallest": SMALLEST}


PAGES = [
    Page(
        name="quality.profile",
        title=_("Profile"),
        path="/profile",
        template="quality/profiling/profile.html",
        context=profile,
        permission="quality.score.read",
        icon="chart-bar",
        menu=False,
    )
]
