"""The way from the general page of an article's record to its own page."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit import CardLine, CrmSession, RecordPanel, texts
from crmkit_knowledge.articles.models import Article

_ = texts("crmkit_knowledge")


def panels(session: CrmSession, article: Article) -> Sequence[RecordPanel]:
    """Return the link to the page of an article, as the panel of its record."""
    path = f"/modules/knowledge/article?id={article.id}"
    return [RecordPanel(title=_("Knowledge base"), lines=[CardLine(title=_("Read and work on it"), path=path)])]
