"""The page of a survey's open link: its address, the QR code to print, and what a website takes to show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from crmkit import CrmSession, Page, texts
from crmkit_feedback.answering.links import link_of, qr_svg, shown
from crmkit_feedback.surveys.choosing import survey_named

_ = texts("crmkit_feedback")

LINK = "/modules/feedback/link"


def link_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the open link of a survey, if it has one. Raises NotFound for a survey that there is not."""
    survey = survey_named(session, query.get("survey", ""))
    found = link_of(session, survey)
    link = None if found is None else shown(session, found)
    return {
        "survey": survey,
        "link": link,
        # Made of our own address alone.
        "drawn": Markup("") if link is None else Markup(qr_svg(link.address)),  # noqa: S704
        "may_manage": session.guarding.rights.scope("feedback.survey", "manage") != "none",
        "reachable": bool(session.crm.settings.public_url),
        "here": f"{LINK}?survey={survey.name}",
    }


PAGES = [
    Page(
        name="feedback.link",
        title=_("Open link"),
        path="/link",
        template="feedback/answering/link.html",
        context=link_page,
        permission="feedback.survey.read",
        icon="link",
        menu=False,
    )
]
