"""The pages of the desk."""

from __future__ import annotations

from crmkit import Page, texts
from crmkit_service.desk.case_page import case_page, live
from crmkit_service.desk.inbox import inbox, preview
from crmkit_service.desk.wallboard import waiting_badge, wallboard

_ = texts("crmkit_service")

READ = "service.case.read"
PAGES = [
    Page(
        name="service.inbox",
        title=_("Inbox"),
        path="/inbox",
        template="service/desk/inbox.html",
        context=inbox,
        permission=READ,
        icon="headset",
        order=10,
        badge=waiting_badge,
    ),
    Page(
        name="service.wallboard",
        title=_("Wallboard"),
        path="/wallboard",
        template="service/desk/wallboard.html",
        context=wallboard,
        permission=READ,
        icon="layout-dashboard",
        order=15,
    ),
    Page(
        name="service.case_page",
        title=_("Case"),
        path="/case",
        template="service/desk/case.html",
        context=case_page,
        permission=READ,
        menu=False,
    ),
    Page(
        name="service.case_live",
        title=_("Who is at a case"),
        path="/case/live",
        template="service/desk/_live.html",
        context=live,
        permission=READ,
        menu=False,
    ),
    Page(
        name="service.case_preview",
        title=_("Preview of a case"),
        path="/case/preview",
        template="service/desk/_preview.html",
        context=preview,
        permission=READ,
        menu=False,
    ),
]
