"""What ``crmkit doctor`` asks the plugin."""

from __future__ import annotations

from crmkit import Check, CrmSession, Finding, texts
from sqlalchemy import func, select

from crmkit_warranty.models import Warranty

_ = texts("crmkit_warranty")


def serials_are_unique(session: CrmSession) -> list[Finding]:
    """Find serial numbers that differ in case alone, which are mostly the same thing registered twice."""
    folded = func.lower(Warranty.serial)
    groups = select(folded).group_by(folded).having(func.count() > 1).subquery()
    twice = session.scalar(select(func.count()).select_from(groups)) or 0
    if twice:
        return [
            Finding(
                level="warning",
                code="WTY201",
                message=_("{number} serial numbers are registered in different spellings."),
                hint=_("Close the one that is wrong."),
                values={"number": twice},
            )
        ]
    return [Finding(level="ok", code="WTY200", message=_("Serial numbers are unique."))]


CHECKS = [Check(name="warranty.serials", title=_("Serial numbers are unique"), run=serials_are_unique)]
