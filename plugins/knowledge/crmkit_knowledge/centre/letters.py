"""The page by which a customer reads what is for customers: by a link of their own, as they have no account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import Actor, CrmSession, NotFound, PublicPage, Visit, texts
from crmkit_knowledge.articles.models import PublicText
from crmkit_knowledge.articles.readers import is_for
from crmkit_knowledge.centre.showing import rendered

_ = texts("crmkit_knowledge")

RESOURCE = "knowledge.article"


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what the page needs: the text that the link is about, as long as it is for its customer. Raises
    NotFound."""
    resource, _colon, identity = (visit.ref or "").partition(":")
    if resource != RESOURCE:
        raise NotFound(_("There is no such text."))
    # What is for segments is seen by nobody by right: who it is for is looked up here.
    with session.crm.session(Actor.system("what a customer reads")) as whole:
        text = whole.scalars(select(PublicText).where(PublicText.article_id == UUID(identity))).first()
        if text is None or not is_for(whole, text, visit.customer_id):
            raise NotFound(_("There is no such text."))
        whole.expunge_all()
    return {"text": text, "body": rendered(session, text, base="")}


PUBLIC_PAGES = [
    PublicPage(
        name="knowledge.text",
        title=_("For you to read"),
        template="knowledge/centre/letter.html",
        show=show,
        rights=["knowledge.public_text.read"],
        expires=90,
    )
]
