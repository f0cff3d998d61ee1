"""Saying of several articles at once that they are still right: each by its own operation, so that each is allowed and
written down by itself."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from attrs import frozen

from crmkit import CrmkitError, CrmSession, Input, operation, texts
from crmkit_knowledge.articles.models import Article

_ = texts("crmkit_knowledge")

APPROVE = "knowledge.article.approve"
MOST = 200


@frozen(kw_only=True)
class NotDone:
    """An article of which it could not be said, and why."""

    number: int
    reason: str


@operation("knowledge.article.verify_several", title=_("They are still right"), permission=APPROVE)
def verify_several(
    session: CrmSession,
    *,
    articles: Annotated[
        tuple[UUID, ...],
        Input(title=_("Articles"), resource="knowledge.article", max_length=MOST, classified="internal"),
    ],
    note: Annotated[str, Input(title=_("Note"), max_length=2000, multiline=True, classified="internal")] = "",
) -> list[NotDone]:
    """Say of articles that what is released of them is still right; return those of which it could not be said.

    An article that there is not, or that whoever acts does not see, is passed over.
    """
    undone: list[NotDone] = []
    for identity in dict.fromkeys(articles):
        article = session.get(Article, identity)
        if article is None:
            continue
        try:
            session.run("knowledge.article.verify", {"note": note}, target=article)
        except CrmkitError as error:
            undone.append(NotDone(number=article.number, reason=error.render(session.actor.language or "en")))
    return undone


OPERATIONS = [verify_several]
