"""Taking an article over from elsewhere: it is known again by what it is called there. Must not know files."""

from __future__ import annotations

from typing import Annotated, Literal

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Input, operation, texts
from crmkit_knowledge.articles.finding import in_work, revision_numbered
from crmkit_knowledge.articles.inputs import (
    Body,
    CategoryName,
    Kind,
    Language,
    NewArticle,
    Revised,
    SpaceName,
    Summary,
    Tags,
    Title,
)
from crmkit_knowledge.articles.models import Article, Revision
from crmkit_knowledge.articles.releasing import put_out
from crmkit_knowledge.articles.writing import create_article, revise

_ = texts("crmkit_knowledge")

IMPORT = "knowledge.article.import"
Became = Literal["created", "updated", "unchanged", "in_work"]


@frozen(kw_only=True)
class TakenOver:
    """What became of an article: its number, and whether it was made, got a new revision, said the same already, or is
    being worked on here and was left as it is."""

    number: int
    became: Became


@operation(IMPORT, title=_("Take an article over"), permission=IMPORT, effect="create")
def take_over(
    session: CrmSession,
    *,
    source: Annotated[str, Input(title=_("System"), max_length=60, classified="internal")],
    external_id: Annotated[str, Input(title=_("External id"), max_length=200, classified="internal")],
    title: Title,
    body: Body,
    summary: Summary = "",
    space: SpaceName = "",
    category: CategoryName = "",
    kind: Kind = "how_to",
    language: Language = "",
    tags: Tags = (),
    publish: Annotated[bool, Input(title=_("Publish at once"), classified="internal")] = True,
) -> TakenOver:
    """Take an article over that another system has, or what has changed of it since. It is published at once unless
    said otherwise: it was approved where it comes from. What is being worked on here is left as it is.

    Raises InvalidInput, NotFound for a space or category that there is not.
    """
    query = select(Article).where(Article.external_source == source, Article.external_id == external_id)
    article = session.scalars(query).first()
    became: Became = "created"
    if article is None:
        new = NewArticle(
            title=title, body=body, summary=summary, space=space, category=category,
            kind=kind, language=language, tags=tags,
        )  # fmt: skip
        article = create_article(session, new)
        article.external_source, article.external_id = source, external_id
    elif in_work(session, article) is not None:
        return TakenOver(number=article.number, became="in_work")
    else:
        before = revision_numbered(session, article, article.newest)
        if (before.title, before.summary or "", before.body) == (" ".join(title.split()), summary.strip(), body):
            return TakenOver(number=article.number, became="unchanged")
        revise(session, article, Revised(title=title, summary=summary, body=body))
        became = "updated"
    if publish:
        put_out(session, article, _draft(session, article))
    return TakenOver(number=article.number, became=became)


def _draft(session: CrmSession, article: Article) -> Revision:
    found = in_work(session, article)
    assert found is not None
    return found


OPERATIONS = [take_over]
