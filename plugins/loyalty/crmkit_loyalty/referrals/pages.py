"""The pages of staff: who invited whom and how that went, and one referral with its history.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Page, texts
from crmkit_loyalty.desk.common import HOME, MEMBER, found, may, names
from crmkit_loyalty.programs.models import Member, PointType, Program
from crmkit_loyalty.referrals.models import Referral, ReferralChange, ReferralPolicy
from crmkit_loyalty.referrals.words import LIVE, REASONS, STATES

_ = texts("crmkit_loyalty")

LIST, ONE = "/modules/loyalty/referrals", "/modules/loyalty/referral"
SHOWN = 100
ANY = "all"
TONES = {"open": "info", "qualified": "warn", "rewarded": "good", "cancelled": "bad", "refused": "bad"}


def list_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the referrals in a state, the latest first, and what inviting brings in each programme."""
    said = query.get("state", "")
    state = said if said in STATES else ANY
    wanted = select(Referral)
    if state != ANY:
        wanted = wanted.where(Referral.state == state)
    rows = session.scalars(wanted.order_by(Referral.entered_at.desc(), Referral.id).limit(SHOWN + 1)).all()
    counts = session.execute(select(Referral.state, func.count()).group_by(Referral.state)).all()
    policies = session.scalars(select(ReferralPolicy)).all()
    return {
        "rows": rows[:SHOWN],
        "more": len(rows) > SHOWN,
        "referrers": _referrers(session, rows),
        "customers": names(session, Customer, (each.customer_id for each in rows)),
        "counts": {row[0]: row[1] for row in counts},
        "state": state,
        "any": ANY,
        "policies": {each.program_id: each for each in policies},
        "names": {each.id: each.name for each in session.scalars(select(PointType))},
        "units": {each.id: each.title for each in session.scalars(select(PointType))},
        "programs": session.scalars(select(Program).order_by(Program.active.desc(), Program.title)).all(),
        "may_manage": may(session, "loyalty.program", "manage"),
        "may_enter": may(session, "loyalty.referral", "create"),
        "path": LIST,
        "one": ONE,
        "here": LIST if state == ANY else f"{LIST}?state={state}",
        "home": HOME,
        "states": STATES,
        "reasons": REASONS,
        "tones": TONES,
    }


def one_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a referral with everything that became of it. Raises NotFound."""
    referral = found(session, Referral, query.get("id", ""))
    changes = select(ReferralChange).where(ReferralChange.referral_id == referral.id)
    return {
        "referral": referral,
        "program": session.get_one(Program, referral.program_id),
        "referrer": _referrers(session, [referral]).get(referral.referrer_id),
        "customers": names(session, Customer, [referral.customer_id]),
        "changes": session.scalars(changes.order_by(ReferralChange.at, ReferralChange.id)).all(),
        "may_cancel": may(session, "loyalty.referral", "update") and referral.state in ("entered", *LIVE),
        "member_path": MEMBER,
        "list": LIST,
        "here": f"{ONE}?id={referral.id}",
        "states": STATES,
        "reasons": REASONS,
        "tones": TONES,
    }


def _referrers(session: CrmSession, rows: Iterable[Referral]) -> dict[UUID | None, tuple[UUID, str]]:
    """Return the members who invited, each with the customer and the name, of those whom the reader sees."""
    ids = {each.referrer_id for each in rows if each.referrer_id is not None}
    members = session.scalars(select(Member).where(Member.id.in_(ids))).all() if ids else []
    known = names(session, Customer, (each.customer_id for each in members))
    return {each.id: (each.customer_id, known.get(each.customer_id, "–")) for each in members}


PAGES = [
    Page(
        name="loyalty.referrals",
        title=_("Referrals"),
        path="/referrals",
        template="loyalty/referrals/list.html",
        context=list_page,
        permission="loyalty.referral.read",
        icon="user-plus",
        order=83,
    ),
    Page(
        name="loyalty.referral",
        title=_("Referral"),
        path="/referral",
        template="loyalty/referrals/one.html",
        context=one_page,
        permission="loyalty.referral.read",
        menu=False,
    ),
]
