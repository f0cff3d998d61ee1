"""The page of improvement actions: what was done, and the library of what worked. Must not change anything; everything
that can be done there is an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, User, texts
from crmkit_experience.actions.measuring import known_from
from crmkit_experience.actions.reading import actions
from crmkit_experience.actions.words import CAUTIONS, METHODS, STATES, VERDICTS
from crmkit_experience.friction.sources import titles_of
from crmkit_experience.friction.words import PARTS

_ = texts("crmkit_experience")

HOME = "/modules/experience/actions"
SHOWN = 100
TONES = {"better": "good", "worse": "bad", "unclear": ""}


def actions_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the actions in a ``state``, with a ``verdict``, or with a text ``q`` in them."""
    rights = session.guarding.rights
    state = query.get("state", "") if query.get("state", "") in STATES else ""
    verdict = query.get("verdict", "") if query.get("verdict", "") in VERDICTS else ""
    search = query.get("q", "")[:200]
    found = actions(session, state=state, verdict=verdict, search=search, limit=SHOWN + 1)
    people = {each.owner_id for each in found if each.owner_id is not None}
    owners = session.scalars(select(User).where(User.id.in_(people))) if people else ()
    return {
        "actions": found[:SHOWN],
        "more": len(found) > SHOWN,
        "owners": {each.id: each.name for each in owners},
        "titles": titles_of(session, [each.step for each in found if each.step]),
        "known_from": {each.id: known_from(session, each) for each in found},
        "state": state,
        "verdict": verdict,
        "search": search,
        "states": STATES,
        "verdicts": VERDICTS,
        "methods": METHODS,
        "cautions": CAUTIONS,
        "parts": PARTS,
        "tones": TONES,
        "may_plan": bool(rights.unrestricted or rights.scope("experience.action", "create") != "none"),
        "may_change": bool(rights.unrestricted or rights.scope("experience.action", "update") != "none"),
        "home": HOME,
    }


PAGES = [
    Page(
        name="experience.actions",
        title=_("Improvements"),
        path="/actions",
        template="experience/actions/actions.html",
        context=actions_page,
        permission="experience.action.read",
        icon="trending-up",
        order=43,
    )
]
