"""What the page of a case as a record says beside its fields: what was said last, and what it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from crmkit import CardLine, CrmSession, RecordPanel, texts
from crmkit_service.cases.history import path_of
from crmkit_service.cases.models import Case
from crmkit_service.cases.talking import thread_of
from crmkit_service.cases.words import DIRECTIONS

_ = texts("crmkit_service")

SHOWN = 12
LENGTH = 160
_ICONS = {"in": "message", "out": "send", "internal": "note"}


def panels(session: CrmSession, case: Case) -> Sequence[RecordPanel]:
    """Return what stands beside the fields of a case."""
    return [_said(session, case), *_related(session, case)]


def _said(session: CrmSession, case: Case) -> RecordPanel:
    lines = [
        CardLine(
            title=_short(each.body) or DIRECTIONS[each.message.direction],
            hint=DIRECTIONS[each.message.direction],
            at=each.message.at,
            path=path_of(case),
            icon=_ICONS[each.message.direction],
        )
        for each in thread_of(session, case)[-SHOWN:]
    ]
    return RecordPanel(title=_("What was said"), lines=lines, empty=_("Nothing was said yet."), icon="message")


def _related(session: CrmSession, case: Case) -> list[RecordPanel]:
    up = {
        case.parent_id: _("Part of"),
        case.problem_id: _("Problem behind it"),
        case.follows_id: _("Continues"),
        case.merged_into_id: _("Merged into"),
    }
    up.pop(None, None)
    query = select(Case).where(
        or_(
            Case.id.in_([each for each in up if each is not None]),
            Case.parent_id == case.id,
            Case.problem_id == case.id,
            Case.follows_id == case.id,
            Case.merged_into_id == case.id,
        )
    )
    lines = [
        CardLine(
            title=f"{each.number} · {each.subject}",
            hint=up.get(each.id) or _role(each, case),
            path=path_of(each),
            icon="link",
        )
        for each in session.scalars(query.order_by(Case.number).limit(SHOWN))
    ]
    return [RecordPanel(title=_("Linked cases"), lines=lines, icon="link")] if lines else []


def _role(other: Case, case: Case) -> str:
    if other.parent_id == case.id:
        return _("Part")
    if other.problem_id == case.id:
        return _("Incident")
    return _("Continued by") if other.follows_id == case.id else _("Merged")


def _short(body: object) -> str:
    """Return the beginning of a text; of one that the reader may not see nothing."""
    if type(body) is not str:
        return ""
    words = " ".join(body.split())
    return words if len(words) <= LENGTH else f"{words[: LENGTH - 1]}…"
