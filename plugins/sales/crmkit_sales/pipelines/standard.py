"""What a company that is new to sales begins with: the standard pipeline, and reasons for winning and losing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crmkit import texts
from crmkit.i18n import translate
from crmkit_sales.pipelines.pipeline_models import ClosingReason, Pipeline
from crmkit_sales.pipelines.stages import LOST, STANDARD_NAME, STANDARD_TITLE, WON

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_sales")

REASONS = (
    (LOST, "price", _("Price")),
    (LOST, "competitor", _("A competitor")),
    (LOST, "no_budget", _("No budget")),
    (LOST, "no_decision", _("No decision")),
    (LOST, "no_fit", _("Does not fit the need")),
    (WON, "best_offer", _("Best offer")),
    (WON, "relationship", _("Good relations")),
)
"""The first reasons: their kind, name and title."""


def plugin_enabled(crm: CRM) -> None:
    """Add the standard pipeline and the first reasons in the company's language, where there are none."""
    actor = crm.system("the standard pipeline")
    with crm.transaction(actor) as session:
        language = crm.config.get(session).language
        if session.scalar(select(Pipeline.id).limit(1)) is None:
            title = translate(STANDARD_TITLE, language)
            made = session.run("sales.pipeline.create", {"name": STANDARD_NAME, "title": title, "usual": True})
            session.run("sales.pipeline.publish", target=made)
        if session.scalar(select(ClosingReason.id).limit(1)) is None:
            for kind, name, title in REASONS:
                values = {"kind": kind, "name": name, "title": translate(title, language)}
                session.run("sales.reason.create", values)
