"""What articles have, for the hook module."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from crmkit import Resource, Searchable, SearchField, texts
from crmkit_knowledge.articles import events, models, readers, releasing, spaces, writing
from crmkit_knowledge.articles.words import SHOWN
from crmkit_knowledge.desk.panels import panels
from crmkit_knowledge.synonyms.finding import synonyms_of

_ = texts("crmkit_knowledge")


def _shown() -> ColumnElement[bool]:
    return and_(models.Article.state.in_(SHOWN))


MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.article",
        model=models.Article,
        title=_("Article"),
        plural=_("Articles"),
        columns=["number", "title", "kind", "state", "space_id", "category_id", "language", "owner_id", "verify_on"],
        sort="-number",
        search=["title"],
        icon="book",
        menu=False,
        panels=panels,
    ),
    Resource(
        name="knowledge.space",
        model=models.Space,
        title=_("Space"),
        plural=_("Spaces"),
        columns=["title", "name", "audience", "language", "four_eyes", "verify_months", "active"],
        sort="name",
        icon="book",
        menu=False,
    ),
    Resource(
        name="knowledge.category",
        model=models.Category,
        title=_("Category"),
        plural=_("Categories"),
        columns=["title", "name", "space_id", "parent_id", "position"],
        sort="position",
        icon="sitemap",
        menu=False,
    ),
    Resource(
        name="knowledge.public_text",
        model=models.PublicText,
        title=_("Text for customers"),
        plural=_("Texts for customers"),
        columns=["number", "title", "audience", "language", "released_at"],
        sort="-released_at",
        icon="world",
        menu=False,
    ),
]
SEARCHABLES = [
    Searchable(
        name="knowledge.article",
        model=models.Article,
        title=_("Article"),
        fields=[
            SearchField(name="title", part="title"),
            SearchField(name="summary", part="text"),
            SearchField(name="body", part="text"),
        ],
        shown=_shown,
        synonyms=synonyms_of,
    ),
    Searchable(
        name="knowledge.public_text",
        model=models.PublicText,
        title=_("Text for customers"),
        fields=[
            SearchField(name="title", part="title"),
            SearchField(name="summary", part="text"),
            SearchField(name="plain", part="text"),
        ],
        alone=True,
        synonyms=synonyms_of,
    ),
]
EVENTS = events.EVENTS
access_rules = readers.access_rules
OPERATIONS = [*spaces.OPERATIONS, *writing.OPERATIONS, *releasing.OPERATIONS]
JOBS = releasing.JOBS
