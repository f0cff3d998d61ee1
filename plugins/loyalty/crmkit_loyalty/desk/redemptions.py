"""The redemption desk: what was ordered and waits to be sent, what is on its way, and what has arrived.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Page, texts
from crmkit_loyalty.desk.common import HOME, MEMBER, REDEMPTIONS, TONES, may, names
from crmkit_loyalty.desk.figures import open_redemptions
from crmkit_loyalty.programs.models import Member, Program
from crmkit_loyalty.rewards.models import Redemption, Reward
from crmkit_loyalty.rewards.words import KINDS, MOVES, STATES

_ = texts("crmkit_loyalty")

SHOWN = 100
ANY = "all"


def redemptions_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the redemptions in a state, those that wait to be sent unless said otherwise: of open ones the oldest
    first, of others the latest."""
    said = query.get("state", "")
    state = said if said in (*STATES, ANY) else "ordered"
    programs = session.scalars(select(Program).order_by(Program.title)).all()
    program = next((each for each in programs if each.name == query.get("program")), None)
    wanted = select(Redemption, Reward).join(Reward, Reward.id == Redemption.reward_id)
    if state != ANY:
        wanted = wanted.where(Redemption.state == state)
    if program is not None:
        wanted = wanted.where(Reward.program_id == program.id)
    oldest = state in ("ordered", "shipped")
    order = Redemption.number if oldest else Redemption.number.desc()
    rows = session.execute(wanted.order_by(order).limit(SHOWN + 1)).all()
    shown = rows[:SHOWN]
    return {
        "rows": shown,
        "more": len(rows) > SHOWN,
        "customers": names(session, Customer, (redemption.customer_id for redemption, _reward in shown)),
        "members": _members(session, shown),
        "counts": _counts(session, program),
        "state": state,
        "any": ANY,
        "programs": programs,
        "program": program,
        "states": STATES,
        "kinds": KINDS,
        "moves": MOVES,
        "tones": TONES,
        "may_send": may(session, "loyalty.redemption", "update"),
        "may_use": may(session, "loyalty.voucher", "use"),
        "here": f"{REDEMPTIONS}?state={state}" + (f"&program={program.name}" if program is not None else ""),
        "path": REDEMPTIONS,
        "member_path": MEMBER,
        "home": HOME,
    }


def _members(session: CrmSession, rows: Any) -> dict[Any, Any]:
    """Return the members by customer and programme, for the links to their pages."""
    ids = {redemption.customer_id for redemption, _reward in rows}
    query = select(Member).where(Member.customer_id.in_(ids)).order_by(Member.joined_at.desc())
    return {(each.customer_id, each.program_id): each.id for each in session.scalars(query)}


def _counts(session: CrmSession, program: Program | None) -> dict[str, int]:
    query = select(Redemption.state, func.count()).join(Reward, Reward.id == Redemption.reward_id)
    if program is not None:
        query = query.where(Reward.program_id == program.id)
    return {row[0]: int(row[1]) for row in session.execute(query.group_by(Redemption.state))}


PAGES = [
    Page(
        name="loyalty.redemptions",
        title=_("Redemption desk"),
        path="/redemptions",
        template="loyalty/desk/redemptions.html",
        context=redemptions_page,
        permission="loyalty.redemption.read",
        icon="package",
        order=81,
        badge=open_redemptions,
    )
]
