"""The pages of approvals: what waits for whoever looks, what they asked for, and each request with its log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, NotFound, Page, texts
from crmkit_work.approvals.models import ApprovalChain
from crmkit_work.approvals.reading import request_of, requests_of, waiting_count
from crmkit_work.approvals.words import ACTIONS, NEEDS, STATES
from crmkit_work.notices.reading import path_of as page_of

_ = texts("crmkit_work")

HOME = "/modules/work/approvals"
TONES = {
    "open": "info",
    "approved": "good",
    "rejected": "bad",
    "expired": "warn",
    "run": "good",
    "failed": "bad",
}


def approvals(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the requests that wait for whoever looks, and their own."""
    rights = session.guarding.rights
    whole = rights.scope("work.approval", "read") == "all"
    return {
        "waiting": requests_of(session),
        "mine": requests_of(session, which="mine", limit=50),
        "others": requests_of(session, which="all", limit=100) if whole and query.get("show") == "all" else [],
        "may_see_all": whole,
        "chains": session.scalars(select(ApprovalChain).order_by(ApprovalChain.name)).all(),
        "may_manage": rights.scope("work.approval_chain", "manage") != "none",
        "states": STATES,
        "tones": TONES,
        "home": HOME,
    }


def approval(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one request. Raises NotFound."""
    try:
        found = request_of(session, UUID(query.get("id", "")))
    except ValueError:
        raise NotFound(_("There is no such request.")) from None
    result = found.result if found.state == "run" else None
    return {
        "asked": found,
        "result_path": page_of(session, None, result) if result else "",
        "target_path": page_of(session, None, found.target),
        "states": STATES,
        "tones": TONES,
        "actions": ACTIONS,
        "needs": NEEDS,
        "home": HOME,
        "here": f"/modules/work/approval?id={found.id}",
    }


PAGES = [
    Page(
        name="work.approvals",
        title=_("Approvals"),
        path="/approvals",
        template="work/approvals/approvals.html",
        context=approvals,
        permission="work.approval.request",
        icon="square-check",
        badge=waiting_count,
        order=35,
    ),
    Page(
        name="work.approval",
        title=_("Approval"),
        path="/approval",
        template="work/approvals/approval.html",
        context=approval,
        permission="work.approval.request",
        icon="square-check",
        menu=False,
    ),
]
