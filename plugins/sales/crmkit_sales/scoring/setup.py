"""The score model that a customer base begins with: an admin changes it, or puts another one in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmkit import texts
from crmkit.i18n import translate
from crmkit_sales.scoring.models import ScoreModel

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_sales")

FIT: tuple[dict[str, Any], ...] = (
    {"words": _("An organisation"), "condition": 'customer.kind == "organization"', "points": 5},
    {"words": _("The line of business is known"), "condition": "has(customer.industry)", "points": 5},
    {"words": _("Has firm intent"), "condition": 'sales.intent == "high"', "points": 15},
    {"words": _("The budget is there"), "condition": 'sales.ability == "yes"', "points": 10},
    {"words": _("Wants it now or this quarter"), "condition": 'sales.timing in ["now", "quarter"]', "points": 10},
)
BEHAVIOUR: tuple[dict[str, Any], ...] = (
    {"words": _("Filled in a form"), "kind": "sales.inquiry", "points": 15, "half_life_days": 14, "cap": 30},
    {"words": _("Met us"), "kind": "meeting", "points": 20, "half_life_days": 30, "cap": 40},
    {"words": _("Wrote an e-mail"), "kind": "email", "direction": "in", "points": 8, "half_life_days": 14, "cap": 24},
    {"words": _("Called us"), "kind": "call", "direction": "in", "points": 10, "half_life_days": 14, "cap": 30},
    {
        "words": _("Used the website"),
        "channel": "web",
        "condition": 'kind != "sales.inquiry"',
        "points": 2,
        "half_life_days": 7,
        "cap": 10,
    },
)


def plugin_enabled(crm: CRM) -> None:
    """Add the standard model and publish it, where nobody has made any."""
    with crm.transaction(crm.system("the first score model")) as session:
        if session.scalar(select(ScoreModel.id).limit(1)) is not None:
            return
        language = crm.business().language
        named: list[list[dict[str, Any]]] = [
            [{**each, "words": translate(each["words"], language)} for each in criteria]
            for criteria in (FIT, BEHAVIOUR)
        ]
        new = {"name": "standard", "title": translate(_("Standard"), language), "fit": named[0], "behaviour": named[1]}
        model = session.run("sales.score_model.create", new)
        session.run("sales.score_model.publish", target=model)
