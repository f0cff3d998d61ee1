"""What is on record of an export. Must not know files."""

from __future__ import annotations

from sqlalchemy import func, select

from crmkit import CrmSession, operation, texts
from crmkit_knowledge.articles.models import Article

_ = texts("crmkit_knowledge")

EXPORT = "knowledge.article.export"


@operation(EXPORT, title=_("Export all articles"), permission=EXPORT, hidden=True)
def export_articles(session: CrmSession) -> int:
    """Have it on record that somebody takes all articles that they see out of the base; return how many these are."""
    return session.scalar(select(func.count()).select_from(Article)) or 0


OPERATIONS = [export_articles]
