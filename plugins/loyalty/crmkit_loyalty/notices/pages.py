"""The page of staff for notices: what members of each programme are told of, and whom was told what last.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Customer, Page, texts
from crmkit_loyalty.desk.common import HOME, may, names
from crmkit_loyalty.notices.models import Notice, NoticePolicy
from crmkit_loyalty.notices.operations import SEND
from crmkit_loyalty.notices.words import KINDS, STATES
from crmkit_loyalty.programs.models import Program

_ = texts("crmkit_loyalty")

HERE = "/modules/loyalty/notices"
SHOWN = 100
TONES = {"sent": "good", "refused": "warn", "failed": "bad"}


def notices_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what each programme tells, and the last notices."""
    rows = session.scalars(select(Notice).order_by(Notice.told_at.desc(), Notice.id).limit(SHOWN)).all()
    return {
        "programs": session.scalars(select(Program).order_by(Program.active.desc(), Program.title)).all(),
        "policies": {each.program_id: each for each in session.scalars(select(NoticePolicy))},
        "rows": rows,
        "customers": names(session, Customer, (each.customer_id for each in rows)),
        "can_send": SEND in session.gate.registry.operations,
        "may_manage": may(session, "loyalty.program", "manage"),
        "kinds": KINDS,
        "states": STATES,
        "tones": TONES,
        "here": HERE,
        "home": HOME,
    }


PAGES = [
    Page(
        name="loyalty.notices",
        title=_("Notices to members"),
        path="/notices",
        template="loyalty/notices/notices.html",
        context=notices_page,
        permission="loyalty.notice.read",
        icon="mail",
        order=84,
    )
]
