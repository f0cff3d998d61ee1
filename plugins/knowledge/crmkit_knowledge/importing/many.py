"""Taking many articles over at once: those that are new and stand for themselves are written together.

Whatever is known already, translates another one, or is for segments and roles, is taken over by itself, in its turn.
Must not know files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from attrs import define, field, frozen
from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmkitError, CrmSession, new_id, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.events import ArticleReleased
from crmkit_knowledge.articles.finding import category_named, next_numbers, slugs_of, space_named
from crmkit_knowledge.articles.models import Article, Category, Revision, Space, Verification
from crmkit_knowledge.articles.readers import copy_for
from crmkit_knowledge.importing.inputs import IMPORT, PastArticle, TakenOver, check_slug, title_of
from crmkit_knowledge.policies.finding import policies_of
from crmkit_knowledge.rendering.references import note_new
from crmkit_knowledge.tags.finding import tags_named
from crmkit_knowledge.tags.models import ArticleTag, Tag

_ = texts("crmkit_knowledge")

PART = 500
Answer = TakenOver | CrmkitError


def take_over_many(session: CrmSession, items: Sequence[PastArticle]) -> list[Answer]:
    """Take articles over, and return for each what became of it, or the error for which it was not taken."""
    taking = _Many(session)
    taking.look_up(items)
    answers: dict[int, Answer] = {}
    for place, item in enumerate(items):
        if taking.alone(item):
            answers.update(taking.write())
            answers[place] = taking.one(item)
            continue
        try:
            taking.add(place, item)
        except CrmkitError as error:
            answers[place] = error
    answers.update(taking.write())
    return [answers[place] for place in range(len(items))]


@frozen(kw_only=True)
class _Ready:
    """An article that is written with the next ones, and its place among the items."""

    place: int
    past: PastArticle
    title: str
    space: Space
    category: Category | None
    tags: Sequence[Tag]


@define
class _Many:
    """One batch: what it has found in the base, and what it is about to write."""

    session: CrmSession
    _ids: set[UUID] = field(factory=set[UUID])
    _keys: set[tuple[str, str]] = field(factory=set[tuple[str, str]])
    _spaces: dict[str, Space] = field(factory=dict[str, Space])
    _categories: dict[tuple[UUID, str], Category] = field(factory=dict[tuple[UUID, str], Category])
    _tags: dict[tuple[str, ...], Sequence[Tag]] = field(factory=dict[tuple[str, ...], Sequence[Tag]])
    _ready: list[_Ready] = field(factory=list[_Ready])

    def look_up(self, items: Sequence[PastArticle]) -> None:
        """Find what is known already."""
        ids = {each.id for each in items if each.id is not None}
        self._ids = set(_found(self.session, Article.id, ids))
        named = {each.external_id for each in items}
        for part in _parts(named):
            query = select(Article.external_source, Article.external_id).where(Article.external_id.in_(part))
            self._keys.update((str(source), str(id_)) for source, id_ in self.session.execute(query))

    def alone(self, item: PastArticle) -> bool:
        """Say whether an item has to be taken over by itself, once what is before it is written."""
        return (
            item.id in self._ids
            or (item.source, item.external_id) in self._keys
            or bool(item.translates or item.audience_of)
            or item.audience in ("segment", "role")
            or item.state in ("needs_verification", "hidden", "archived")
        )

    def one(self, item: PastArticle) -> Answer:
        """Take an item over by itself."""
        try:
            answer: TakenOver = self.session.run(IMPORT, item)
        except CrmkitError as error:
            return error
        return answer

    def add(self, place: int, past: PastArticle) -> None:
        """Have an item be written with the next ones. Raises what `knowledge.article.import` does."""
        title = title_of(past)
        if not title:
            raise problem("title", _("Say what it is about."))
        if past.slug:
            check_slug(past.slug)
        space = self._spaces.get(past.space) or space_named(self.session, past.space)
        self._spaces[past.space] = space
        category = None
        if past.category:
            key = (space.id, past.category)
            category = self._categories.get(key) or category_named(self.session, space, past.category)
            self._categories[key] = category
        names = tuple(past.tags or ())
        if names not in self._tags:
            self._tags[names] = tags_named(self.session, names, add=True)
        made = _Ready(place=place, past=past, title=title, space=space, category=category, tags=self._tags[names])
        self._ready.append(made)
        # One that is named again is known from now on.
        self._keys.add((past.source, past.external_id))

    def write(self) -> dict[int, Answer]:
        """Write what was added, and return what became of it; where the rows of one cannot be written with those of the
        others, each is taken over by itself."""
        ready, self._ready = self._ready, []
        if not ready:
            return {}
        try:
            with self.session.begin_nested():
                articles = self._written(ready)
        except IntegrityError:
            # Somebody else has taken an address at this moment, or it is one that whoever acts does not see.
            return {each.place: self.one(each.past) for each in ready}
        for article in articles:
            if article.released is not None:
                event = ArticleReleased(article_id=article.id, number=article.number, revision=article.released)
                self.session.emit(event)
        return {
            each.place: TakenOver(id=article.id, number=article.number, became="created")
            for each, article in zip(ready, articles, strict=True)
        }

    def _written(self, ready: Sequence[_Ready]) -> list[Article]:
        session = self.session
        numbers = next_numbers(session, [each.past.number for each in ready])
        slugs = self._slugs(ready, numbers)
        policies = policies_of(session)
        articles: list[Article] = []
        for each, number, slug in zip(ready, numbers, slugs, strict=True):
            article = self._article(each, number, slug)
            if article.released is not None:
                months = policies.months(article)
                after = session.today() + relativedelta(months=months) if months > 0 else None
                article.verify_on = each.past.verify_on or after
            articles.append(article)
        session.add_all(articles)
        session.flush()
        for each, article in zip(ready, articles, strict=True):
            session.add_all(self._beside(each, article))
        note_new(session, [each for each in articles if each.released is not None])
        session.flush()
        return articles

    def _article(self, each: _Ready, number: int, slug: str) -> Article:
        past, out = each.past, _is_out(each.past)
        now = self.session.gate.clock.business_now()
        article = Article(
            id=new_id(),
            number=number,
            space_id=each.space.id,
            category_id=each.category.id if each.category is not None else None,
            kind=past.kind or "how_to",
            language=past.language.strip() or each.space.language,
            slug=slug,
            title=each.title,
            audience=past.audience,
            audience_of=[],
            tags=[tag.name for tag in each.tags],
            owner_id=self.session.actor.user_id,
            external_source=past.source,
            external_id=past.external_id,
            newest=1,
        )
        if out:
            article.summary, article.body = past.summary.strip() or None, past.body
            article.state, article.released = "published", 1
            article.released_at = article.verified_at = now
        return article

    def _beside(self, each: _Ready, article: Article) -> Iterable[Any]:
        past, session = each.past, self.session
        now, out = session.gate.clock.business_now(), article.released is not None
        yield Revision(
            id=new_id(),
            article_id=article.id,
            number=1,
            title=each.title,
            summary=past.summary.strip() or None,
            body=past.body,
            state="released" if out else "draft",
            author_id=session.actor.user_id,
            written_at=now,
            reviewer_id=session.actor.user_id if out else None,
            decided_at=now if out else None,
            released_at=now if out else None,
        )
        for tag in each.tags:
            yield ArticleTag(article_id=article.id, tag_id=tag.id)
        if not out:
            return
        yield Verification(
            recorded_at=session.gate.clock.now(),
            article_id=article.id,
            number=1,
            outcome="verified",
            at=now,
            user_id=session.actor.user_id,
        )
        copy = copy_for(session, article, each.space)
        if copy is not None:
            yield copy

    def _slugs(self, ready: Sequence[_Ready], numbers: Sequence[int]) -> list[str]:
        """Return the addresses of articles: those that they had where these are free, else of their titles."""
        made = [slugs_of(each.title, number) for each, number in zip(ready, numbers, strict=True)]
        wanted = {each.past.slug for each in ready} | {words for words, _numbered in made}
        taken = {"", *_found(self.session, Article.slug, wanted)}
        slugs: list[str] = []
        for each, (words, numbered) in zip(ready, made, strict=True):
            slug = next((slug for slug in (each.past.slug, words) if slug not in taken), numbered)
            taken.add(slug)
            slugs.append(slug)
        return slugs


def _is_out(past: PastArticle) -> bool:
    return past.publish and past.state != "draft"


def _found(session: CrmSession, column: Any, values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for part in _parts(values):
        found += session.scalars(select(column).where(column.in_(part)))
    return found


def _parts(values: Iterable[Any]) -> Iterable[Sequence[Any]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), PART):
        yield ordered[start : start + PART]
