"""What a company that is new to service begins with: the three types of case, and causes of complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmkit import texts
from crmkit.i18n import translate
from crmkit_service.cases.complaint_models import ROOT_CAUSES
from crmkit_service.cases.models import CaseType
from crmkit_service.cases.words import KINDS

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_service")

TYPES: tuple[dict[str, Any], ...] = (
    {"kind": "consultation", "usual": True, "follow_up_days": 7, "close_days": 7},
    {
        "kind": "complaint",
        "default_priority": "high",
        "follow_up_days": 30,
        "close_days": 30,
        "required": ("answer", "complaint.root_cause", "complaint.upheld"),
    },
    {"kind": "support", "follow_up_days": 14, "close_days": 14},
)
"""The first types: named as their kind."""
CAUSES: tuple[tuple[str, str], ...] = (
    ("product_defect", _("Defect of the product")),
    ("delivery", _("Delivery")),
    ("service", _("Service and manners")),
    ("price", _("Price and billing")),
    ("information", _("Wrong or missing information")),
    ("process", _("Our own process")),
    ("misuse", _("Wrong use")),
    ("other", _("Something else")),
)
"""The first causes of complaints, with titles."""


def plugin_enabled(crm: CRM) -> None:
    """Add the three types and the causes of complaints in the company's language, where there are none."""
    actor = crm.system("the first types of case")
    with crm.transaction(actor) as session:
        language = crm.config.get(session).language
        if session.scalar(select(CaseType.id).limit(1)) is None:
            for each in TYPES:
                title = translate(KINDS[each["kind"]], language)
                session.run("service.case_type.create", {"name": each["kind"], "title": title, **each})
        if not crm.config.get(session).options.get(ROOT_CAUSES):
            for place, (value, title) in enumerate(CAUSES, 1):
                option = {"list_name": ROOT_CAUSES, "value": value, "title": translate(title, language)}
                session.run("option.add", {**option, "position": place})
