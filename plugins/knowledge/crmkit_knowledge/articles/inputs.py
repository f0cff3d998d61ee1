"""What operations on articles take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_knowledge.articles.models import LONGEST
from crmkit_knowledge.articles.words import AUDIENCES, KINDS, SPACE_AUDIENCES

_ = texts("crmkit_knowledge")

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
SpaceName = Annotated[str, Input(title=_("Space"), max_length=60, resource="knowledge.space", classified="public")]
PatternName = Annotated[
    str,
    Input(
        title=_("Template"),
        help=_("What it begins with, where no text is given."),
        max_length=60,
        resource="knowledge.pattern",
        classified="public",
    ),
]
CategoryName = Annotated[str, Input(title=_("Category"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=300, classified="public")]
Summary = Annotated[str, Input(title=_("Summary"), max_length=1000, multiline=True, classified="public")]
Body = Annotated[
    str, Input(title=_("Text"), help=_("In Markdown."), max_length=LONGEST, multiline=True, classified="public")
]
Description = Annotated[str, Input(title=_("Description"), max_length=2000, multiline=True, classified="public")]
Language = Annotated[
    str, Input(title=_("Language"), help=_("Such as en or zh_Hans."), max_length=20, classified="public")
]
Audience = Annotated[
    Literal["public", "customers", "internal"], Input(title=_("For"), choices=SPACE_AUDIENCES, classified="public")
]
Readers = Annotated[
    Literal["public", "customers", "segment", "internal", "role"],
    Input(title=_("For"), choices=AUDIENCES, classified="public"),
]
ReadersOf = Annotated[
    tuple[str, ...],
    Input(title=_("Segments or roles"), help=_("Names, where it is for those."), classified="internal"),
]
Kind = Annotated[
    Literal["how_to", "faq", "troubleshooting", "policy"], Input(title=_("Kind"), choices=KINDS, classified="public")
]
Tags = Annotated[tuple[str, ...], Input(title=_("Tags"), max_length=20, classified="public")]
Note = Annotated[str, Input(title=_("What changed"), max_length=500, classified="internal")]
Answer = Annotated[str, Input(title=_("What you say"), max_length=2000, multiline=True, classified="internal")]
Slug = Annotated[str, Input(title=_("Address"), max_length=120, classified="public")]
OwnerId = Annotated[UUID, Input(title=_("Owner"), classified="internal", resource="user")]
Instant = Annotated[datetime, Input(title=_("When"), classified="internal")]
Months = Annotated[
    int, Input(title=_("Verified every (months)"), help=_("0: never."), minimum=0, maximum=120, classified="internal")
]
FourEyes = Annotated[bool, Input(title=_("Approved by somebody else"), classified="internal")]
Hidden = Annotated[bool, Input(title=_("Hidden when overdue"), classified="internal")]
Position = Annotated[int, Input(title=_("Position"), minimum=0, maximum=100_000, classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="internal")]
Number = Annotated[int, Input(title=_("Revision"), minimum=1, classified="internal")]


@frozen(kw_only=True)
class NewArticle:
    """A new article; its text is a draft until somebody releases it."""

    title: Title
    pattern: PatternName = ""
    body: Body = ""
    summary: Summary = ""
    space: SpaceName = ""
    category: CategoryName = ""
    kind: Kind = "how_to"
    language: Language = ""
    audience: Readers | None = None
    audience_of: ReadersOf = ()
    tags: Tags = ()
    owner_id: OwnerId | None = None
    note: Note = ""


@frozen(kw_only=True)
class Revised:
    """What is to be changed of a text; what is not given stays."""

    title: Title | UnsetType = UNSET
    summary: Summary | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    note: Note | UnsetType = UNSET


@frozen(kw_only=True)
class ArticleUpdate:
    """What is to be changed of where an article stands and whose it is; what is not given stays."""

    category: CategoryName | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    audience: Readers | UnsetType | None = UNSET
    audience_of: ReadersOf | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    owner_id: OwnerId | UnsetType | None = UNSET
    expire_at: Annotated[datetime, Input(title=_("Archived on"), classified="internal")] | UnsetType | None = UNSET


@frozen(kw_only=True)
class SpaceUpdate:
    """What is to be changed of a space; what is not given stays."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET
    four_eyes: FourEyes | UnsetType = UNSET
    verify_months: Months | UnsetType = UNSET
    hide_overdue: Hidden | UnsetType = UNSET
    active: Active | UnsetType = UNSET
