"""Keeping the vectors of articles up to date: a job makes those that are missing, a few at a time and outside of any
transaction, so that nobody waits for it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import and_, func, or_, select

from crmkit import CRM, Actor, CrmSession, Input, Job, operation, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.articles.words import SHOWN
from crmkit_knowledge.semantic.model import NAME, passages
from crmkit_knowledge.semantic.models import ArticleVector
from crmkit_knowledge.settings import settings_of

_ = texts("crmkit_knowledge")

KEEP = "knowledge.vector.keep"
BATCH = 16


@frozen(kw_only=True)
class Vector:
    """The vector of a revision: half-precision numbers in Base64."""

    article_id: UUID
    revision: Annotated[int, Input(minimum=1, classified="internal")]
    vector: Annotated[str, Input(max_length=4000, classified="internal")]


@operation(KEEP, title=_("Keep vectors"), permission="knowledge.space.manage", effect="update", hidden=True)
def keep(session: CrmSession, *, vectors: tuple[Vector, ...]) -> int:
    """Keep what articles mean, in place of what was known."""
    now = session.gate.clock.now()
    known = {
        each.article_id: each
        for each in session.scalars(
            select(ArticleVector).where(ArticleVector.article_id.in_([each.article_id for each in vectors]))
        )
    }
    for each in vectors:
        row = known.get(each.article_id) or ArticleVector(article_id=each.article_id)
        row.revision, row.model, row.at = each.revision, NAME, now
        row.vector = base64.b64decode(each.vector)
        session.add(row)
    return len(vectors)


def embed(crm: CRM, actor: Actor, done: Callable[[int, int], None] = lambda number, of: None) -> int:
    """Make the vectors that are missing, and return how many. ``done`` is told how many of how many there are. Raises
    MissingExtra where the model is not installed."""
    with crm.session(actor) as session:
        total = session.scalar(select(func.count()).select_from(_missing().subquery())) or 0
    made = 0
    while made < total:
        with crm.session(actor) as session:
            rows = session.execute(_missing().order_by(Article.id).limit(BATCH)).all()
        if not rows:
            break
        found = passages([f"{title}\n{summary or ''}\n{body or ''}" for _id, _number, title, summary, body in rows])
        vectors = [
            {"article_id": str(row[0]), "revision": row[1], "vector": _told(vector)}
            for row, vector in zip(rows, found, strict=True)
        ]
        crm.run(actor, KEEP, {"vectors": vectors})
        made += len(rows)
        done(made, total)
    return made


def _missing() -> Any:
    vector = ArticleVector
    stale = or_(vector.article_id.is_(None), vector.revision != Article.released, vector.model != NAME)
    return (
        select(Article.id, Article.released, Article.title, Article.summary, Article.body)
        .outerjoin(vector, vector.article_id == Article.id)
        .where(and_(Article.state.in_(SHOWN), Article.released.is_not(None), stale))
    )


def _told(vector: Any) -> str:
    return base64.b64encode(vector.astype("<f2").tobytes()).decode()


def _job(crm: CRM, actor: Actor, tick: datetime) -> None:
    if settings_of(crm.settings).semantic:
        embed(crm, actor)


OPERATIONS: Sequence[Any] = [keep]
JOBS = [
    Job(
        name="knowledge.embed",
        title=_("Make out what articles mean"),
        handler=_job,
        every="5 minutes",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=600,
    )
]
