"""The code in the subject of mails about a case: by it an answer finds its case where a mail program lost the thread.

The number of a case alone is no proof of anything, as anybody can guess it; so a code stands beside it that nobody can
make without the installation's keys.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, same
from crmkit_service.cases.models import Case

PURPOSE = "service case"
"""What the codes are made for."""
LENGTH = 8
"""Signs of a code: 40 bits."""
_CODE = re.compile(r"\[#(\d{1,9})-([a-z2-7]{8})\]", re.IGNORECASE)
_MARKS = re.compile(
    r"^\s*(?:(?:re|aw|fw|fwd|wg|sv|vs|antw|答复|答覆|回复|回覆|转发|轉寄|轉發)\s*(?:\[\d{1,4}\])?\s*[:：]\s*){1,20}",
    re.IGNORECASE,
)


def code_of(session: CrmSession, case: Case) -> str:
    """Return the code of a case as it stands in subjects, such as ``[#1042-k7qx2m3a]``."""
    codes = session.crm.vault.codes(PURPOSE)
    return f"[#{case.number}-{_written(codes.versions[codes.version], case)}]"


def case_by_code(session: CrmSession, subject: str) -> Case | None:
    """Return the case whose code stands in a subject, or None: codes of replaced keys hold on."""
    codes = session.crm.vault.codes(PURPOSE)
    for number, said in _CODE.findall(subject)[:5]:
        case = session.scalar(select(Case).where(Case.number == int(number)))
        if case is None:
            continue
        if any(same(_written(make, case).encode(), said.lower().encode()) for make in codes.versions.values()):
            return case
    return None


def plain_subject(subject: str) -> str:
    """Return a subject without codes and without marks of answering and forwarding."""
    return " ".join(_MARKS.sub("", _CODE.sub(" ", subject)).split())


def _written(make: Any, case: Case) -> str:
    return base64.b32encode(make(case.id.bytes))[:LENGTH].decode().lower()
