"""The public board: what is asked for, what becomes of it, voting by one's own link, and suggesting.

Who has asked is never shown, nor what they said. Opening the page does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import Actor, Conflict, CrmSession, InvalidInput, NotFound, PublicPage, Visit, texts
from crmkit_needs.board.models import BoardPolicy
from crmkit_needs.board.operations import PAGE, counts_of, policy_of
from crmkit_needs.catalogue.history import problem
from crmkit_needs.catalogue.models import Evidence, Need
from crmkit_needs.catalogue.words import STATES

_ = texts("crmkit_needs")

TRAP = "website"
"""A field that people do not see: what fills it in is a machine."""
ORDER = ("in_progress", "planned", "accepted", "under_review", "new", "delivered", "declined")
MOST = 300


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what stands on the board by state, with how many need it."""
    policy = _policy(session, visit)
    # A visitor sees no customers, and so cannot count them.
    with session.crm.session(Actor.system("counting votes of the board")) as whole:
        counts = counts_of(whole, policy.counting)
    needs = session.scalars(select(Need).where(Need.on_board, Need.merged_into_id.is_(None)).limit(MOST)).all()
    voted: set[UUID] = set()
    if visit.customer_id is not None:
        query = (
            select(Need.root_id)
            .join(Evidence, Evidence.need_id == Need.id)
            .where(Evidence.customer_id == visit.customer_id)
        )
        voted = set(session.scalars(query))
    groups = []
    for state in ORDER:
        found = [each for each in needs if each.state == state]
        found.sort(key=lambda each: (-counts.get(each.id, 0), each.number))
        if found:
            rows = [
                {
                    "id": str(each.id),
                    "title": each.public_title or "",
                    "said": each.public_text or "",
                    "count": counts.get(each.id, 0),
                    "voted": each.id in voted,
                }
                for each in found
            ]
            groups.append({"state": STATES[state], "rows": rows, "open": state not in ("delivered", "declined")})
    return {
        "heading": policy.title,
        "groups": groups,
        "votes": visit.customer_id is not None,
        "suggests": policy.suggestions,
        "trap": TRAP,
    }


def submit(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Keep a vote or a suggestion. Raises InvalidInput for what cannot be."""
    _policy(session, visit)
    said = {name: found[0] for name, found in values.items() if found}
    if said.get(TRAP):
        return
    try:
        if said.get("vote"):
            if visit.customer_id is None:
                raise problem("vote", _("One votes by one's own link."))
            session.run("needs.board.vote", {"customer_id": visit.customer_id}, target=_need(session, said["vote"]))
        else:
            title, description = said.get("title", "").strip(), said.get("description", "").strip()
            if not title or len(title) > 200 or len(description) > 4000:
                raise problem("title", _("Say in a few words what is missing."))
            given = {"title": title, "description": description, "customer_id": visit.customer_id}
            session.run("needs.board.suggest", given)
    except Conflict as error:
        raise InvalidInput(list(error.problems)) from None


def _need(session: CrmSession, said: str) -> Need:
    try:
        found = session.get(Need, UUID(said))
    except ValueError:
        found = None
    if found is None or not found.on_board:
        raise problem("vote", _("One cannot vote for this."))
    return found


def _policy(session: CrmSession, visit: Visit) -> BoardPolicy:
    """Return how the board is set up. Raises NotFound while it is off, and for an address before the last one."""
    policy = policy_of(session)
    if not policy.active or (visit.customer_id is None and policy.link_id != visit.link_id):
        raise NotFound(_("There is no such page."))
    return policy


PUBLIC_PAGES = [
    PublicPage(
        name=PAGE,
        title=_("What you ask for"),
        template="needs/board/board.html",
        show=show,
        submit=submit,
        rights=(
            "customer.read",
            "needs.board.read",
            "needs.board.suggest",
            "needs.board.vote",
            "needs.evidence.create",
            "needs.evidence.read",
            "needs.need.create",
            "needs.need.read",
        ),
        expires=730,
        throttle=60,
    )
]
