"""The pages of reviews: the queue, one review beside its conversation, and what came of calibrations. Must not change
anything; everything that can be done there is an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crmkit import CrmSession, NotFound, Page, texts
from crmkit_experience.reviews.comparing import compared
from crmkit_experience.reviews.models import Calibration, Review
from crmkit_experience.reviews.reading import (
    calibrations,
    categories_for,
    checks_of,
    conversation_of,
    names_of,
    queue,
    waiting_count,
)
from crmkit_experience.reviews.words import CHECK_TITLES, METHODS, RISKS, STATES, VERDICTS, WAITING

_ = texts("crmkit_experience")

HOME = "/modules/experience/reviews"
SHOWN = 100
TONES = {"done": "good", "disputed": "warn"}


def reviews_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the reviews in a state that the reader sees, with ``mine`` those the reader is to do."""
    rights = session.guarding.rights
    state = query.get("state", WAITING)
    if state not in (*STATES, "all"):
        state = WAITING
    mine = query.get("mine") == "1" and rights.user_id is not None
    who = rights.user_id if mine else None
    found = queue(session, reviewer_id=who, state="" if state == "all" else state, limit=SHOWN + 1)
    return {
        "reviews": found[:SHOWN],
        "more": len(found) > SHOWN,
        "names": names_of(session, {each.owner_id for each in found} | {each.reviewer_id for each in found}),
        "state": state,
        "states": STATES,
        "methods": METHODS,
        "risks": RISKS,
        "tones": TONES,
        "mine": mine,
        "me": rights.user_id,
        "may_manage": _may(session, "experience.review", "manage"),
        "home": HOME,
    }


def review_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one review beside its conversation. Raises NotFound for one that the reader does not see."""
    review = session.get(Review, _id(query))
    if review is None:
        raise NotFound(_("There is no such review: {id}."), id=query.get("id", ""))
    me = session.guarding.rights.user_id
    return {
        "review": review,
        "categories": categories_for(session, review),
        "turns": conversation_of(session, review.ref),
        "checks": checks_of(session, review.ref),
        "check_titles": CHECK_TITLES,
        "names": names_of(session, {review.owner_id, review.reviewer_id, review.settled_by_id}),
        "states": STATES,
        "tones": TONES,
        "verdicts": VERDICTS,
        "may_score": me is not None and review.reviewer_id == me and review.state in (WAITING, "done"),
        "may_dispute": me is not None and review.owner_id == me and review.state == "done",
        "may_settle": review.state == "disputed"
        and me not in (review.owner_id, review.reviewer_id)
        and _may(session, "experience.review", "settle"),
        "home": HOME,
        "here": f"/modules/experience/review?id={review.id}",
    }


def calibration_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return calibrations, and of the one that was chosen what its raters said side by side."""
    known = calibrations(session)
    chosen = session.get(Calibration, _id(query)) if query.get("id") else None
    rows = compared(session, chosen) if chosen is not None else []
    raters = sorted({who for each in rows for who in each.scores}, key=str)
    return {
        "known": known,
        "chosen": chosen,
        "rows": rows,
        "raters": raters,
        "names": names_of(session, set(raters)),
        "may_manage": _may(session, "experience.calibration", "manage"),
        "home": HOME,
        "here": "/modules/experience/calibrations",
    }


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


def _id(query: Mapping[str, str]) -> UUID:
    try:
        return UUID(query.get("id", ""))
    except ValueError:
        return UUID(int=0)


PAGES = [
    Page(
        name="experience.reviews",
        title=_("Reviews"),
        path="/reviews",
        template="experience/reviews/reviews.html",
        context=reviews_page,
        permission="experience.review.read",
        icon="star",
        badge=waiting_count,
        order=42,
    ),
    Page(
        name="experience.review_one",
        title=_("Review"),
        path="/review",
        template="experience/reviews/review.html",
        context=review_page,
        permission="experience.review.read",
        icon="star",
        menu=False,
    ),
    Page(
        name="experience.calibrations",
        title=_("Calibrations"),
        path="/calibrations",
        template="experience/reviews/calibrations.html",
        context=calibration_page,
        permission="experience.calibration.read",
        icon="adjustments",
        menu=False,
    ),
]
