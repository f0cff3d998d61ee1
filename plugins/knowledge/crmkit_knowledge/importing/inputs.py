"""What is taken over of an article, and what may be seen of it without looking into the base."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen

from crmkit import Input, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.inputs import (
    Body,
    CategoryName,
    Kind,
    Language,
    Readers,
    ReadersOf,
    Slug,
    SpaceName,
    Summary,
    Tags,
    Title,
)
from crmkit_knowledge.articles.writing import slug_of_text
from crmkit_knowledge.rendering.plain import plain_text

_ = texts("crmkit_knowledge")

IMPORT = "knowledge.article.import"
TITLE = 80
"""Characters of a title that is made."""
Became = Literal["created", "updated", "unchanged", "in_work"]
State = Literal["draft", "published", "needs_verification", "hidden", "archived"]


@frozen(kw_only=True)
class PastArticle:
    """An article that another system has. What is not given of one that is known stays."""

    source: Annotated[str, Input(title=_("System"), max_length=60, classified="internal")]
    external_id: Annotated[str, Input(title=_("External id"), max_length=200, classified="internal")]
    body: Body
    title: Title = ""
    summary: Summary = ""
    space: SpaceName = ""
    category: CategoryName = ""
    kind: Kind | None = None
    language: Language = ""
    tags: Tags | None = None
    audience: Readers | None = None
    audience_of: ReadersOf = ()
    slug: Slug = ""
    state: Annotated[State | None, Input(title=_("State"), classified="internal")] = None
    verify_on: Annotated[date | None, Input(title=_("Verify by"), classified="internal")] = None
    translates: Annotated[
        str, Input(title=_("Translation of"), help=_("Its address."), max_length=120, classified="public")
    ] = ""
    stale: Annotated[bool, Input(title=_("The translation is behind"), classified="internal")] = False
    number: Annotated[
        int | None, Input(title=_("Number"), help=_("Kept where it is free."), minimum=1, classified="public")
    ] = None
    id: Annotated[UUID | None, Input(title=_("Article"), classified="public")] = None
    publish: Annotated[bool, Input(title=_("Publish at once"), classified="internal")] = True


@frozen(kw_only=True)
class TakenOver:
    """What became of an article: its id and number, and whether it was made, was changed, said the same already, or is
    being worked on here and was left as it is."""

    id: UUID
    number: int
    became: Became


def title_of(past: PastArticle) -> str:
    """Return the title of an article; without one its first sentence, or as much of that as a title holds."""
    return " ".join(past.title.split()) or _first_words(past.body)


def check_slug(slug: str) -> None:
    """Raise InvalidInput for an address that is none."""
    if slug != slug_of_text(slug):
        raise problem("slug", _("An address has small letters, digits and single hyphens."))


def _first_words(body: str) -> str:
    said = next((line for line in plain_text(body[: TITLE * 50]).splitlines() if line.strip()), "")
    sentence = re.split(r"(?<=[.!?])\s|(?<=[。！？])", said, maxsplit=1)[0].strip()
    if len(sentence) <= TITLE:
        return sentence
    head, _space, _rest = sentence[:TITLE].rpartition(" ")
    return f"{head or sentence[: TITLE - 1]}…"
