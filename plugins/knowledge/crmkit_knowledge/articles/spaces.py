"""Spaces and categories: adding and changing them."""

from __future__ import annotations

import re

from sqlalchemy import select

from crmkit import CrmSession, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.finding import category_named, space_named
from crmkit_knowledge.articles.inputs import (
    Audience,
    CategoryName,
    Description,
    FourEyes,
    Language,
    Months,
    Name,
    Position,
    SpaceName,
    SpaceUpdate,
    Title,
)
from crmkit_knowledge.articles.models import Article, Category, Space
from crmkit_knowledge.articles.readers import show_outside
from crmkit_knowledge.articles.words import SHOWN

_ = texts("crmkit_knowledge")

MANAGE = "knowledge.space.manage"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")


@operation("knowledge.space.create", title=_("Add a space"), permission=MANAGE, effect="create")
def create_space(
    session: CrmSession,
    *,
    name: Name,
    title: Title = "",
    description: Description = "",
    audience: Audience = "internal",
    language: Language = "",
    four_eyes: FourEyes = True,
    verify_months: Months = 12,
) -> Space:
    """Add a space; its language is the business's unless said. Raises AlreadyExists, InvalidInput for a name that is
    none."""
    _check_name(name)
    if session.scalar(select(Space.id).where(Space.name == name)) is not None:
        raise AlreadyExists(_('There is a space "{name}" already.'), name=name)
    made = Space(
        name=name,
        title=title.strip() or name,
        description=description.strip() or None,
        audience=audience,
        language=language.strip() or session.business().language,
        four_eyes=four_eyes,
        verify_months=verify_months,
    )
    session.add(made)
    return made


@operation("knowledge.space.update", title=_("Change the space"), permission=MANAGE, effect="update")
def update_space(session: CrmSession, space: Space, changes: SpaceUpdate) -> Space:
    """Change what holds of a space from now on."""
    said = given(changes)
    for name, value in said.items():
        setattr(space, name, (value.strip() or None) if name == "description" else value)
    if {"audience", "active"} & set(said):
        session.flush()
        for article in session.scalars(select(Article).where(Article.space_id == space.id, Article.state.in_(SHOWN))):
            show_outside(session, article)
    return space


@operation("knowledge.category.create", title=_("Add a category"), permission=MANAGE, effect="create")
def create_category(
    session: CrmSession,
    *,
    name: Name,
    title: Title = "",
    space: SpaceName = "",
    parent: CategoryName = "",
    position: Position = 100,
) -> Category:
    """Add a category to a space, as part of another one or of none. Raises AlreadyExists, InvalidInput, NotFound."""
    found = space_named(session, space)
    _check_name(name)
    known = select(Category.id).where(Category.space_id == found.id, Category.name == name)
    if session.scalar(known) is not None:
        raise AlreadyExists(_('The space has a category "{name}" already.'), name=name)
    made = Category(
        space_id=found.id,
        name=name,
        title=title.strip() or name,
        parent_id=category_named(session, found, parent).id if parent else None,
        position=position,
    )
    session.add(made)
    return made


@operation("knowledge.category.update", title=_("Change the category"), permission=MANAGE, effect="update")
def update_category(
    session: CrmSession,
    category: Category,
    *,
    title: Title = "",
    parent: CategoryName | None = None,
    position: Position | None = None,
) -> Category:
    """Change a category; an empty parent makes it part of none. Raises InvalidInput where it would be part of itself,
    NotFound."""
    if title.strip():
        category.title = title.strip()
    if position is not None:
        category.position = position
    if parent is not None:
        above = category_named(session, session.get_one(Space, category.space_id), parent) if parent else None
        category.parent_id = above.id if above is not None else None
        while above is not None:
            if above.id == category.id:
                raise problem("parent", _("A category is not part of itself."))
            above = session.get(Category, above.parent_id) if above.parent_id else None
    return category


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits, - and _, and begins with a letter."))


OPERATIONS = [create_space, update_space, create_category, update_category]
