"""Writing in the editor: what is typed is kept for its writer, shown, and saved unless somebody else was quicker.

Nobody else sees what is kept. Must not know how an article is shown.
"""

from __future__ import annotations

from typing import Annotated, Literal

from sqlalchemy import select

from crmkit import CrmSession, Input, Refused, operation, texts
from crmkit_knowledge.articles.finding import in_work, revision_numbered
from crmkit_knowledge.articles.inputs import Body, NewArticle, Note, Revised, Summary, Title
from crmkit_knowledge.articles.models import Article, Revision
from crmkit_knowledge.articles.writing import create_article, revise
from crmkit_knowledge.desk.models import Editing

_ = texts("crmkit_knowledge")

CREATE, UPDATE = "knowledge.article.create", "knowledge.article.update"
THEN = {"save": _("Save"), "preview": _("Preview"), "overwrite": _("Save mine all the same")}
Then = Annotated[
    Literal["save", "preview", "overwrite"], Input(title=_("What to do"), choices=THEN, classified="internal")
]
Seen = Annotated[
    str,
    Input(
        title=_("Begun from"),
        help=_("What the text was then; without it nothing is held back."),
        max_length=60,
        classified="internal",
    ),
]


@operation("knowledge.editing.keep", title=_("Write"), permission=UPDATE, effect="update")
def keep(
    session: CrmSession,
    article: Article,
    *,
    title: Title,
    body: Body = "",
    summary: Summary = "",
    note: Note = "",
    seen: Seen = "",
    then: Then = "save",
) -> Revision | Editing:
    """Keep what somebody types into the editor, and save it as the draft unless it is to be previewed alone.

    Where the text has changed since ``seen``, it is held back and kept; "overwrite" saves it all the same. Raises
    Refused for who is no user, RevisionInState for a text that waits for approval or has it, InvalidInput for a title
    that says nothing.
    """
    found = editing_of(session, article)
    if then == "preview" or (then == "save" and seen and seen != seen_of(session, article)):
        user_id = session.guarding.rights.user_id
        if user_id is None:
            raise Refused(_("Only a user has drafts."))
        if found is None:
            found = Editing(article_id=article.id, user_id=user_id, title="", body="", seen="")
            session.add(found)
        found.title, found.summary, found.body = " ".join(title.split()), summary.strip() or None, body
        found.note, found.seen = note.strip() or None, seen or seen_of(session, article)
        found.held = then == "save"
        session.flush()
        return found
    saved = revise(session, article, Revised(title=title, summary=summary, body=body, note=note))
    if found is not None:
        session.delete(found)
    return saved


@operation("knowledge.editing.discard", title=_("Discard what I have typed"), permission=UPDATE)
def discard(session: CrmSession, article: Article) -> None:
    """Forget what whoever acts has typed into the editor of an article and not saved."""
    found = editing_of(session, article)
    if found is not None:
        session.delete(found)


@operation("knowledge.editing.begin", title=_("Write an article"), permission=CREATE)
def begin(session: CrmSession, new: NewArticle) -> Article:
    """Add an article, to be written in the editor; as adding one does."""
    return create_article(session, new)


def editing_of(session: CrmSession, article: Article) -> Editing | None:
    """Return what whoever acts has typed into the editor of an article and not saved."""
    user_id = session.guarding.rights.user_id
    if user_id is None:
        return None
    return session.scalars(select(Editing).where(Editing.article_id == article.id, Editing.user_id == user_id)).first()


def text_of(session: CrmSession, article: Article) -> Revision:
    """Return the revision that a change begins from: what is being worked on, else the newest one."""
    return in_work(session, article) or revision_numbered(session, article, article.newest)


def seen_of(session: CrmSession, article: Article) -> str:
    """Return a name for the text that a change begins from: another one after every change of it."""
    revision = text_of(session, article)
    return f"{revision.number}.{revision.version}"


OPERATIONS = [keep, discard, begin]
