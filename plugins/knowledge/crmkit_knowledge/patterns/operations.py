"""Laying templates of articles down. An article keeps what it began with, whatever becomes of the template."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from attrs import frozen
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.finding import space_named
from crmkit_knowledge.articles.models import LONGEST
from crmkit_knowledge.articles.words import KINDS
from crmkit_knowledge.patterns.models import Pattern
from crmkit_knowledge.patterns.shipped import SHIPPED

_ = texts("crmkit_knowledge")

MANAGE = "knowledge.pattern.manage"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Kind = Annotated[
    Literal["how_to", "faq", "troubleshooting", "policy"], Input(title=_("Kind"), choices=KINDS, classified="public")
]
Language = Annotated[
    str, Input(title=_("Language"), help=_("Such as en or zh_Hans."), max_length=20, classified="public")
]
SpaceName = Annotated[str, Input(title=_("Space"), max_length=60, resource="knowledge.space", classified="public")]
Body = Annotated[
    str, Input(title=_("Text"), help=_("In Markdown."), max_length=LONGEST, multiline=True, classified="public")
]
Hint = Annotated[str, Input(title=_("What the summary says"), max_length=1000, multiline=True, classified="public")]


@frozen(kw_only=True)
class PatternUpdate:
    """What is to be changed of a template; what is not given stays, and no space is any space."""

    title: Title | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    space: SpaceName | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    hint: Hint | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] | UnsetType = UNSET


@operation("knowledge.pattern.create", title=_("Add a template"), permission=MANAGE, effect="create")
def create_pattern(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    body: Body,
    title: Title = "",
    kind: Kind = "how_to",
    language: Language = "",
    space: SpaceName = "",
    hint: Hint = "",
) -> Pattern:
    """Add a template. Its language is the business's unless said. Raises AlreadyExists, InvalidInput for a name that is
    none, NotFound for a space that there is not."""
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits, - and _, and begins with a letter."))
    if session.scalar(select(Pattern.id).where(Pattern.name == name)) is not None:
        raise AlreadyExists(_('There is a template "{name}" already.'), name=name)
    made = Pattern(
        name=name,
        title=title.strip() or name,
        kind=kind,
        language=language.strip() or session.business().language,
        space_id=space_named(session, space).id if space else None,
        body=body,
        hint=hint.strip() or None,
    )
    session.add(made)
    return made


@operation("knowledge.pattern.update", title=_("Change the template"), permission=MANAGE, effect="update")
def update_pattern(session: CrmSession, pattern: Pattern, changes: PatternUpdate) -> Pattern:
    """Change a template; articles that began with it stay as they are. Raises NotFound for a space that there is
    not."""
    said = given(changes)
    if "space" in said:
        name = said.pop("space")
        pattern.space_id = space_named(session, name).id if name else None
    if "hint" in said:
        pattern.hint = said.pop("hint").strip() or None
    for name, value in said.items():
        setattr(pattern, name, value)
    return pattern


@operation("knowledge.pattern.delete", title=_("Delete the template"), permission=MANAGE, effect="delete")
def delete_pattern(session: CrmSession, pattern: Pattern) -> None:
    """Delete a template; articles that began with it stay."""
    session.delete(pattern)


@operation("knowledge.pattern.install", title=_("Add the templates that come along"), permission=MANAGE)
def install_patterns(session: CrmSession) -> list[str]:
    """Add the templates that come along, for each kind in English and Chinese, and return the names of those that were
    not there; what is there stays as it is."""
    there = set(session.scalars(select(Pattern.name)))
    new = [each for each in SHIPPED if each.name not in there]
    session.add_all(
        Pattern(
            name=each.name,
            title=each.title,
            kind=each.kind,
            language=each.language,
            body=each.body,
            hint=each.hint,
        )
        for each in new
    )
    return [each.name for each in new]


OPERATIONS = [create_pattern, update_pattern, delete_pattern, install_patterns]
