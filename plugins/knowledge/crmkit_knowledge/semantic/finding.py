"""Articles by what they mean, and by that and their words together.

What is near is looked for among all articles, and of it only what the reader may see is told; a reader who sees little
of what is near gets less. Two orders become one by reciprocal ranks:

G. Cormack, C. Clarke, S. Büttcher: Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods,
SIGIR 2009; with their constant of 60.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession
from crmkit.engines.search.searching import search_ids
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.articles.words import SHOWN
from crmkit_knowledge.semantic.model import NAME, SIZE, question
from crmkit_knowledge.semantic.models import ArticleVector

NEAR = 400
"""Articles near a question that are looked at."""
WHY = "what is near a question"
K = 60


@frozen
class _Vectors:
    stamp: tuple[Any, ...]
    ids: Sequence[UUID]
    matrix: Any


_kept: WeakKeyDictionary[Any, _Vectors] = WeakKeyDictionary()


def near_ids(session: CrmSession, text: str, *, limit: int = 100) -> tuple[UUID, ...]:
    """Return the articles that mean what a text does, the nearest first, of those that the session's actor may see.
    Raises MissingExtra where the model is not installed."""
    import numpy as np

    vectors = _vectors(session)
    if not vectors.ids or not text.strip():
        return ()
    scores = vectors.matrix @ question(text)
    most = min(NEAR, len(vectors.ids))
    best = np.argpartition(-scores, most - 1)[:most]
    ordered = [vectors.ids[place] for place in best[np.lexsort((best, -scores[best]))]]
    query = select(Article.id).where(Article.id.in_(ordered), Article.state.in_(SHOWN))
    seen = set(session.scalars(query))
    return tuple(each for each in ordered if each in seen)[:limit]


def fused_ids(session: CrmSession, text: str, *, limit: int = 100) -> tuple[UUID, ...]:
    """Return the articles that a text finds by its words or by what it means, the best first."""
    scores: dict[UUID, float] = {}
    for found in (search_ids(session, text, "knowledge.article", limit=limit), near_ids(session, text, limit=limit)):
        for rank, id_ in enumerate(found, 1):
            scores[id_] = scores.get(id_, 0.0) + 1 / (K + rank)
    return tuple(sorted(scores, key=lambda id_: (-scores[id_], id_)))[:limit]


def _vectors(session: CrmSession) -> _Vectors:
    """Return the vectors of all articles; they are read again where one has changed."""
    import numpy as np

    vector = ArticleVector
    with session.crm.session(session.crm.system(WHY)) as whole:
        stamp = tuple(whole.execute(select(func.count(), func.max(vector.at)).where(vector.model == NAME)).one())
        known = _kept.get(session.crm)
        if known is not None and known.stamp == stamp:
            return known
        rows = whole.execute(
            select(vector.article_id, vector.vector).where(vector.model == NAME).order_by(vector.article_id)
        ).all()
    matrix = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f2").astype("float32").reshape(-1, SIZE)
    found = _kept[session.crm] = _Vectors(stamp, [row[0] for row in rows], matrix)
    return found
