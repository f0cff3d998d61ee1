"""The page of keeping and winning back: activity by the own gap, plans, what they have brought, what is under way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Customer, Page, frame, texts
from crmkit_lifecycle.winning.facts import LEAST_DAYS, USUAL_DAYS
from crmkit_lifecycle.winning.measuring import LEAST, effects
from crmkit_lifecycle.winning.models import ActivityPolicy, Attempt, CarePlan
from crmkit_lifecycle.winning.words import ARMS, PURPOSES, STATES
from crmkit_lifecycle.words import ACTIVITIES

_ = texts("crmkit_lifecycle")

HOME = "/modules/lifecycle/keeping"
SHOWN = 50
TONES = {"won": "good", "failed": "bad", "open": "info", "stopped": "warn"}


def keeping_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return how active customers are, the plans with what they have brought, and what is under way."""
    attempts = session.scalars(
        select(Attempt).order_by(Attempt.ended_at.is_(None).desc(), Attempt.began_at.desc(), Attempt.id).limit(SHOWN)
    ).all()
    ids = {each.customer_id for each in attempts}
    policy = session.scalars(select(ActivityPolicy).order_by(ActivityPolicy.since.desc()).limit(1)).first()
    rights = session.guarding.rights
    found = effects(session)
    return {
        "activity": activity_counts(session),
        "activities": ACTIVITIES,
        "policy": policy,
        "usual": (USUAL_DAYS, LEAST_DAYS),
        "effects": found,
        "least": LEAST,
        "scale": _scale(found),
        "attempts": attempts,
        "plans": {each.id: each for each in session.scalars(select(CarePlan))},
        "names": {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))},
        "purposes": PURPOSES,
        "states": STATES,
        "arms": ARMS,
        "tones": TONES,
        "may_manage": bool(rights.unrestricted or rights.scope("lifecycle.winback", "manage") != "none"),
        "may_run": bool(rights.unrestricted or rights.scope("lifecycle.winback", "run") != "none"),
        "home": HOME,
    }


def activity_counts(session: CrmSession) -> dict[str, int]:
    """Return how many customers whom the reader sees are how active."""
    found = Counter(row[1] for row in frame(session, ["lifecycle.activity"]).rows())
    return {name: found[name] for name in ACTIVITIES}


def _scale(found: Any) -> list[tuple[Any, list[tuple[str, float, float, float, float]]]]:
    """Return for each plan whose groups are known where their shares stand, on a line of 420."""

    def at(value: float) -> float:
        return round(120 + 420 * value, 1)

    return [
        (
            each,
            [
                (name, at(group.share), at(group.low), at(group.high), group.share)
                for name, group in (("treated", each.treated), ("control", each.control))
                if group.share is not None
            ],
        )
        for each in found
        if each.treated.customers or each.control.customers
    ]


PAGES = [
    Page(
        name="lifecycle.keeping",
        title=_("Keep and win back"),
        path="/keeping",
        template="lifecycle/winning/keeping.html",
        context=keeping_page,
        permission="lifecycle.winback.read",
        icon="heart",
        order=63,
    )
]
