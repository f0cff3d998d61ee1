"""Which tags names mean, and giving them to articles. Must not know how articles are written."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.tags.models import ArticleTag, Tag, TagAlias

_ = texts("crmkit_knowledge")

RESOURCE = "knowledge.tag"
LONGEST = 60


def plain_name(text: str) -> str:
    """Return a name of a tag as it is kept: without needless spaces. Raises InvalidInput for one that is too long."""
    found = " ".join(text.split())
    if len(found) > LONGEST:
        raise problem("tags", _("A tag has at most {most} characters."), most=LONGEST)
    return found


def key_of(name: str) -> str:
    """Return a name as it is compared: without regard to case and to wide forms of characters."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())[:120].strip()


def may_add(session: CrmSession) -> bool:
    """Say whether whoever acts may add tags."""
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(RESOURCE, "manage") != "none")


def known_tags(session: CrmSession, names: Iterable[str], *, add: bool | None = None) -> list[str]:
    """Return the names of the tags that some names mean, each once, in their order.

    What was merged, or is an alias, means the tag that it leads to. A name that nothing goes by becomes a tag: for who
    may add tags, or with ``add``. Raises InvalidInput for such a name otherwise.
    """
    return [each.name for each in tags_named(session, names, add=add)]


def set_tags(session: CrmSession, article: Article, names: Iterable[str], *, add: bool | None = None) -> None:
    """Give an article the tags that some names mean, and no others; as `known_tags` does."""
    tags = tags_named(session, names, add=add)
    if not tags and not article.tags:
        return
    article.tags = [each.name for each in tags]
    session.flush()
    held = {
        each.tag_id: each for each in session.scalars(select(ArticleTag).where(ArticleTag.article_id == article.id))
    }
    wanted = {each.id for each in tags}
    for tag_id, row in held.items():
        if tag_id not in wanted:
            session.delete(row)
    session.add_all(ArticleTag(article_id=article.id, tag_id=each) for each in wanted - set(held))
    session.flush()


def tag_named(session: CrmSession, name: str) -> Tag | None:
    """Return the tag that a name means, or None."""
    return _meant(session, {key_of(name)}).get(key_of(name))


def counts_of(session: CrmSession) -> Mapping[UUID, int]:
    """Return how many articles, of those whom the reader sees, have each tag."""
    query = select(ArticleTag.tag_id, func.count()).group_by(ArticleTag.tag_id)
    return dict(session.execute(query).all())


def aliases_of(session: CrmSession) -> Mapping[UUID, Sequence[str]]:
    """Return the other names of each tag: its aliases, and those of what was merged into it."""
    found: dict[UUID, list[str]] = {}
    for alias in session.scalars(select(TagAlias).order_by(TagAlias.name)):
        found.setdefault(alias.tag_id, []).append(alias.name)
    merged = session.scalars(select(Tag).where(Tag.merged_into_id.is_not(None)).order_by(Tag.name))
    for tag in merged:
        if tag.merged_into_id is not None:
            found.setdefault(tag.merged_into_id, []).append(tag.name)
    return found


def tags_named(session: CrmSession, names: Iterable[str], *, add: bool | None = None) -> list[Tag]:
    """Return the tags that some names mean, as `known_tags` does."""
    wanted = {key_of(name): plain_name(name) for name in names if name.strip()}
    meant = _meant(session, set(wanted))
    for key, name in wanted.items():
        if key in meant:
            continue
        if not (may_add(session) if add is None else add):
            near = sorted(session.scalars(select(Tag.name).where(Tag.merged_into_id.is_(None)).limit(30)))
            message = _('There is no tag "{name}". There are: {known}.')
            raise problem("tags", message, name=name, known=", ".join(near) or "–")
        meant[key] = _added(session, name, key)
    return list({meant[key].id: meant[key] for key in wanted}.values())


def _added(session: CrmSession, name: str, key: str) -> Tag:
    # Somebody else may add the same one at this moment.
    with contextlib.suppress(IntegrityError), session.begin_nested():
        session.add(Tag(name=name, key=key))
    return session.scalars(select(Tag).where(Tag.key == key)).one()


def _meant(session: CrmSession, keys: set[str]) -> dict[str, Tag]:
    """Return the tags that names mean, by these names as they are compared."""
    if not keys:
        return {}
    found = {each.key: each for each in session.scalars(select(Tag).where(Tag.key.in_(keys)))}
    for alias in session.scalars(select(TagAlias).where(TagAlias.key.in_(keys - set(found)))):
        tag = session.get(Tag, alias.tag_id)
        if tag is not None:
            found[alias.key] = tag
    return {key: last_of(session, tag) for key, tag in found.items()}


def last_of(session: CrmSession, tag: Tag) -> Tag:
    """Return the tag that one was merged into in the end, or itself."""
    seen: set[UUID] = set()
    while tag.merged_into_id is not None and tag.id not in seen:
        seen.add(tag.id)
        tag = session.get_one(Tag, tag.merged_into_id)
    return tag
