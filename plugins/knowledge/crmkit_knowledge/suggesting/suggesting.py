"""Which articles go with a text: a mail, a chat, the subject and description of a case.

What is found is what the session's actor may see. Must not change anything, nor keep what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.orm import defer

from crmkit import CrmSession, search
from crmkit_knowledge.articles.models import Article, PublicText
from crmkit_knowledge.articles.words import SHOWN
from crmkit_knowledge.suggesting.choosing import telling

ARTICLE, TEXT = "knowledge.article", "knowledge.public_text"
LEAST = 0.2
"""What scores less than this part of the best hit is not suggested."""
OTHER = 0.6
"""What an article in another language counts."""
WIDER = 4
"""So many times as many hits are looked at as are wanted."""
_OUTSIDE: Mapping[str, frozenset[str]] = {
    "public": frozenset({"public"}),
    "customers": frozenset({"public", "customers"}),
}


@frozen(kw_only=True)
class Suggestion:
    """An article that goes with a text: where it is read, the part that fits, and how well it fits beside the best one,
    from 0 to 1."""

    article_id: UUID
    number: int
    title: str
    language: str
    score: float
    snippet: str = ""
    slug: str = ""
    outside: bool = False

    @property
    def path(self) -> str:
        """Return the page on which colleagues read it."""
        return f"/modules/knowledge/article?id={self.article_id}"


def suggest(
    session: CrmSession, text: str, *, title: str = "", language: str = "", audience: str = "", limit: int = 5
) -> tuple[Suggestion, ...]:
    """Return the published articles that go with a text best, the best first, each in one language.

    ``title`` is the subject of a longer text. Articles in ``language`` come before their translations and count more
    than others. ``audience`` is "public" or "customers" for what people outside may be given; visitors get such alone.
    """
    words = telling(session, text, title)
    if not words.strip() or limit < 1:
        return ()
    if session.actor.user_id is None and not session.guarding.rights.unrestricted:
        return _outside(session, words, language, limit)
    hits = search(session, words, within=[ARTICLE], limit=max(10, WIDER * limit)).hits
    scores = {UUID(each.ref.rpartition(":")[2]): each for each in hits}
    query = select(Article).where(Article.id.in_(list(scores)), Article.state.in_(SHOWN))
    articles = {each.id: each for each in session.scalars(query)}
    shown = _shown_outside(session, list(articles), audience)
    found: dict[UUID, Suggestion] = {}
    for id_, hit in scores.items():
        article = articles.get(id_)
        if article is None or (audience in _OUTSIDE and id_ not in shown):
            continue
        made = Suggestion(
            article_id=id_,
            number=article.number,
            title=str(article.title),
            language=article.language,
            score=hit.score * _weight(article.language, language),
            snippet=hit.snippet,
            slug=article.slug,
            outside=id_ in shown,
        )
        _keep(found, article.translates_id or id_, made)
    return _best(found, limit)


def _outside(session: CrmSession, words: str, language: str, limit: int) -> tuple[Suggestion, ...]:
    hits = search(session, words, within=[TEXT], limit=max(10, WIDER * limit)).hits
    scores = {UUID(each.ref.rpartition(":")[2]): each for each in hits}
    query = select(PublicText).where(PublicText.id.in_(list(scores))).options(defer(PublicText.body))
    texts = {each.id: each for each in session.scalars(query)}
    found: dict[UUID, Suggestion] = {}
    for id_, hit in scores.items():
        text = texts.get(id_)
        if text is None:
            continue
        made = Suggestion(
            article_id=text.article_id,
            number=text.number,
            title=text.title,
            language=text.language,
            score=hit.score * _weight(text.language, language),
            snippet=hit.snippet,
            slug=text.slug,
            outside=True,
        )
        _keep(found, text.translates_id or text.article_id, made)
    return _best(found, limit)


def _shown_outside(session: CrmSession, ids: list[UUID], audience: str) -> set[UUID]:
    wanted = _OUTSIDE.get(audience, _OUTSIDE["customers"])
    query = select(PublicText.article_id).where(PublicText.article_id.in_(ids), PublicText.audience.in_(sorted(wanted)))
    return set(session.scalars(query))


def _keep(found: dict[UUID, Suggestion], source: UUID, made: Suggestion) -> None:
    known = found.get(source)
    if known is None or made.score > known.score:
        found[source] = made


def _best(found: Mapping[UUID, Suggestion], limit: int) -> tuple[Suggestion, ...]:
    ranked = sorted(found.values(), key=lambda each: (-each.score, each.number))
    return tuple(each for each in ranked if each.score >= LEAST * ranked[0].score)[:limit]


def _weight(language: str, wanted: str) -> float:
    return 1.0 if not wanted or _main(language) == _main(wanted) else OTHER


def _main(language: str) -> str:
    return language.replace("-", "_").partition("_")[0].lower()
