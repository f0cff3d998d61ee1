"""The pages of the desk."""

from __future__ import annotations

from crmkit import Page, texts
from crmkit_knowledge.desk.article_page import article_page, blame_page, compare_page
from crmkit_knowledge.desk.edit_page import edit_page
from crmkit_knowledge.desk.home_page import home_page
from crmkit_knowledge.desk.queues import review_badge, review_page, verification_page

_ = texts("crmkit_knowledge")

READ, UPDATE = "knowledge.article.read", "knowledge.article.update"
PAGES = [
    Page(
        name="knowledge.home",
        title=_("Knowledge base"),
        path="",
        template="knowledge/desk/home.html",
        context=home_page,
        permission=READ,
        icon="book",
        order=40,
    ),
    Page(
        name="knowledge.review",
        title=_("Review queue"),
        path="/review",
        template="knowledge/desk/review.html",
        context=review_page,
        permission=READ,
        icon="clipboard-check",
        order=42,
        badge=review_badge,
    ),
    Page(
        name="knowledge.verification",
        title=_("To be verified"),
        path="/verification",
        template="knowledge/desk/verification.html",
        context=verification_page,
        permission=READ,
        icon="shield-check",
        order=44,
    ),
    Page(
        name="knowledge.article_page",
        title=_("Article"),
        path="/article",
        template="knowledge/desk/article.html",
        context=article_page,
        permission=READ,
        menu=False,
    ),
    Page(
        name="knowledge.edit",
        title=_("Write"),
        path="/edit",
        template="knowledge/desk/edit.html",
        context=edit_page,
        permission=UPDATE,
        menu=False,
    ),
    Page(
        name="knowledge.compare",
        title=_("Comparison"),
        path="/compare",
        template="knowledge/desk/compare.html",
        context=compare_page,
        permission=READ,
        menu=False,
    ),
    Page(
        name="knowledge.blame",
        title=_("Who wrote which line"),
        path="/blame",
        template="knowledge/desk/blame.html",
        context=blame_page,
        permission=READ,
        menu=False,
    ),
]
