"""What other plugins may import of knowledge; everything else may change at any time.

Articles are written and released by operations alone: ``knowledge.article.create``, ``knowledge.article.revise``,
``knowledge.article.submit``, ``knowledge.article.approve``, ``knowledge.article.release``; what is known of
customers by ``knowledge.insight.note``.
"""

from __future__ import annotations

from crmkit_knowledge.articles.events import (
    ArticleOverdue,
    ArticleReleased,
    ArticleSentBack,
    ArticleSubmitted,
    ArticleWithdrawn,
)
from crmkit_knowledge.articles.finding import article_numbered, space_named
from crmkit_knowledge.articles.models import Article, Category, PublicText, Revision, Space
from crmkit_knowledge.asked.logging import ask
from crmkit_knowledge.helpful.figures import helpfulness
from crmkit_knowledge.insights.models import Insight
from crmkit_knowledge.rendering import Rendered, plain_text, render
from crmkit_knowledge.suggesting.suggesting import suggest

__all__ = [
    "Article",
    "ArticleOverdue",
    "ArticleReleased",
    "ArticleSentBack",
    "ArticleSubmitted",
    "ArticleWithdrawn",
    "Category",
    "Insight",
    "PublicText",
    "Rendered",
    "Revision",
    "Space",
    "article_numbered",
    "ask",
    "helpfulness",
    "plain_text",
    "render",
    "space_named",
    "suggest",
]
