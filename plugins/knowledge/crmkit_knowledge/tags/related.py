"""Which articles go with an article: those it is linked with, those that share its tags, and those that read alike.

Points are added up: a link either way counts 1, tags up to 0.6 by how much of both they share, rare ones more, and the
text up to 0.6 by how well a search for its title finds the other one. Ties go to the lower number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, search
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.articles.words import SHOWN
from crmkit_knowledge.tags.models import ArticleTag

LINK, TAGS, TEXT = 1.0, 0.6, 0.6
LEAST = 0.15
"""Points below which articles are not called related."""
LOOKED_AT = 30
"""Articles of one kind of likeness that are looked at."""
_SUMMARY = 200


def related(session: CrmSession, article: Article, limit: int = 5, *, linked: Iterable[UUID] = ()) -> Sequence[Article]:
    """Return the published articles that go with an article best, in its language, as far as the reader may see them.

    ``linked`` are the articles that it links to or that link to it. What says the same in other languages is not among
    them.
    """
    points: dict[UUID, float] = dict.fromkeys(linked, LINK)
    for identity, share in _by_tags(session, article):
        points[identity] = points.get(identity, 0.0) + TAGS * share
    for identity, score in _by_text(session, article):
        points[identity] = points.get(identity, 0.0) + TEXT * score
    points.pop(article.id, None)
    best = [each for each in points if points[each] >= LEAST]
    if not best:
        return []
    root = article.translates_id or article.id
    query = select(Article).where(
        Article.id.in_(sorted(best, key=lambda each: -points[each])[: 4 * limit + LOOKED_AT]),
        Article.state.in_(SHOWN),
        Article.language == article.language,
    )
    found = [each for each in session.scalars(query) if root not in (each.id, each.translates_id)]
    return sorted(found, key=lambda each: (-points[each.id], each.number))[:limit]


def _by_tags(session: CrmSession, article: Article) -> list[tuple[UUID, float]]:
    """Return articles that share tags, each with how much of the weight of the tags of this one it shares; a tag that
    many have weighs little."""
    own = list(session.scalars(select(ArticleTag.tag_id).where(ArticleTag.article_id == article.id)))
    if not own:
        return []
    counting = select(ArticleTag.tag_id, func.count()).where(ArticleTag.tag_id.in_(own)).group_by(ArticleTag.tag_id)
    weights = {tag: 1 / math.log2(1 + count) for tag, count in session.execute(counting) if count > 1}
    whole = sum(weights.get(tag, 1.0) for tag in own)
    shared: dict[UUID, float] = {}
    for tag, weight in weights.items():
        query = select(ArticleTag.article_id).where(ArticleTag.tag_id == tag, ArticleTag.article_id != article.id)
        for other in session.scalars(query.order_by(ArticleTag.article_id.desc()).limit(10 * LOOKED_AT)):
            shared[other] = shared.get(other, 0.0) + weight
    best = sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:LOOKED_AT]
    return [(other, weight / whole) for other, weight in best]


def _by_text(session: CrmSession, article: Article) -> list[tuple[UUID, float]]:
    text = f"{article.title} {(article.summary or '')[:_SUMMARY]}"
    hits = search(session, text, within=["knowledge.article"], limit=LOOKED_AT).hits
    found = [(UUID(hit.ref.partition(":")[2]), hit.score) for hit in hits]
    own = next((score for identity, score in found if identity == article.id), 1.0)
    return [(identity, min(score / own, 1.0) if own else 0.0) for identity, score in found if identity != article.id]
