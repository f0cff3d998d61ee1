"""Putting files to articles, taking them away, and finding them. Must not know how texts are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select
from sqlalchemy.orm import defer

from crmkit import CrmSession, Input, NotFound, media_type_of, operation, safe_filename, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.files.models import LARGEST, ArticleFile

_ = texts("crmkit_knowledge")

UPDATE = "knowledge.article.update"
MOST = 100
"""Files of one article."""


@frozen(kw_only=True)
class NewFile:
    """A file as it came: its name, which is not trusted, and its content."""

    filename: Annotated[str, Input(title=_("File name"), max_length=1000, classified="internal")]
    content: bytes = field(repr=False)


@operation("knowledge.article.attach", title=_("Attach a file"), permission=UPDATE, effect="update")
def attach(session: CrmSession, article: Article, *, file: NewFile) -> ArticleFile:
    """Put a file to an article; one of the same name is replaced. A text shows it as ``![what it shows](file:name)`` or
    offers it as ``[title](file:name)``. Raises InvalidInput for one that is too large or too many, FileRejected for a
    type that is not accepted."""
    name = safe_filename(file.filename)
    if len(file.content) > LARGEST:
        raise problem("file", _("A file has at most {limit} MB."), limit=LARGEST >> 20)
    media_type_of(file.filename.strip(), file.content)
    media_type = media_type_of(name, file.content)
    known = {each.name: each for each in files_of(session, article.id)}
    if name in known:
        session.delete(known[name])
        session.flush()
    elif len(known) >= MOST:
        raise problem("file", _("An article has at most {most} files."), most=MOST)
    made = ArticleFile(
        article_id=article.id,
        name=name,
        media_type=media_type,
        size=len(file.content),
        content=file.content,
        at=session.gate.clock.business_now(),
    )
    session.add(made)
    return made


@operation("knowledge.article.detach", title=_("Take a file away"), permission=UPDATE, effect="update")
def detach(
    session: CrmSession,
    article: Article,
    *,
    name: Annotated[str, Input(title=_("File name"), max_length=255, classified="internal")],
) -> None:
    """Take a file away from an article. Raises NotFound."""
    session.delete(file_named(session, article.id, name))


def files_of(session: CrmSession, article_id: UUID) -> Sequence[ArticleFile]:
    """Return the files of an article by name, without their content."""
    query = select(ArticleFile).where(ArticleFile.article_id == article_id)
    return session.scalars(query.options(defer(ArticleFile.content)).order_by(ArticleFile.name)).all()


def file_named(session: CrmSession, article_id: UUID, name: str) -> ArticleFile:
    """Return a file of an article with its content. Raises NotFound."""
    query = select(ArticleFile).where(ArticleFile.article_id == article_id, ArticleFile.name == name)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(_("There is no such file."))
    return found


OPERATIONS = [attach, detach]
