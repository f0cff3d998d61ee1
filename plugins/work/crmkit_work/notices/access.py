"""Notices are for the eyes of one person: whoever else has the right to read everything does not read them.

Must not know what notices say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam

from crmkit import AccessRule, Actor, Id, texts
from crmkit_work.notices.models import Notice, NoticeChoice, NoticeDelivery, NoticePerson, PersonAddress

_ = texts("crmkit_work")

REASON = _("Notices are seen by the person alone whom they are for.")
_MODELS: dict[str, Any] = {
    "work.notice": Notice,
    "work.notice_choice": NoticeChoice,
    "work.notice_person": NoticePerson,
    "work.person_address": PersonAddress,
    "work.notice_delivery": NoticeDelivery,
}


def others(model: Any) -> Any:
    """Return the condition that a row is somebody else's than whoever acts, who is a parameter of every statement: so
    one compiled statement serves everybody."""
    return model.user_id != bindparam("crmkit_user", type_=Id())


_RULES = {name: [AccessRule(effect="deny", reason=REASON, where=others(model))] for name, model in _MODELS.items()}


def access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule] | None:
    """Deny everybody what is somebody else's. To tell somebody something is no reading of it."""
    return None if action == "create" else _RULES.get(resource)
