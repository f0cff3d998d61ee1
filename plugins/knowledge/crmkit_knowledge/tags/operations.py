"""Governing tags: adding, naming, merging and clearing them. Articles follow at once."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Job, Refused, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.policies.models import Policy
from crmkit_knowledge.tags.errors import TagInUse
from crmkit_knowledge.tags.finding import counts_of, key_of, last_of, plain_name, tag_named
from crmkit_knowledge.tags.models import ArticleTag, Tag, TagAlias

_ = texts("crmkit_knowledge")

MANAGE = "knowledge.tag.manage"
FOLLOW = "knowledge.follow_tag"
Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Description = Annotated[str, Input(title=_("Description"), max_length=1000, multiline=True, classified="public")]
Aliases = Annotated[
    tuple[str, ...],
    Input(title=_("Other names"), help=_("By which it is meant, too."), max_length=50, classified="public"),
]


@operation("knowledge.tag.create", title=_("Add a tag"), permission=MANAGE, effect="create")
def create_tag(
    session: CrmSession, *, name: Name, title: Title = "", description: Description = "", aliases: Aliases = ()
) -> Tag:
    """Add a tag. Raises AlreadyExists for a name that some tag goes by, InvalidInput for one that says nothing."""
    said = _free(session, name)
    made = Tag(name=said, key=key_of(said), title=title.strip() or None, description=description.strip() or None)
    session.add(made)
    session.flush()
    _add_aliases(session, made, aliases)
    return made


@operation("knowledge.tag.update", title=_("Change the tag"), permission=MANAGE, effect="update")
def update_tag(
    session: CrmSession,
    tag: Tag,
    *,
    title: Title | None = None,
    description: Description | None = None,
    aliases: Aliases | None = None,
) -> Tag:
    """Change what a tag is called and what other names it goes by; what is not given stays. Raises AlreadyExists for a
    name that another tag goes by."""
    if title is not None:
        tag.title = title.strip() or None
    if description is not None:
        tag.description = description.strip() or None
    if aliases is not None:
        for alias in session.scalars(select(TagAlias).where(TagAlias.tag_id == tag.id)):
            session.delete(alias)
        session.flush()
        _add_aliases(session, tag, aliases)
    return tag


@operation("knowledge.tag.rename", title=_("Rename the tag"), permission=MANAGE, effect="update")
def rename_tag(session: CrmSession, tag: Tag, *, name: Name) -> Tag:
    """Give a tag another name, on all its articles; by the old one it is still meant. Raises AlreadyExists for a name
    that another tag goes by, InvalidInput for one that says nothing, and for a tag that was merged."""
    _check_alive(tag)
    before = tag.name
    if key_of(name) == tag.key:
        tag.name = plain_name(name) or before
    else:
        own = session.get(TagAlias, key_of(name))
        if own is not None and own.tag_id == tag.id:
            session.delete(own)
            session.flush()
        tag.name = _free(session, name)
        old, tag.key = tag.key, key_of(name)
        session.flush()
        session.add(TagAlias(key=old, name=before, tag_id=tag.id))
    _follow(session, tag, tag, before)
    session.defer(FOLLOW, tag_id=str(tag.id), before=before)
    return tag


@operation("knowledge.tag.merge", title=_("Merge into another tag"), permission=MANAGE, effect="update")
def merge_tag(session: CrmSession, tag: Tag, *, into: Name) -> Tag:
    """Have a tag be another one: its articles get that one, and by its names that one is meant from now on. Raises
    InvalidInput for a tag that there is not, for itself, and for one that was merged already."""
    _check_alive(tag)
    other = tag_named(session, into)
    if other is None:
        raise problem("into", _('There is no tag "{name}".'), name=into)
    if other.id == tag.id:
        raise problem("into", _("This is the same tag."))
    _follow(session, tag, other, tag.name)
    for alias in session.scalars(select(TagAlias).where(TagAlias.tag_id == tag.id)):
        alias.tag_id = other.id
    for merged in session.scalars(select(Tag).where(Tag.merged_into_id == tag.id)):
        merged.merged_into_id = other.id
    tag.merged_into_id = other.id
    session.flush()
    session.defer(FOLLOW, tag_id=str(tag.id), before=tag.name)
    return other


@operation("knowledge.tag.follow", title=_("Have articles follow a tag"), permission=MANAGE, hidden=True)
def follow_tag(session: CrmSession, tag: Tag, *, before: Name) -> None:
    """Have the articles follow a tag that was renamed or merged which whoever did that does not see. Raises Refused
    outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    _follow(session, tag, last_of(session, tag), before)


@operation("knowledge.tag.delete", title=_("Delete the tag"), permission=MANAGE, effect="delete")
def delete_tag(session: CrmSession, tag: Tag) -> None:
    """Delete a tag that no article has, with its other names. Raises TagInUse."""
    uses = _uses(session, tag)
    if uses:
        raise TagInUse(tag.name, uses)
    session.delete(tag)


@operation("knowledge.tag.clear", title=_("Delete tags that nothing has"), permission=MANAGE)
def clear_tags(session: CrmSession) -> int:
    """Delete the tags that no article has and no policy names, save those that others were merged into; return how
    many."""
    used = set(counts_of(session))
    merged = set(session.scalars(select(Tag.merged_into_id).where(Tag.merged_into_id.is_not(None))))
    named = {key_of(each) for each in session.scalars(select(Policy.tag).where(Policy.tag.is_not(None))) if each}
    gone = [
        each
        for each in session.scalars(select(Tag).where(Tag.merged_into_id.is_(None)))
        if each.id not in used and each.id not in merged and each.key not in named
    ]
    for each in gone:
        session.delete(each)
    return len(gone)


def _follow_job(session: CrmSession, tag_id: str, before: str) -> None:
    tag = session.get(Tag, UUID(tag_id))
    if tag is not None:
        session.run("knowledge.tag.follow", {"before": before}, target=tag)


def _uses(session: CrmSession, tag: Tag) -> int:
    return len(session.scalars(select(ArticleTag.article_id).where(ArticleTag.tag_id == tag.id)).all())


def _follow(session: CrmSession, tag: Tag, other: Tag, before: str) -> None:
    """Give the articles of a tag another one in its place, which may be the same under another name."""
    _rewrite(session, tag, {before: other.name})
    if tag.id == other.id:
        return
    held = set(session.scalars(select(ArticleTag.article_id).where(ArticleTag.tag_id == other.id)))
    for row in session.scalars(select(ArticleTag).where(ArticleTag.tag_id == tag.id)).all():
        if row.article_id not in held:
            session.add(ArticleTag(article_id=row.article_id, tag_id=other.id))
        session.delete(row)
    session.flush()


def _rewrite(session: CrmSession, tag: Tag, names: dict[str, str]) -> None:
    """Put other names into the articles of a tag and the policies that name it."""
    ids = session.scalars(select(ArticleTag.article_id).where(ArticleTag.tag_id == tag.id)).all()
    for start in range(0, len(ids), 500):
        for article in session.scalars(select(Article).where(Article.id.in_(ids[start : start + 500]))):
            article.tags = list(dict.fromkeys(names.get(each, each) for each in article.tags))
    for policy in session.scalars(select(Policy).where(Policy.tag.in_(names))):
        policy.tag = names.get(policy.tag or "", policy.tag)


def _add_aliases(session: CrmSession, tag: Tag, names: tuple[str, ...]) -> None:
    for key, name in {key_of(each): each for each in names if each.strip()}.items():
        if key != tag.key:
            session.add(TagAlias(key=key, name=_free(session, name), tag_id=tag.id))
    session.flush()


def _free(session: CrmSession, name: str) -> str:
    """Return a name as it is kept, where no tag goes by it."""
    said = plain_name(name)
    if not said:
        raise problem("name", _("Say what it is called."))
    other = tag_named(session, said)
    if other is not None:
        raise AlreadyExists(_('By "{name}" the tag {other} is meant.'), name=said, other=other.name)
    return said


def _check_alive(tag: Tag) -> None:
    if tag.merged_into_id is not None:
        raise problem("tag", _("This tag was merged into another one."))


OPERATIONS = [create_tag, update_tag, rename_tag, merge_tag, follow_tag, delete_tag, clear_tags]
JOBS = [Job(name=FOLLOW, title=_("Articles that follow a tag"), handler=_follow_job, acts_as="system")]
