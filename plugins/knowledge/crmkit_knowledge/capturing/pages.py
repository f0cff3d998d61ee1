"""The page of a record's articles, those that are linked and those that go with it; and what stands beside a customer.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Customer, NotFound, Page, Panel, texts
from crmkit_knowledge.capturing.linking import links_of
from crmkit_knowledge.capturing.models import ArticleLink
from crmkit_knowledge.capturing.reading import CASE, heard_in, record_of
from crmkit_knowledge.capturing.words import LINKED, LINKS
from crmkit_knowledge.desk.rights import may
from crmkit_knowledge.suggesting.suggesting import suggest

_ = texts("crmkit_knowledge")

HOME = "/modules/knowledge"
HERE = f"{HOME}/for"
SHOWN = 5
CASES = 30
TONES = {"solved_by": "good", "sent": "info", "source": "accent"}


def for_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the articles of a record (``ref``), or with ``customer`` the cases of one. Raises NotFound."""
    ref = query.get("ref", "")
    if not ref:
        return {"record": None, "cases": _cases(session, query.get("customer", "")), "home": HOME, "here": HERE}
    try:
        resource, record = record_of(session, ref, LINKED)
    except NotFound:
        raise
    except Exception as error:
        raise NotFound(_("There is no such page.")) from error
    heard = heard_in(session, resource, record)
    linked = links_of(session, [ref])
    known = {article.id for _link, article in linked}
    text = "\n".join((*heard.problem, heard.title))
    found = suggest(session, text, title=heard.title, language=heard.language, limit=SHOWN + len(known))
    return {
        "record": record,
        "ref": ref,
        "title": heard.title or resource,
        "back": _page_of(resource, record),
        "linked": linked,
        "suggested": [each for each in found if each.article_id not in known][:SHOWN],
        "kinds": LINKS,
        "tones": TONES,
        "may_link": may(session, "create", "knowledge.link"),
        "may_remove": may(session, "update", "knowledge.link"),
        "may_write": may(session, "create"),
        "home": HOME,
        "here": f"{HERE}?ref={ref}",
    }


def _cases(session: CrmSession, customer: str) -> Sequence[tuple[str, str, str]]:
    """Return the newest cases of a customer whom the reader sees, with where their articles are."""
    resource = session.gate.registry.resources.get(CASE)
    try:
        who = session.get(Customer, UUID(customer)) if resource is not None else None
    except ValueError:
        who = None
    if resource is None or who is None:
        raise NotFound(_("There is no such page."))
    model: Any = resource.model
    query = select(model).where(model.customer_id == who.id).order_by(model.opened_at.desc(), model.id).limit(CASES)
    return [(str(each.number), str(each.subject), f"{CASE}:{each.id}") for each in session.scalars(query)]


def _page_of(resource: str, record: Any) -> str:
    return f"/modules/service/case?id={record.id}" if resource == CASE else f"/records/{resource}/{record.id}"


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return beside each customer who has cases what articles did for them, and the way to those that may help."""
    resource = session.gate.registry.resources.get(CASE)
    if resource is None:
        return []
    model: Any = resource.model
    asked = select(model.customer_id).where(model.customer_id.in_(customer_ids)).distinct()
    counting = (
        select(ArticleLink.customer_id, ArticleLink.kind, func.count())
        .where(ArticleLink.customer_id.in_(customer_ids), ArticleLink.removed_at.is_(None))
        .group_by(ArticleLink.customer_id, ArticleLink.kind)
    )
    counts: dict[UUID, dict[str, int]] = {}
    for customer_id, kind, number in session.execute(counting):
        counts.setdefault(customer_id, {})[kind] = number
    return [
        Panel(
            customer_id=each,
            title=_("Help from articles"),
            rows=[(LINKS[kind], str(number)) for kind, number in sorted(counts.get(each, {}).items())],
            path=f"{HERE}?customer={each}",
            link=_("Articles for the cases"),
        )
        for each in session.scalars(asked)
    ]


PAGES = [
    Page(
        name="knowledge.for",
        title=_("Articles for a record"),
        path="/for",
        template="knowledge/capturing/for.html",
        context=for_page,
        permission="knowledge.article.read",
        menu=False,
    )
]
