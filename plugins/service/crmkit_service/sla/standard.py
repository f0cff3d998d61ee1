"""What a company that is new to service begins with: a ladder, and policies by what customers are due.

The levels are those of the label ``service_level``: who is a VIP, or of high value, is answered sooner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmkit import texts
from crmkit.i18n import translate
from crmkit_service.sla.models import Policy

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_service")

STEPS = "75% owner; 0 lead; +2h manager repeat 4h x2"
USUAL = """
first_response: urgent 1h, high 2h, normal 8h, low 16h
next_response: urgent 2h, high 4h, normal 8h, low 16h
resolution: urgent 8h, high 16h, normal 40h, low 80h
"""
EXTENDED = """
first_response: urgent 30m, high 1h, normal 4h, low 8h
next_response: urgent 1h, high 2h, normal 4h, low 8h
update: urgent 4h, high 8h
resolution: urgent 6h, high 12h, normal 24h, low 48h
"""
PREMIUM = """
first_response: urgent 15m, high 30m, normal 2h, low 4h
next_response: urgent 30m, high 1h, normal 2h, low 4h
update: urgent 2h, high 4h, normal 8h
resolution: urgent 4h, high 8h, normal 16h, low 32h
"""
COMPLAINTS = """
acknowledgement: 4h
first_response: urgent 1h, high 4h, normal 8h
next_response: urgent 2h, high 8h, normal 16h
update: 24h
resolution: urgent 16h, high 40h, normal 80h
"""
POLICIES: tuple[dict[str, Any], ...] = (
    {
        "name": "premium",
        "title": _("Premium service"),
        "terms": PREMIUM,
        "level": "plan",
        "position": 10,
        "condition": 'label.service_level == "premium"',
    },
    {
        "name": "extended",
        "title": _("Extended service"),
        "terms": EXTENDED,
        "level": "plan",
        "position": 20,
        "condition": 'label.service_level == "extended"',
    },
    {
        "name": "complaints",
        "title": _("Complaints"),
        "terms": COMPLAINTS,
        "level": "priority",
        "types": ("complaint",),
    },
    {"name": "usual", "title": _("Usual service"), "terms": USUAL, "level": "usual"},
)


def plugin_enabled(crm: CRM) -> None:
    """Add a ladder and the first policies in the company's language, where there are none."""
    actor = crm.system("the first service levels")
    with crm.transaction(actor) as session:
        language = crm.config.get(session).language
        if session.scalar(select(Policy.id).limit(1)) is not None:
            return
        title = translate(_("Owner, lead, managers"), language)
        ladder = session.run("service.sla_ladder.create", {"name": "usual", "title": title, "steps": STEPS})
        for each in POLICIES:
            given = {**each, "title": translate(each["title"], language), "ladder_id": ladder.id}
            session.run("service.sla_policy.create", given)
